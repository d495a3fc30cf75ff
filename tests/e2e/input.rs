//! Nonsense on the command line is a usage error that names the value and what is accepted; nothing
//! is sent.

use crate::harness::{Member, club};

/// Arguments, and what the message and hint must name.
const NONSENSE: &[(&[&str], &[&str])] = &[
    (&["book"], &["`book`", "only reads", "never books"]),
    (&["cancel", "1487048"], &["`cancel`", "only reads"]),
    (
        &["bookings", "--cancel", "1487048"],
        &["`--cancel`", "only reads"],
    ),
    (
        &["bookings", "--member", "sam"],
        &["`--member`", "own account only"],
    ),
    (&["availabilty"], &["did you mean `padel availability`?"]),
    (
        &["availability", "--frm", "18:00"],
        &["--frm", "did you mean `padel availability --from`?"],
    ),
    (
        &["--dat", "fri", "availability"],
        &["--dat", "did you mean `padel availability --date`?"],
    ),
    (
        &["availability", "tomorrow"],
        &["did you mean `padel availability --date tomorrow`?"],
    ),
    (
        &["availability", "--date"],
        &["`padel availability --help`"],
    ),
    (&["portal"], &["padel portal", "subcommand", "learn"]),
    (
        &["portal", "lern", "x.har"],
        &["did you mean `padel portal learn`? `padel portal --help`"],
    ),
    (&["help", "slots"], &["slots", "`padel --help`"]),
    (
        &["availability", "--date", "thurs", "--from", "18:00"],
        &["did you mean `padel availability --date thu --from 18:00`?"],
    ),
    (
        &["availability", "--date=next friday"],
        &["did you mean `padel availability --date next-fri`?"],
    ),
    (
        &["availability", "--site", "leisure centre", "--from", "6pm"],
        &["did you mean `padel availability --site 'leisure centre' --from 18:00`?"],
    ),
    (
        &["availability", "--date", "weekend"],
        &["did you mean `padel availability --weekday sat,sun`?"],
    ),
    (
        &["availability", "--duration", "90min"],
        &["did you mean `padel availability --duration 90`?"],
    ),
    (&["avail"], &["did you mean `padel availability`?"]),
    (&["courts"], &["did you mean `padel availability`?"]),
    (
        &["availability", "--date", "32nd"],
        &["32nd", "YYYY-MM-DD", "tomorrow", "weekday", "+N"],
    ),
    (
        &["availability", "--date", "2026-02-30"],
        &["2026-02-30", "calendar"],
    ),
    (
        &["availability", "--date", "26-1-1"],
        &["26-1-1", "YYYY-MM-DD"],
    ),
    (&["availability", "--date", "satur"], &["satur", "weekday"]),
    (&["availability", "--date", "-400"], &["-400", "-366"]),
    (
        &["availability", "--date", "last-x"],
        &["last-x", "last-sat"],
    ),
    (&["availability", "--date", "sat+60w"], &["sat+60w", "+52w"]),
    (
        &["availability", "--at", "19:00", "--from", "18:00"],
        &["--at", "--from"],
    ),
    (&["availability", "--at", "7pm"], &["7pm", "HH:MM"]),
    (&["availability", "--limit", "0"], &["0", "number"]),
    (&["availability", "--date", "+900"], &["+900", "+366"]),
    (&["availability", "--date", "+-1"], &["+-1", "YYYY-MM-DD"]),
    (&["availability", "--date", ""], &["--date", "YYYY-MM-DD"]),
    (
        &["availability", "--days", "0"],
        &["0", "a number from 1 to 60"],
    ),
    (
        &["availability", "--days", "61"],
        &["61", "a number from 1 to 60"],
    ),
    (
        &["availability", "--days", "week"],
        &["week", "--days", "a number from 1 to 60"],
    ),
    (
        &["availability", "--duration", "0"],
        &["0", "multiple of 5"],
    ),
    (&["availability", "--duration", "-30"], &["-30"]),
    (
        &["availability", "--duration", "61"],
        &["61", "multiple of 5"],
    ),
    (&["availability", "--duration", "1.5h"], &["1.5h", "60, 90"]),
    (
        &["availability", "--duration", "99999999999999999999"],
        &["99999999999999999999"],
    ),
    (&["availability", "--from", "25:00"], &["25:00", "HH:MM"]),
    (&["availability", "--from", "18"], &["18", "HH:MM"]),
    (
        &["availability", "--from", "24:00"],
        &["24:00", "next --date"],
    ),
    (
        &["availability", "--from", "24:00", "--to", "24:00"],
        &["24:00", "next --date"],
    ),
    (&["availability", "--from", "18:60"], &["18:60", "HH:MM"]),
    (&["availability", "--to", "24:01"], &["24:01", "HH:MM"]),
    (&["availability", "--to", "00:00"], &["00:00", "24:00"]),
    (
        &["availability", "--from", "20:00", "--to", "0:00"],
        &["0:00", "24:00"],
    ),
    (&["availability", "--to", "6pm"], &["6pm", "HH:MM"]),
    (
        &["availability", "--from", "20:00", "--to", "18:00"],
        &["20:00", "18:00", "before"],
    ),
    (
        &["availability", "--from", "20:00", "--to", "20:00"],
        &["before"],
    ),
    (
        &["availability", "--weekday", "caturday"],
        &["caturday", "mon"],
    ),
    (
        &["availability", "--weekday", "tue", "--days", "1"],
        &[
            "2026-11-23 (Monday) is not one of the weekdays in --weekday",
            "--days",
        ],
    ),
    (
        &["availability", "--weekday", "sun", "--days", "2"],
        &["none of the 2 days from 2026-11-23 (Monday) on"],
    ),
    (&["availability", "--format", "yaml"], &["yaml", "table"]),
    (
        &["availability", "--json", "--format", "table"],
        &["--json", "--format"],
    ),
    (
        &["availability", "--timeout", "0"],
        &["0", "a number of seconds from 1 to 600"],
    ),
    (
        &["availability", "--timeout", "abc"],
        &["abc", "a number of seconds from 1 to 600"],
    ),
    (&["availability", "--color", "blue"], &["blue"]),
    (&["availability", "-v", "-q"], &["--quiet"]),
    (
        &[
            "availability",
            "--club",
            "http://brunelsport.gladstonego.cloud",
        ],
        &["http://brunelsport", "https"],
    ),
    (
        &[
            "availability",
            "--club",
            "https://me:secret@brunelsport.gladstonego.cloud",
        ],
        &["user name"],
    ),
    (&["availability", "--club", "a b"], &["a b", "letters"]),
    (
        &["availability", "--club", "ftp://x"],
        &["ftp://x", "https"],
    ),
    (
        &["availability", "--activity", "PADEL60?x=1"],
        &["PADEL60?x=1", "--activity"],
    ),
    (
        &["availability", "--activity", "A\u{1b}[31m"],
        &["--activity"],
    ),
    (&["availability", "--site", "a\nb"], &["--site"]),
    (&["availability", "--site", "a,b"], &["a,b", "comma"]),
    (&["availability", "--site", ""], &["--site"]),
    (&["activities", "--format", "ics"], &["ics", "availability"]),
    (&["doctor", "--format", "ics"], &["ics", "availability"]),
    (&["completions", "tcsh"], &["tcsh", "bash"]),
    (&["completions"], &["SHELL"]),
];

