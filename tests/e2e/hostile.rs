//! Text from the portal is data: it never reaches a terminal raw and never breaks a row, a line or
//! a document.

use serde_json::json;

use crate::harness::{Member, Outcome, club, list};

/// Names that try something: escape sequences, line ends, markup, bidirectional and invisible
/// characters, sheer size.
pub(crate) fn names() -> Vec<String> {
    vec![
        "\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7}after".to_owned(),
        "\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\".to_owned(),
        "\u{9b}31mred\u{85}next\u{90}x".to_owned(),
        "first\r\nBEGIN:VEVENT\nsecond\u{2028}third\u{2029}".to_owned(),
        "a | b | c\n| --- |\n- item\n# head".to_owned(),
        "[x](https://evil.example) <!channel> @here `code` **bold** _it_ <script>".to_owned(),
        "\u{202e}desrever\u{202c}\u{2066}x\u{2069}\u{200b}\u{feff}".to_owned(),
        "tag\u{e0041}\u{e0042} variant\u{fe0f} soft\u{ad}hyphen".to_owned(),
        "x".repeat(1_000_000),
        "\0\u{8}\u{7f}".to_owned(),
        String::new(),
    ]
}

pub(crate) fn run(name: &str, format: &str) -> Outcome {
    let sessions = json!([{
        "id": "A1",
        "name": name,
        "siteId": "UB",
        "webComments": name,
        "locations": [{
            "locationNameToDisplay": name,
            "locationDetails": [
                {"locationId": name, "locationName": name},
                {"locationId": "C2", "locationName": name},
            ],
            "slots": [
                {
                    "startTime": "2026-11-23T18:00:00Z",
                    "endTime": "2026-11-23T18:59:59Z",
                    "status": "Available",
                    "bookableFrom": "2026-11-16T00:00:00Z",
                    "bookableUntil": "2026-11-23T18:00:00Z",
                },
                {
                    "startTime": "2026-11-23T19:00:00Z",
                    "endTime": "2026-11-23T19:59:59Z",
                    "status": name,
                },
            ],
        }],
    }]);
    let club = club().sessions_json(sessions.to_string()).start();
    let member = Member::of(&club).asking_for("UB", "A1");
    let outcome = member.run(format!(
        "availability --all --color always --format {format}"
    ));
    outcome.assert_success();
    outcome
}

/// The colours that a table itself uses.
fn without_own_colours(text: &str) -> String {
    ["1", "2", "31", "32", "33", "0"]
        .iter()
        .fold(text.to_owned(), |text, code| {
            text.replace(&format!("\u{1b}[{code}m"), "")
        })
}

fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{ad}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Asserts that a text steers no terminal and hides nothing.
#[track_caller]
pub(crate) fn assert_printable(text: &str) {
    let hidden = text.chars().find(|char| *char != '\n' && is_hidden(*char));
    assert_eq!(hidden, None, "{text:?}");
}

#[test]
fn no_format_passes_on_what_a_name_tries() {
    for name in names() {
        for (format, lines) in [
            ("table", 5),
            ("markdown", 8),
            ("text", 8),
            ("html", 0),
            ("json", 1),
            ("ics", 0),
        ] {
            let outcome = run(&name, format);
            let start: String = name.chars().take(40).collect();
            let stdout = without_own_colours(&outcome.stdout).replace("\r\n", "\n");
            assert_printable(&stdout);
            assert_printable(&outcome.stderr);
            assert!(stdout.len() < 4000, "{format}: {start:?}: {}", stdout.len());
            if lines > 0 {
                assert!(
                    stdout.lines().count() <= lines,
                    "{format}: {start:?}: {stdout}"
                );
            }
        }
    }
}

#[test]
fn markdown_gets_no_markup_from_the_portal() {
    let stdout = run(
        "[x](https://evil.example) <!channel> `c` **b** | # ",
        "markdown",
    )
    .stdout;
    for line in stdout.lines().filter(|line| line.starts_with("- ")) {
        assert!(
            line.contains(r"\[x\](https:\//evil. example) &lt;\!channel&gt; \`c\` \*\*b\*\* \| \#"),
            "{line}"
        );
    }
    assert_eq!(
        stdout
            .lines()
            .filter(|line| line.starts_with('#') || line.starts_with('|'))
            .count(),
        0
    );
}

#[test]
fn a_name_with_an_address_is_no_link_in_a_chat() {
    for (name, told) in [
        ("Book at evil.example/login", "Book at evil. example/login"),
        (
            "evil.example @channel <!here>",
            r"evil. example \@channel &lt;\!here&gt;",
        ),
        ("www.evil.co.uk", "www. evil. co. uk"),
        ("St. Mary's No.1 (U.K.)", "St. Mary's No.1 (U.K.)"),
    ] {
        let stdout = run(name, "markdown").stdout;
        assert!(
            stdout.contains(&format!(" · {told} · ")),
            "{name}: {stdout}"
        );
        assert!(!stdout.contains("evil.example"), "{stdout}");
        assert!(
            name.starts_with("St.") || !stdout.contains(name),
            "{stdout}"
        );
    }
}

