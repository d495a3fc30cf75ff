//! Nonsense on the command line is a usage error that names the value and what is accepted; nothing is sent.

use crate::harness::{Member, club};

/// Arguments, and what the message and hint must name.
const NONSENSE: &[(&[&str], &[&str])] = &[
    (&[], &["subcommand"]),
    (&["book"], &["book"]),
    (&["availability", "--frm", "18:00"], &["--frm", "--from"]),
    (&["availability", "--date", "32nd"], &["32nd", "YYYY-MM-DD", "tomorrow", "weekday", "+N"]),
    (&["availability", "--date", "2026-02-30"], &["2026-02-30", "calendar"]),
    (&["availability", "--date", "26-1-1"], &["26-1-1", "YYYY-MM-DD"]),
    (&["availability", "--date", "satur"], &["satur", "weekday"]),
    (&["availability", "--date", "-1"], &["-1", "YYYY-MM-DD"]),
    (&["availability", "--date", "+900"], &["+900", "+366"]),
    (&["availability", "--date", "+-1"], &["+-1", "YYYY-MM-DD"]),
    (&["availability", "--date", ""], &["--date", "YYYY-MM-DD"]),
    (&["availability", "--days", "0"], &["0", "1..=60"]),
    (&["availability", "--days", "61"], &["61", "1..=60"]),
    (&["availability", "--days", "x"], &["x", "--days"]),
    (&["availability", "--duration", "0"], &["0", "multiple of 5"]),
    (&["availability", "--duration", "-30"], &["-30"]),
    (&["availability", "--duration", "61"], &["61", "multiple of 5"]),
    (&["availability", "--duration", "1.5h"], &["1.5h", "60, 90"]),
    (&["availability", "--duration", "99999999999999999999"], &["99999999999999999999"]),
    (&["availability", "--from", "25:00"], &["25:00", "HH:MM"]),
    (&["availability", "--from", "18"], &["18", "HH:MM"]),
    (&["availability", "--from", "18:60"], &["18:60", "HH:MM"]),
    (&["availability", "--to", "24:01"], &["24:01", "HH:MM"]),
    (&["availability", "--to", "6pm"], &["6pm", "HH:MM"]),
    (&["availability", "--from", "20:00", "--to", "18:00"], &["20:00", "18:00", "before"]),
    (&["availability", "--from", "20:00", "--to", "20:00"], &["before"]),
    (&["availability", "--weekday", "caturday"], &["caturday", "mon"]),
    (&["availability", "--weekday", "tue", "--days", "1"], &["Monday", "--days"]),
    (&["availability", "--format", "yaml"], &["yaml", "table"]),
    (&["availability", "--json", "--format", "table"], &["--json", "--format"]),
    (&["availability", "--timeout", "0"], &["0", "1..=600"]),
    (&["availability", "--color", "blue"], &["blue"]),
    (&["availability", "-v", "-q"], &["--quiet"]),
    (&["availability", "--club", "http://brunelsport.gladstonego.cloud"], &["http://brunelsport", "https"]),
    (&["availability", "--club", "https://me:secret@brunelsport.gladstonego.cloud"], &["user name"]),
    (&["availability", "--club", "a b"], &["a b", "letters"]),
    (&["availability", "--club", "ftp://x"], &["ftp://x", "https"]),
    (&["availability", "--activity", "PADEL60?x=1"], &["PADEL60?x=1", "--activity"]),
    (&["availability", "--activity", "A\u{1b}[31m"], &["--activity"]),
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
        let outcome = Member::of(&club).run(args);
        assert_eq!((outcome.error().as_str(), outcome.code), ("usage", 2), "{args:?}: {outcome:?}");
        for name in *named {
            assert!(outcome.stderr.contains(name), "{args:?} should name {name}: {}", outcome.stderr);
        }
        assert!(outcome.stderr.chars().all(|char| char == '\n' || !char.is_control()), "{args:?}");
        assert!(!outcome.stderr.contains("secret"), "{args:?}");
    }
}

#[test]
fn nonsense_is_told_in_json_where_json_is_wanted() {
    for form in [&["--json"][..], &["--format", "json"], &["--format=json"]] {
        let outcome = Member::new().run(&[&["availability", "--date", "x"], form].concat());
        assert_eq!((outcome.error().as_str(), outcome.code), ("usage", 2));
        assert!(outcome.stderr.starts_with('{'), "{outcome:?}");
    }
}
