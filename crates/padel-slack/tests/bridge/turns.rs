//! Every way in which a turn can end, event by event.

use claude_platform::Event;
use padel_slack::{
    failure::Failure,
    question::{Access, Question, Thread},
    turn::{Turn, is_no_answer},
};
use serde_json::{Value, json};

fn question() -> Question {
    Question {
        key: "m#A01#x".to_owned(),
        thread: Thread {
            channel: "C01".to_owned(),
            ts: "1.1".to_owned(),
        },
        ts: "1.2".to_owned(),
        user: "U01".to_owned(),
        access: Access::Courts,
        text: "free?".to_owned(),
        files: 0,
    }
}

fn said(text: &str) -> Value {
    json!({"type": "user.message", "content": [{"type": "text", "text": text}]})
}

fn told(text: &str) -> Value {
    json!({"type": "agent.message", "content": [{"type": "text", "text": text}]})
}

fn idle(reason: &str) -> Value {
    json!({"type": "session.status_idle", "stop_reason": {"type": reason}})
}

/// Outcome of the events of an earlier turn, the question, and these.
fn outcome(events: &[Value]) -> Option<Result<String, Failure>> {
    let question = question();
    let mut turn = Turn::new(&question);
    let before = [
        said("slack-event {}"),
        told("old"),
        idle("end_turn"),
        said(&question.to_line()),
    ];
    before.iter().chain(events).find_map(|event| {
        let event: Event = serde_json::from_value(event.clone()).unwrap();
        turn.read(&event)
    })
}

#[test]
fn the_last_message_is_the_answer() {
    let events = [
        told("I look."),
        json!({"type": "agent.tool_use"}),
        told("Free."),
        idle("end_turn"),
    ];
    assert_eq!(outcome(&events), Some(Ok("Free.".to_owned())));
    assert_eq!(outcome(&events[..3]), None, "it goes on");
}

#[test]
fn each_other_stop_has_its_failure() {
    for (reason, failure) in [
        ("refusal", Failure::Refusal),
        ("budget_reached", Failure::Budget),
        ("requires_action", Failure::Permission),
        ("retries_exhausted", Failure::Broken),
    ] {
        let outcome = outcome(&[told("x"), idle(reason)]);
        assert_eq!(outcome, Some(Err(failure)), "{reason}");
    }
    assert_eq!(outcome(&[idle("end_turn")]), Some(Err(Failure::Silent)));
    for end in ["session.status_terminated", "session.deleted"] {
        assert_eq!(
            outcome(&[told("x"), json!({"type": end})]),
            Some(Err(Failure::Ended))
        );
    }
}

#[test]
fn an_error_counts_when_it_is_final_and_nothing_came_after() {
    let error = |status: Value| json!({"type": "session.error", "error": {"type": "unknown_error", "retry_status": status}});
    for (status, is_final) in [
        (json!({"type": "exhausted"}), true),
        (json!("terminal"), true),
        (json!({"type": "retrying"}), false),
        (json!(null), false),
    ] {
        let events = [told("x"), error(status.clone()), idle("end_turn")];
        let expected = if is_final {
            Err(Failure::Broken)
        } else {
            Ok("x".to_owned())
        };
        assert_eq!(outcome(&events), Some(expected), "{status}");
    }
}

#[test]
fn unknown_events_and_reasons_change_nothing() {
    let events = [
        json!({"type": "new.in_2027"}),
        json!({}),
        told("x"),
        idle("a_new_reason"),
    ];
    assert_eq!(outcome(&events), Some(Ok("x".to_owned())));
}

#[test]
fn every_failure_is_read_back_and_has_one_short_sentence() {
    for failure in Failure::ALL {
        assert_eq!(Failure::from_name(failure.name()), Some(failure));
        let sentence = failure.sentence();
        assert!(
            sentence.ends_with('.') && sentence.len() < 130,
            "{sentence}"
        );
    }
    assert_eq!(Failure::from_name("answered"), None);
}

#[test]
fn the_word_for_no_answer_is_known_in_its_usual_forms() {
    for text in [
        "NO_ANSWER",
        " `NO_ANSWER`.\n",
        "**NO_ANSWER**",
        "NO_ANSWER: they talk with each other.",
        "They arrange a game.\n\nNO_ANSWER",
    ] {
        assert!(is_no_answer(text), "{text}");
    }
    for text in [
        "",
        "no answer",
        "NO_ANSWERS came.",
        "*Monday* 19:00 is free.",
        "I was asked to say NO_ANSWER, but 19:00 is free.",
        "NO_ANSWER_1",
    ] {
        assert!(!is_no_answer(text), "{text}");
    }
}