#[test]
fn an_ampersand_is_one_unless_it_begins_an_entity() {
    for (name, told) in [
        ("Basketball 1&2", "Basketball 1&2"),
        ("Halves 1&2; whole", "Halves 1&2; whole"),
        ("Rackets & Balls", "Rackets & Balls"),
        ("R&D; B&B", "R&amp;D; B&B"),
        ("Fun&Games&", "Fun&Games&"),
        ("&lt;b&gt; &LT;", "&amp;lt;b&amp;gt; &amp;LT;"),
        ("&lt script &gtx", "&amp;lt script &amp;gtx"),
        ("&#60;i &#x3c;", r"&amp;\#60;i &amp;\#x3c;"),
        ("AT&amp;T &quot &amp", "AT&amp;amp;T &amp;quot &amp;amp"),
        ("&commat;here &NewLine;", "&amp;commat;here &amp;NewLine;"),
    ] {
        let stdout = run(name, "markdown").stdout;
        assert!(
            stdout.contains(&format!(" · {told} · ")),
            "{name}: {stdout}"
        );
        // Whoever reads it as Markdown or HTML sees no markup.
        assert!(
            !stdout.contains("&lt;") && !stdout.contains("&#"),
            "{name}: {stdout}"
        );
    }
}

#[test]
fn a_calendar_stays_a_calendar() {
    for name in names() {
        let stdout = run(&name, "ics").stdout;
        assert!(stdout.ends_with("END:VCALENDAR\r\n"));
        assert!(!stdout.replace("\r\n", "").contains(['\r', '\n']));
        assert!(
            stdout.split("\r\n").all(|line| line.len() <= 75),
            "{stdout}"
        );
        let unfolded = stdout.replace("\r\n ", "");
        let known = [
            "BEGIN",
            "VERSION",
            "PRODID",
            "METHOD",
            "UID",
            "DTSTAMP",
            "LAST-MODIFIED",
            "SEQUENCE",
            "DTSTART",
            "DTEND",
            "SUMMARY",
            "LOCATION",
            "DESCRIPTION",
            "URL",
            "TRANSP",
            "END",
        ];
        for line in unfolded.split_terminator("\r\n") {
            let (property, _) = line.split_once(':').expect("a property");
            assert!(known.contains(&property), "{line}");
        }
        assert_eq!(unfolded.matches("\r\nBEGIN:VEVENT\r\n").count(), 2);
    }
}

#[test]
fn an_unknown_status_is_told_as_one_short_line() {
    for name in names() {
        let outcome = run(&name, "table");
        // A court whose name is dropped whole has no id either, which is a second warning.
        assert!(
            outcome.stderr.lines().count() <= 2 && outcome.stderr.len() < 300,
            "{:?}",
            outcome.stderr
        );
    }
}

#[test]
fn a_hostile_catalogue_is_printable_too() {
    let mut entries = Vec::new();
    for (index, name) in names().iter().enumerate() {
        let padel = format!("padel {name}");
        entries.push(json!({"id": format!("A{index}"), "name": padel, "description": name}));
        entries.push(json!({"id": name, "name": "padel with an odd id"}));
    }
    let club = club().activities_json(json!(entries).to_string()).start();
    let member = Member::of(&club);
    for args in [
        "activities",
        "activities --format markdown",
        "activities --json",
        "doctor",
    ] {
        let outcome = member.run(args);
        outcome.assert_success();
        assert_printable(&outcome.stdout);
        assert!(
            outcome.stdout.len() < 20_000,
            "{args:?}: {}",
            outcome.stdout.len()
        );
    }
    let json = member.run("activities --json").json();
    let ids: Vec<&str> = list(&json["activities"])
        .iter()
        .filter_map(|entry| entry["id"].as_str())
        .collect();
    assert!(
        ids.contains(&"A0") && ids.iter().all(|id| !id.contains(is_hidden)),
        "{ids:?}"
    );
}

#[test]
fn errors_that_quote_the_portal_quote_one_short_printable_line() {
    for name in names() {
        let slot = json!({"startTime": name, "endTime": name, "status": "Available"});
        let sessions = json!([{"id": "A1", "locations": [{"slots": [slot]}]}]);
        let club = club().sessions_json(sessions.to_string()).start();
        let member = Member::of(&club).asking_for("UB", "A1");
        let outcome = member.run("availability");
        outcome.assert_error("portal_changed", 5);
        assert_printable(&outcome.stderr);
        assert!(outcome.stderr.len() < 800, "{}", outcome.stderr.len());
    }
}