#[test]
fn nonsense_is_a_usage_error_that_names_it() {
    let club = club().start();
    club.never_called();
    for (args, named) in NONSENSE {
        let outcome = Member::of(&club).run(*args);
        outcome.assert_error("usage", 2);
        for name in *named {
            assert!(
                outcome.stderr.contains(name),
                "{args:?} should name {name}: {}",
                outcome.stderr
            );
        }
        assert!(
            outcome
                .stderr
                .chars()
                .all(|char| char == '\n' || !char.is_control()),
            "{args:?}"
        );
        outcome.assert_stderr_lacks("secret");
    }
}

#[test]
fn what_padel_cannot_do_leads_to_the_clubs_own_page() {
    let club = club().start();
    let member = Member::of(&club);
    for args in [
        "book",
        "availability --book",
        "bookings --cancel 1487048",
        "bookings --member sam",
        "bookings",
        "login",
    ] {
        let page = format!(" {}", club.url());
        member.run(args).assert_stderr_has(&page);
        let error = member.run(format!("{args} --json")).error_json();
        assert_eq!(error["details"]["link"], club.url(), "{args}");
    }
    for args in ["--club brunelsport book", "cancel --club=brunelsport"] {
        let page = "https://brunelsport.gladstonego.cloud;";
        member.run(args).assert_stderr_has(page);
    }
    let nowhere = Member::new().run("book");
    nowhere.assert_stderr_has("at the club itself;");
    club.never_called();
}

#[test]
fn nothing_is_suggested_that_is_not_nearly_the_same_word() {
    for (args, never) in [
        ("slots", "logout"),
        ("availability --cour 3", "--color"),
        ("availability --cache", "--no-cache"),
        ("bookings --frm 18:00", "--format"),
    ] {
        Member::new()
            .run(args)
            .assert_error("usage", 2)
            .assert_stderr_lacks(never)
            .assert_stderr_has("--help` shows");
    }
}

#[test]
fn a_bare_call_shows_the_help_and_fails() {
    let outcome = Member::new().run([]);
    assert_eq!((outcome.code, &*outcome.stdout), (2, ""));
    assert_eq!(outcome.stderr, Member::new().run("--help").stdout);
}

#[test]
fn help_is_a_command_too() {
    for command in ["", "availability", "portal learn"] {
        let help = Member::new().run(format!("help {command}"));
        help.assert_success();
        assert_eq!(
            help.stdout,
            Member::new().run(format!("{command} --help")).stdout
        );
    }
}

#[test]
fn nonsense_is_told_in_json_where_json_is_wanted() {
    for form in ["--json", "--format json", "--format=json"] {
        let outcome = Member::new().run(format!("availability --date x {form}"));
        outcome.assert_error("usage", 2);
        assert!(outcome.stderr.starts_with('{'), "{outcome:?}");
    }
}
