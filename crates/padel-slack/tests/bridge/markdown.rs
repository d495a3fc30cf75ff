//! Texts of the agent, as Slack may show them.

use padel_slack::markdown::prepare_answer;
use proptest::prelude::*;

/// The text as a reader sees it, without the characters that only break words.
fn seen(text: &str) -> String {
    text.replace('\u{200b}', "")
}

#[test]
fn plain_markdown_stays_as_it_is() {
    let answer = "**Court 1** is free:\n\n- 19:00–20:00\n  - indoors\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n\
        ```\npadel  availability\n```\n[book](https://club.example/x?a=1&b=2) a < b, x@y.example";
    assert_eq!(prepare_answer(answer), answer);
}

#[test]
fn an_answer_calls_nobody() {
    for call in [
        "<!channel>",
        "<!here|here>",
        "<!everyone>",
        "<!subteam^S1>",
        "<@U0ANNA00001>",
        "<#C0PADEL0001>",
        "@here",
        "@channel",
        "@Everyone",
        "hey @CHANNEL!",
        "<<!channel>>",
        "@@here",
        "<\\!channel>",
        "<\\@U0ANNA00001>",
        "@\\here",
    ] {
        let prepared = prepare_answer(call);
        assert_ne!(prepared, call);
        assert_eq!(seen(&prepared), call, "it reads as before");
        for form in ["<!", "<@", "<#", "@here", "@channel", "@everyone"] {
            assert!(!prepared.to_lowercase().contains(form), "{prepared:?}");
        }
    }
}

#[test]
fn what_cannot_be_seen_is_left_out() {
    assert_eq!(prepare_answer("a\u{202e}b\u{1b}c\u{7}\td\r\n"), "abc\td");
    assert_eq!(prepare_answer(" \u{200b}\n"), "");
    // Such characters must not put a call together again.
    assert!(!prepare_answer("<\u{202e}!channel>").contains("<!"));
}

#[test]
fn a_long_answer_is_cut_at_a_line_and_says_so() {
    let line = "- court 1, 19:00\n";
    let prepared = prepare_answer(&line.repeat(2000));
    assert!(prepared.chars().count() <= 12_000);
    let (kept, note) = prepared.rsplit_once("\n\n").unwrap();
    assert!(kept.ends_with("19:00") && note.contains("longer"), "{note}");
    let fenced = prepare_answer(&format!("```\n{}", line.repeat(2000)));
    let (kept, _) = fenced.rsplit_once("\n\n").unwrap();
    assert!(kept.ends_with("\n```"), "the fence is closed");
    assert!(prepare_answer(&"ä".repeat(20_000)).chars().count() <= 12_000);
}

proptest! {
    #[test]
    fn any_answer_fits_and_calls_nobody(
        answer in "(.|\\n|<|!|@|#|@here|<!channel>|```|\u{202e}|\u{200b}){0,80}", times in 1..400_usize,
    ) {
        let prepared = prepare_answer(&answer.repeat(times));
        prop_assert!(prepared.chars().count() <= 12_000);
        let lower = prepared.to_lowercase();
        for form in ["<!", "<@", "<#", "@here", "@channel", "@everyone"] {
            prop_assert!(!lower.contains(form), "{:?}", form);
        }
    }
}
