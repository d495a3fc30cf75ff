//! Each format, to the letter.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{Member, assert_width, club, list, without_port};

const EVENING: &str = "availability --date sat --from 18:00 --duration 90";

fn evening(args: &str) -> String {
    let club = club().seed(3).start();
    let outcome = Member::of(&club).run(format!("{EVENING} {args}"));
    without_port(&outcome.assert_quiet_success().stdout, &club)
}

#[test]
fn a_table_for_people() {
    insta::assert_snapshot!(evening(""), @"
    Saturday 28 November 2026 · from 18:00 · 90 min · Riverside Padel Centre · 127.0.0.1:PORT · 2 courts free, from 18:15
      18:15–19:45  Padel Court 3, 4 (3 × 30 min)
      18:45–20:15  Padel Court 3 (3 × 30 min)
      19:15–20:45  Padel Court 3
      book at http://127.0.0.1:PORT
    ");
}

#[test]
fn a_table_on_a_phone() {
    let club = club().seed(3).start();
    let member = Member::of(&club).env("COLUMNS", "40");
    let stdout = member.run(EVENING).stdout;
    assert_width(&stdout, 40);
    insta::assert_snapshot!(without_port(&stdout, &club), @"
    Saturday 28 November 2026 · from 18:00
      90 min · Riverside Padel Centre
      127.0.0.1:PORT
      2 courts free, from 18:15
      18:15–19:45  Padel Court 3, 4 (3 × 30
                   min)
      18:45–20:15  Padel Court 3 (3 × 30
                   min)
      19:15–20:45  Padel Court 3
      book at http://127.0.0.1:PORT
    ");
}

#[test]
fn what_is_too_wide_for_columns_is_stacked() {
    let club = club().start();
    let member = crate::harness::member(&club).env("COLUMNS", "80");
    let stdout = member.run("bookings --limit 2").stdout;
    insta::assert_snapshot!(without_port(&stdout, &club), @"
    10 upcoming bookings · 127.0.0.1:PORT
      Tue 24 Nov 2026  Padel 60 Mins · Padel Court 2 · Riverside Padel Centre
      19:00–20:00      Booked · ref 1487048
      Thu 26 Nov 2026  Padel 90 Mins · Padel Court 3 · Riverside Padel Centre
      18:00–19:30      Booked · ref 1487049
      8 more with --limit 10
      change or cancel at http://127.0.0.1:PORT
    ");
}

#[test]
fn an_evening_a_day_and_a_week_fit_a_screen() {
    let club = club().start();
    for (args, width, most) in [
        ("--date sat --from 17:00 --to 22:00", "80", 9),
        ("--date sat --from 17:00 --to 22:00", "40", 14),
        ("", "80", 20),
        ("--date sat", "80", 20),
        ("--date wed", "80", 20),
        ("--date sat --duration 60", "80", 20),
        ("--days 7", "80", 14),
    ] {
        let member = Member::of(&club).env("COLUMNS", width);
        let stdout = member.run(format!("availability {args}")).stdout;
        assert_width(&stdout, width.parse().expect("a width"));
        let count = stdout.lines().count();
        assert!(count <= most, "{args} {width}: {count} lines\n{stdout}");
    }
}

#[test]
fn a_week_for_people() {
    let club = club().start();
    let member = Member::of(&club).env("COLUMNS", "80");
    let stdout = member
        .run("availability --days 8 --from 17:00 --date +3")
        .stdout;
    insta::assert_snapshot!(without_port(&stdout, &club), @"
    8 days from Thursday 26 November 2026 · from 17:00 · 127.0.0.1:PORT
      6 courts free on 6 days · the first Thu 26 Nov 17:00
                 17 18 19 20 21
      Thu 26 Nov  3  3  3  2  5
      Fri 27 Nov  5  3  2  2  3
      Sat 28 Nov  4  3  2  1  ·
      Sun 29 Nov  5  3  2  2  ·
      Mon 30 Nov  3  1  3  3  2
      Tue 1 Dec   2  ·  ·  1  ·
      Wed 2 Dec  nothing free yet, bookable from Tue 24 Nov 00:00
      Thu 3 Dec  nothing free yet, bookable from Wed 25 Nov 00:00
      Each number: the courts on which a game can begin in that hour. For times and
      courts ask for one day, such as --date sat.
      book at http://127.0.0.1:PORT
    ");
    let colours = member.run("availability --days 7 --color always").stdout;
    assert!(colours.contains("\u{1b}[32m  4\u{1b}[0m"), "{colours:?}");
}

#[test]
fn a_game_that_is_shorter_than_asked_for_says_so() {
    let club = club().start();
    let ask = |args: &str| {
        let stdout = Member::of(&club).run(format!("availability {args}")).stdout;
        without_port(&stdout, &club)
    };
    // Each court in a row with its starts, and each time with its courts.
    for (args, told) in [
        (
            "--date sat --duration 60",
            "  Padel 1  09:00, 11:00–17:00 every 60 min (55 min each)\n",
        ),
        (
            "--date sat --duration 95",
            "  Padel Court 4  12:45–15:15 every 30 min (90 min each)\n",
        ),
        (
            "--date sat --from 18:00 --duration 95",
            "  19:15–20:45  Padel Court 2 (90 min)\n",
        ),
        (
            "--date sat --duration 390",
            "  11:00–17:55  Padel 1 (7 × 55 min)\n",
        ),
    ] {
        let stdout = ask(args);
        assert!(stdout.contains(told), "{args}: {stdout}");
    }
    assert!(!ask("--date sat --duration 90").contains("(90 min)"));
}

#[test]
fn a_week_without_a_court_says_why_and_what_there_is() {
    let club = club().start();
    let member = Member::of(&club).env("COLUMNS", "80");
    let stdout = member.run("availability --days 7 --duration 45").stdout;
    insta::assert_snapshot!(without_port(&stdout, &club), @"
    7 days from Monday 23 November 2026 · 45 min · 127.0.0.1:PORT · nothing free
      Mon 23 Nov  no 45-minute slots left
      Tue 24 Nov–Sun 29 Nov  no 45-minute slots
      Mon 23 Nov: 55-minute ones are free at 11:00, 12:00, 13:00 and 6 more times
      at Riverside Leisure Centre
      book at http://127.0.0.1:PORT
    ");
    let args = "availability --days 60 --from 06:00 --to 06:30 --format markdown";
    let stdout = member.run(args).stdout;
    insta::assert_snapshot!(without_port(&stdout, &club), @"
    **60 days from Monday 23 November 2026**, 06:00–06:30, at 127.0.0.1:PORT: nothing free

    ```
    Mon 23 Nov  no slots left at these hours
    Tue 24 Nov–Thu 21 Jan  no slots at these hours
    ```

    Mon 23 Nov: at other hours: from 09:30 on Padel Court 1 at Riverside Padel Centre

    Book: http://127.0.0.1:PORT
    ");
}

#[test]
fn plain_lines_for_a_chat_without_markdown() {
    insta::assert_snapshot!(evening("--format text"), @"
    Saturday 28 November 2026, from 18:00, 90 min, Riverside Padel Centre, at 127.0.0.1:PORT: 2 courts free, from 18:15

    18:15–19:45 Padel Court 3, 4 (3 × 30 min)
    18:45–20:15 Padel Court 3 (3 × 30 min)
    19:15–20:45 Padel Court 3

    Book: 18:15 Padel Court 3 http://127.0.0.1:PORT/book/details?activityEndTime=2026-11-28T18:44:59.000Z&activityGroupId=PADEL&activityId=PADEL30&activityStartTime=2026-11-28T18:15:00.000Z&locationId=PC3&siteId=UB
    ");
}

#[test]
fn markdown_for_a_chat() {
    insta::assert_snapshot!(evening("--format markdown"), @"
    **Saturday 28 November 2026**, from 18:00, 90 min, Riverside Padel Centre, at 127.0.0.1:PORT: 2 courts free, from 18:15

    - 18:15–19:45 Padel Court 3, 4 (3 × 30 min)
    - 18:45–20:15 Padel Court 3 (3 × 30 min)
    - 19:15–20:45 Padel Court 3

    Book: [18:15 Padel Court 3](http://127.0.0.1:PORT/book/details?activityEndTime=2026-11-28T18:44:59.000Z&activityGroupId=PADEL&activityId=PADEL30&activityStartTime=2026-11-28T18:15:00.000Z&locationId=PC3&siteId=UB)
    ");
}

#[test]
fn no_answer_is_too_long_for_a_chat() {
    let club = club().courts(8).start();
    let mut grids = 0;
    for width in ["", "40", "80"] {
        let member = crate::harness::member(&club).env("COLUMNS", width);
        for question in [
            "availability",
            "availability --all",
            "availability --days 6",
            "availability --days 7",
            "availability --days 7 --all",
            "availability --days 7 --duration 60",
            "availability --days 60",
            "availability --days 60 --from 07:00 --to 23:00 --duration 90",
            "bookings",
            "bookings --history",
            "activities",
            "doctor",
        ] {
            for format in ["table", "markdown", "text"] {
                let args = format!("{question} --format {format}");
                let outcome = member.run(&args);
                let length = outcome.stdout.chars().count();
                assert!(
                    outcome.code == 0 && length <= 8000,
                    "{question} {format} {width}: {length}"
                );
                let told = outcome
                    .stdout
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ");
                let is_grid = told.contains("For times and courts ask for one day");
                let is_long = ["--days 7", "--days 60", "--all"]
                    .iter()
                    .any(|option| question.contains(option));
                grids += usize::from(is_grid);
                assert!(is_long || !is_grid, "{question} {format} {width}");
                // Lines to copy and paths must not be broken.
                let copied = "activities doctor".contains(question);
                let wide = width.parse().ok().filter(|_| format == "table" && !copied);
                let over = outcome
                    .stdout
                    .lines()
                    .find(|line| wide.is_some_and(|width| line.chars().count() > width));
                assert!(over.is_none(), "{question} {format} {width}: {over:?}");
            }
        }
    }
    assert!(grids > 30, "{grids}");
}

#[test]
fn a_day_among_sixty_has_a_line_of_its_own() {
    let club = club().start();
    let member = Member::of(&club);
    let stdout = member
        .run("availability --days 60 --format markdown")
        .stdout;
    let stdout = without_port(&stdout, &club);
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(
        lines[0],
        "**60 days from Monday 23 November 2026** at 127.0.0.1:PORT: 6 courts free on 9 days, \
         the first Mon 23 Nov 09:30"
    );
    let days: Vec<&&str> = lines.iter().filter(|line| line.contains(" Jan ")).collect();
    assert_eq!(days.len(), 21);
    // The sites open one after the other; there is room for the first.
    assert_eq!(
        lines[13],
        "Wed 2 Dec   nothing free yet, bookable from Tue 24 Nov 00:00"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_of_another_locale_gets_plain_characters() {
    let club = club().seed(3).start();
    let [plain, full] = ["C", "en_GB.UTF-8"].map(|locale| {
        let member = Member::of(&club).env("LANG", locale);
        crate::setup::on_terminal(&member, EVENING, &[]).stdout
    });
    assert!(
        plain.is_ascii() && plain.contains("  18:15-19:45  Padel Court 3, 4 (3 x 30 min)"),
        "{plain}"
    );
    assert!(
        plain.starts_with(
            "Saturday 28 November 2026 - from 18:00 - 90 min - Riverside Padel Centre"
        ),
        "{plain}"
    );
    assert_eq!(full.replace(['–', '·'], "-").replace('×', "x"), plain);
    // Output that a program reads does not depend on the locale.
    Member::of(&club)
        .env("LANG", "C")
        .run(EVENING)
        .assert_stdout_has("18:15–19:45");
}

#[test]
fn an_id_on_a_phone_can_be_copied() {
    let club = club().start();
    let member = crate::harness::member(&club).env("COLUMNS", "30");
    let stdout = member.run("activities --site 14 --all").stdout;
    let (told, _) = stdout
        .split_once("\nFor config.toml\n")
        .expect("lines to copy");
    insta::assert_snapshot!(without_port(told, &club), @"
    Sites of 127.0.0.1:PORT
         UB  Riverside Padel
             Centre
      *  14  Riverside Leisure
             Centre

    Activities (* in use)
         014A200101  Badminton 40
                     Mins
         014A200102  Badminton 60
                     Mins
                     Badminton
      *  014A001015  Padel Tennis
         014A300001  Sports Hall
                     Full
    ");
    let stdout = member.run("bookings --limit 1").stdout;
    assert_width(&stdout, 30);
}

#[test]
fn all_states_are_told_apart() {
    let club = club().seed(3).start();
    let member = Member::of(&club);
    let args = "availability --date +8 --from 20:00 --activity PADEL60 --all";
    let stdout = member.run(args).stdout;
    insta::assert_snapshot!(without_port(&stdout, &club), @"
    Tuesday 1 December 2026 · from 20:00 · Padel 60 Mins · Riverside Padel Centre · 127.0.0.1:PORT · nothing free yet
      20:00–21:00  60 min · Padel Court 1, 3 · Padel 60 Mins · opens Tue 24 Nov 00:00
      20:00–21:00  60 min · Padel Court 2, 4 · Padel 60 Mins · taken
      21:00–22:00  60 min · Padel Court 1, 2 · Padel 60 Mins · taken
      21:00–22:00  60 min · Padel Court 3, 4 · Padel 60 Mins · opens Tue 24 Nov 00:00
      not open yet: bookable from Tue 24 Nov 00:00
      book at http://127.0.0.1:PORT
    ");
}

#[test]
fn a_calendar() {
    let club = club().seed(3).start();
    let member = Member::of(&club);
    let args = "availability --date sat --from 19:00 --activity PADEL90 --format ics";
    let first = member.run(args).stdout;
    assert_eq!(
        member
            .env("PADEL_NOW", "2026-11-23T10:00:00Z")
            .run(args)
            .stdout
            .replace("T100000Z", "T090000Z")
            .replace("217591200", "217587600"),
        first
    );
    let stdout = without_port(&first, &club).replace("\r\n", "\n");
    insta::assert_snapshot!(stdout, @r"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//padel//padel 0.1.0//EN
    METHOD:PUBLISH
    BEGIN:VEVENT
    UID:20261128T191500Z-20261128T204500Z-UB-PADEL90-PC3@127.0.0.1
    DTSTAMP:20261123T090000Z
    LAST-MODIFIED:20261123T090000Z
    SEQUENCE:217587600
    DTSTART:20261128T191500Z
    DTEND:20261128T204500Z
    SUMMARY:Padel Court 3 free (90 min)
    LOCATION:Padel Court 3\, 127.0.0.1:PORT
    DESCRIPTION:Padel 90 Mins
    URL:http://127.0.0.1:PORT/book/details?activityEndTime=2026-11-28T20:44:59
     .000Z&activityGroupId=PADEL&activityId=PADEL90&activityStartTime=2026-11-2
     8T19:15:00.000Z&locationId=PC3&siteId=UB
    TRANSP:TRANSPARENT
    END:VEVENT
    END:VCALENDAR
    ");
}

fn keys(value: &Value) -> Vec<&String> {
    value.as_object().expect("an object").keys().collect()
}

#[test]
fn json_has_every_field_of_version_1() {
    let club = club().seed(3).start();
    let document = Member::of(&club).json(EVENING);
    assert_eq!(document["schema"], "padel.availability/v1");
    insta::assert_debug_snapshot!(keys(&document), @r#"
    [
        "club",
        "generated_at",
        "query",
        "schema",
        "sites",
        "slots",
        "summary",
        "timezone",
        "warnings",
    ]
    "#);
    insta::assert_debug_snapshot!(keys(&document["query"]), @r#"
        [
            "activities",
            "all",
            "at",
            "courts",
            "date",
            "days",
            "duration_minutes",
            "from",
            "limit",
            "sites",
            "to",
            "weekday",
            "weekdays",
        ]
        "#);
    insta::assert_debug_snapshot!(keys(&document["slots"][0]), @r#"
    [
        "activity",
        "activity_id",
        "bookable_from",
        "bookings",
        "court",
        "court_ids",
        "court_key",
        "date",
        "duration_minutes",
        "end",
        "end_at",
        "link",
        "site_id",
        "start",
        "start_at",
        "state",
        "weekday",
    ]
    "#);
    insta::assert_debug_snapshot!(keys(&document["summary"]), @r#"
    [
        "closed",
        "courts_free",
        "free",
        "next_opens_at",
        "opens_later",
        "taken",
    ]
    "#);
}

#[test]
fn colour_only_where_it_is_welcome() {
    let club = club().start();
    let member = Member::of(&club);
    assert!(
        !member.run("availability").stdout.contains('\u{1b}'),
        "no terminal"
    );
    assert!(
        member
            .run("availability --color always")
            .stdout
            .contains("\u{1b}[1m")
    );
    assert!(
        !member
            .run("availability --color always --format markdown")
            .stdout
            .contains('\u{1b}')
    );
}

#[test]
fn the_doctor_reports_in_every_format() {
    let club = club().start();
    let member = Member::of(&club);
    let document = member.json("doctor");
    assert_eq!(document["schema"], "padel.doctor/v1");
    let names: Vec<&str> = list(&document["checks"])
        .iter()
        .filter_map(|check| check["name"].as_str())
        .collect();
    let all = [
        "padel",
        "club",
        "timezone",
        "sites",
        "activities",
        "sport",
        "credentials",
        "profile",
        "cache",
        "proxy",
        "trusted certificates",
        "portal",
        "clock",
        "availability",
        "matched",
    ];
    assert_eq!(names, all);
    for format in ["table", "markdown"] {
        let stdout = member.run(["doctor", "--format", format]).stdout;
        assert!(names.iter().all(|name| stdout.contains(name)), "{stdout}");
    }
}

fn count(activities: &Value) -> usize {
    list(&activities["activities"]).len()
}

#[test]
fn activities_mark_what_is_in_use() {
    let club = club().start();
    let member = Member::of(&club);
    let few = member.json("activities");
    let all = member.json("activities --all");
    assert_eq!(few["more"], count(&all) - count(&few));
    assert!(
        list(&few["activities"])
            .iter()
            .all(|activity| activity["used"] == true)
    );
    assert_eq!(list(&few["sites"]).len(), 2);
    let one = member.json("activities --all --site 14");
    assert!(list(&one["activities"]).iter().all(|activity| {
        activity["id"]
            .as_str()
            .is_some_and(|id| id.starts_with("014"))
    }));
    let member = member.env("PSLC_SPORT", "badminton");
    let badminton = member.json("activities");
    assert_eq!(count(&badminton), 2);
}

#[test]
fn each_format_tells_all_four_states_apart() {
    let club = club().seed(3).start();
    let member = Member::of(&club);
    for (date, states) in [
        ("today", ["free", "closed", "taken"].as_slice()),
        ("+8", &["opens_later", "taken"]),
    ] {
        let args = format!("availability --date {date} --activity PADEL60 --all");
        let slots = list(&member.json(&args)["slots"]).to_vec();
        let [ics, table, markdown] = ["ics", "table", "markdown"]
            .map(|format| member.run(format!("{args} --format {format}")).stdout);
        for state in states {
            let of_state = slots.iter().filter(|slot| slot["state"] == *state);
            let words = state
                .replace('_', " ")
                .replace("closed", "no longer bookable");
            let events = ics.matches(&format!(" {words} (60 min)")).count();
            assert!(
                events > 0 && events == of_state.clone().count(),
                "{date}: {events} are {words}"
            );
            // Courts of one state share a row.
            let times: BTreeSet<&str> =
                of_state.filter_map(|slot| slot["start"].as_str()).collect();
            let end = if *state == "opens_later" {
                "opens Tue 24 Nov 00:00"
            } else {
                &words
            };
            for text in [&table, &markdown] {
                let rows = text.lines().filter(|line| line.contains(" 60 min · "));
                let rows = rows.filter(|line| line.ends_with(end)).count();
                assert_eq!(rows, times.len(), "{date}: {words}: {text}");
            }
        }
    }
}

/// A club with sets of courts that have long names, each free at nine this evening.
fn hall() -> gladstone_sim::Club {
    let gallery = "Upper Gallery of the Old Gymnasium beside the Swimming Pool, \
                   on the side of the Canal and the Car Park";
    let [netball, sports] = ["Netball", "Sports"].map(|hall| format!("{hall} Hall Court"));
    let courts = [
        [1, 2, 3, 4, 5]
            .map(|number| format!("{netball} {number}"))
            .to_vec(),
        [1, 2, 3, 4, 6]
            .map(|number| format!("{netball} {number}"))
            .to_vec(),
        vec![
            format!("{netball} 1"),
            format!("{netball} 2"),
            format!("{netball} 3"),
            format!("{netball} 4"),
            format!("{sports} 1"),
            format!("{sports} 2"),
        ],
        vec![format!("{gallery}, North Half")],
        vec![format!("{gallery}, South Half")],
    ];
    let locations = courts.map(|names| {
        let details: Vec<_> = names
            .iter()
            .map(|name| {
                let id = format!("{}{}", &name[..2], &name[name.len() - 11..]);
                json!({"locationId": id, "locationName": name})
            })
            .collect();
        let slot = json!({
            "startTime": "2026-11-23T21:00:00Z",
            "endTime": "2026-11-23T21:59:59Z",
            "status": "Available",
            "bookableFrom": "2026-11-16T00:00:00Z",
            "bookableUntil": "2026-11-23T21:00:00Z",
        });
        json!({
            "locationNameToDisplay": names[0],
            "locationDetails": details,
            "slots": [slot],
        })
    });
    let element = json!({
        "id": "BASK",
        "siteId": "UB",
        "name": "Basketball 1&2 & Netball",
        "locations": locations,
    });
    club().sessions_json(json!([element]).to_string()).start()
}

#[test]
fn long_names_of_courts_stay_readable_and_apart() {
    fn ask(club: &gladstone_sim::Club, columns: &str, args: &str) -> String {
        let member = Member::of(club)
            .env("COLUMNS", columns)
            .asking_for("UB", "BASK");
        let outcome = member.run(format!("availability {args}"));
        without_port(&outcome.assert_quiet_success().stdout, club)
    }
    let club = hall();
    for columns in ["80", "40"] {
        let stdout = ask(&club, columns, "");
        assert_width(&stdout, columns.parse().expect("a width"));
        let told = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        for name in [
            "Netball Hall Court 1 + 2 + 3 + 4 + 5 until 22:00",
            "Netball Hall Court 1 + 2 + 3 + 4 + 6 until 22:00",
            "Netball Hall Court 1 + 2 + 3 + 4 + Sports Hall Court 1 + 2 until 22:00",
            "Canal and the Car Park, North Half until 22:00",
            "Canal and the Car Park, South Half until 22:00",
        ] {
            assert!(told.contains(name), "{name}: {stdout}");
        }
    }
    insta::assert_snapshot!(ask(&club, "80", ""), @"
    Monday 23 November 2026 · Basketball 1&2 & Netball · site UB · 127.0.0.1:PORT
      5 courts free, from 21:00
      21:00  Netball Hall Court 1 + 2 + 3 + 4 + 5 until 22:00
             Netball Hall Court 1 + 2 + 3 + 4 + 6 until 22:00
             Netball Hall Court 1 + 2 + 3 + 4 + Sports Hall Court 1 + 2 until 22:00
             Upper Gallery of the Old Gymnasium beside the Swimming Pool, on the
             side of the Canal and the Car Park, North Half until 22:00
             Upper Gallery of the Old Gymnasium beside the Swimming Pool, on the
             side of the Canal and the Car Park, South Half until 22:00
      book at http://127.0.0.1:PORT
    ");
    let document: Value = serde_json::from_str(&ask(&club, "", "--json")).expect("JSON");
    let names: Vec<&str> = list(&document["slots"])
        .iter()
        .filter_map(|slot| slot["court"].as_str())
        .collect();
    let court = [1, 2, 3, 4, 6].map(|number| format!("Netball Hall Court {number}"));
    assert!(names.contains(&&*court.join(" + ")), "{names:?}");
    let markdown = ask(&club, "", "--format markdown");
    assert!(
        markdown.contains("at 127.0.0.1:PORT: 5 courts free, from 21:00\n")
            && markdown.contains(", Basketball 1&2 & Netball, ")
            && markdown.contains("Book: [21:00 Netball Hall Court 1 + "),
        "{markdown}"
    );
}
