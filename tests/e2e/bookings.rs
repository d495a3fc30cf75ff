//! A member's bookings: the right ones, in order, in every format, odd ones included.

use std::collections::BTreeSet;

use gladstone_sim::{Club, Shape};
use serde_json::{Value, json};

use crate::{
    harness::{
        CONFIG, DOTENV, EMAIL, Member, NOW, club, instant, list, member, text, without_port,
    },
    hostile::assert_printable,
};

/// The club's bookings of a period, in its order, as `padel.bookings/v1` has them.
fn truth(club: &Club, history: bool) -> Vec<Value> {
    let now = instant(NOW);
    let mut bookings = club.truth_bookings(EMAIL);
    bookings.retain(|booking| (booking.end.unwrap_or(booking.start) <= now) == history);
    bookings.sort_by_key(|booking| booking.start);
    if history {
        bookings.reverse();
    }
    let values = bookings.iter().map(|booking| {
        json!({
            "start_at": booking.start.timestamp(),
            "end_at": booking.end.map(|end| end.timestamp()),
            "reference": booking.reference,
            "activity": booking.activity.replace("  ", " "),
            "court": booking.court,
            "site": booking.site.replace("  ", " "),
            "status": booking.status,
        })
    });
    values.collect()
}

/// The bookings of a document, in the same form.
fn told(document: &Value) -> Vec<Value> {
    let mut bookings = list(&document["bookings"]).to_vec();
    for booking in &mut bookings {
        let booking = booking.as_object_mut().expect("an object");
        booking.retain(|key, _| !["date", "weekday", "start", "end"].contains(&key.as_str()));
        for key in ["start_at", "end_at"] {
            let time = booking[key].as_str().map(|text| instant(text).timestamp());
            booking.insert(key.to_owned(), time.into());
        }
    }
    bookings
}

#[test]
fn bookings_are_sorted_from_now_in_both_directions() {
    let club = club().start();
    let member = member(&club);
    for (args, history) in [
        ("bookings --limit 999", false),
        ("bookings --history --limit 999", true),
    ] {
        let document = member.json(args);
        assert_eq!(
            (&document["schema"], &document["query"]["history"]),
            (&"padel.bookings/v1".into(), &history.into())
        );
        let expected = truth(&club, history);
        assert!(expected.len() > 5);
        assert_eq!(told(&document), expected);
        assert_eq!(
            (&document["more"], &document["warnings"]),
            (&0.into(), &json!([]))
        );
    }
}

#[test]
fn a_date_that_is_asked_for_is_the_clubs() {
    let club = club().start();
    let learned = "timezone = 'Australia/Sydney'\n\
                   [portal.bookings]\nhistory = '/api/bookings?dateTo={to_date}'\n";
    let member = member(&club).file(CONFIG, learned);
    // Nine in the morning of the next day: what was played at seven is history.
    member
        .env("PADEL_NOW", "2026-11-22T22:00:00Z")
        .run("bookings --history");
    let asked = club.calls().pop().expect("a call");
    assert_eq!(asked.query, "dateTo=2026-11-23");
}

#[test]
fn bookings_show_local_times_across_clock_changes() {
    let club = club().start();
    let document = member(&club).json("bookings --history --limit 999");
    let bookings = list(&document["bookings"]);
    let mut seen = BTreeSet::new();
    for booking in bookings {
        let start_at = text(&booking["start_at"]);
        let local = instant(start_at).with_timezone(&chrono_tz::Europe::London);
        assert_eq!(booking["date"], local.format("%Y-%m-%d").to_string());
        assert_eq!(booking["weekday"], local.format("%A").to_string());
        assert_eq!(booking["start"], local.format("%H:%M").to_string());
        if let Some(end) = booking["end_at"].as_str() {
            let end_local = instant(end).with_timezone(&chrono_tz::Europe::London);
            assert_eq!(booking["end"], end_local.format("%H:%M").to_string());
            seen.extend((start_at[19..] != end[19..]).then_some("clock change"));
            seen.extend((start_at[..4] != end[..4]).then_some("year end"));
            seen.extend((start_at[..10] != end[..10]).then_some("midnight"));
        }
    }
    assert!(
        seen.contains("clock change") && seen.contains("midnight"),
        "{seen:?}"
    );
}

#[test]
fn the_rest_is_counted_and_said_how_to_get() {
    let club = club().start();
    let member = member(&club);
    let all = truth(&club, true).len();
    let document = member.json("bookings --history --limit 3");
    assert_eq!(
        (told(&document).len(), &document["more"]),
        (3, &(all - 3).into())
    );
    let table = member.run("bookings --history --limit 3").stdout;
    assert!(
        table.contains(&format!("{} more with --limit {all}", all - 3)),
        "{table}"
    );
    assert_eq!(
        told(&member.json("bookings --limit 1")),
        truth(&club, false)[..1]
    );
}

#[test]
fn five_thousand_rows_of_history() {
    let club = club().bookings(5000).start();
    let document = member(&club).json("bookings --history --limit 100000");
    let known = truth(&club, true).len();
    assert_eq!(told(&document).len(), known, "{}", document["more"]);
    assert!(known >= 5000);
}

#[test]
fn formats_for_people_chat_and_calendar() {
    let club = club().start();
    let member = member(&club);
    insta::assert_snapshot!(without_port(&member.run("bookings --limit 4").stdout, &club), @"
    10 upcoming bookings · 127.0.0.1:PORT
      Tue 24 Nov 2026  19:00–20:00  Padel 60 Mins   Padel Court 2  Riverside Padel Centre  Booked  ref 1487048
      Thu 26 Nov 2026  18:00–19:30  Padel 90 Mins   Padel Court 3  Riverside Padel Centre  Booked  ref 1487049
      Sat 28 Nov 2026  23:00–00:00  Padel 60 Mins   Padel Court 2  Riverside Padel Centre  Booked  ref 1487050
      Sun 29 Nov 2026  10:00–11:00  Padel Coaching                 Riverside Padel Centre  Booked  ref 1487051
      6 more with --limit 10
      change or cancel at http://127.0.0.1:PORT
    ");
    let markdown = member.run("bookings --limit 2 --format markdown").stdout;
    insta::assert_snapshot!(without_port(&markdown, &club), @"
    **10 upcoming bookings** at 127.0.0.1:PORT

    - Tue 24 Nov 2026 · 19:00–20:00 · Padel 60 Mins · Padel Court 2 · Riverside Padel Centre · Booked · ref 1487048
    - Thu 26 Nov 2026 · 18:00–19:30 · Padel 90 Mins · Padel Court 3 · Riverside Padel Centre · Booked · ref 1487049

    8 more with --limit 10

    Change or cancel: http://127.0.0.1:PORT
    ");
    let ics = member.run("bookings --limit 2 --format ics").stdout;
    insta::assert_snapshot!(without_port(&ics, &club).replace("\r\n", "\n"), @r"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//padel//padel 0.1.0//EN
    METHOD:PUBLISH
    BEGIN:VEVENT
    UID:booking-1487048@127.0.0.1
    DTSTAMP:20261123T090000Z
    LAST-MODIFIED:20261123T090000Z
    SEQUENCE:217587600
    DTSTART:20261124T190000Z
    DTEND:20261124T200000Z
    SUMMARY:Padel 60 Mins
    LOCATION:Padel Court 2\, Riverside Padel Centre
    DESCRIPTION:Reference 1487048\, Booked
    END:VEVENT
    BEGIN:VEVENT
    UID:booking-1487049@127.0.0.1
    DTSTAMP:20261123T090000Z
    LAST-MODIFIED:20261123T090000Z
    SEQUENCE:217587600
    DTSTART:20261126T180000Z
    DTEND:20261126T193000Z
    SUMMARY:Padel 90 Mins
    LOCATION:Padel Court 3\, Riverside Padel Centre
    DESCRIPTION:Reference 1487049\, Booked
    END:VEVENT
    END:VCALENDAR
    ");
}

#[test]
fn a_calendar_says_of_a_status_only_what_is_known_of_it() {
    let hours = [
        (17, "null"),
        (18, "\"Waiting list\""),
        (19, "\"Cancelled\""),
    ];
    let bookings = hours.map(|(hour, status)| {
        let start = format!("\"startTime\":\"2026-11-24T{hour}:00:00Z\"");
        let end = format!("\"endTime\":\"2026-11-24T{hour}:59:59Z\"");
        format!("{{{start},{end},\"status\":{status}}}")
    });
    let club = club()
        .bookings_json(format!("[{}]", bookings.join(",")))
        .start();
    let ics = member(&club).run("bookings --format ics").stdout;
    let told: Vec<&str> = ics
        .lines()
        .filter(|line| line.starts_with("STATUS") || line.starts_with("DESC"))
        .collect();
    assert_eq!(
        told,
        [
            "DESCRIPTION:Waiting list",
            "DESCRIPTION:Cancelled",
            "STATUS:CANCELLED"
        ],
        "{ics}"
    );
}

#[test]
fn a_calendar_updates_rather_than_doubles() {
    let club = club().start();
    let member = member(&club);
    let ask = "bookings --format ics --history --limit 999";
    let [first, again] = [(); 2].map(|()| member.run(ask).stdout.replace("\r\n ", ""));
    let [first, again] = [&first, &again].map(|text| {
        text.lines()
            .filter(|line| line.starts_with("UID:"))
            .collect::<Vec<_>>()
    });
    assert_eq!(first, again);
    let distinct: BTreeSet<_> = first.iter().collect();
    assert_eq!(distinct.len(), first.len());
}

#[test]
fn without_credentials_the_bookings_say_what_is_needed() {
    let club = club().start();
    club.never_called();
    let member = Member::of(&club).file(DOTENV, "pslc_user=a@example.org\npslc_pasword=x\n");
    for args in [["bookings"], ["login"]] {
        let outcome = member.run(args);
        outcome.assert_error("credentials_not_found", 8);
        for part in [
            "padel setup",
            ".config/pslc-padel/.env: pslc_password is missing",
            "environment: ",
        ] {
            outcome.assert_stderr_has(part);
        }
    }
}

fn listed(json: &str) -> (Club, Member) {
    let club = club().bookings_json(json.to_owned()).start();
    let member = member(&club);
    (club, member)
}

#[test]
fn odd_rows_are_shown_as_far_as_they_go() {
    let (_club, member) = listed(
        r#"[{"startTime":"2026-12-01T18:00:00Z"},
            {"startTime":"2026-12-02T18:00:00Z","endTime":"2026-12-02T17:00:00Z",
             "status":"WaitingForGodot"},
            {"start":"2026-12-03 19:30","end":"2026-12-03 21:00:00","reference":12345},
            {"startTime":1796238000,"endTime":1796241599000,"status":7},
            {"status":"Booked"}, 7, null]"#,
    );
    let outcome = member.run("bookings --json");
    let document = outcome.json();
    let bookings = list(&document["bookings"]);
    assert_eq!(bookings.len(), 4, "{document}");
    assert_eq!(bookings[0]["end_at"], Value::Null);
    assert_eq!(
        (&bookings[1]["end"], &bookings[1]["status"]),
        (&Value::Null, &"WaitingForGodot".into())
    );
    assert_eq!(
        (
            &bookings[3]["start"],
            &bookings[3]["end"],
            &bookings[3]["reference"]
        ),
        (&"19:30".into(), &"21:00".into(), &"12345".into())
    );
    let told = "3 entries of the bookings could not be read and are left out";
    assert_eq!(document["warnings"], serde_json::json!([told]));
    assert_eq!(
        (&bookings[2]["start_at"], &bookings[2]["status"]),
        (&"2026-12-02T19:00:00+00:00".into(), &"7".into())
    );
}

#[test]
fn bookings_over_midnight_end_on_the_next_day() {
    let (club, member) = listed(r#"[{"date":"2026-10-24","from":"23:30","to":"00:30"}]"#);
    club.set_now("2026-10-24T22:45:00Z");
    let learned = "[portal.bookings]\nstart = ['/date + /from']\nend = ['/date + /to']\n";
    let member = member
        .file(CONFIG, learned)
        .env("PADEL_NOW", "2026-10-24T22:45:00Z");
    let document = member.json("bookings");
    assert_eq!(
        document["bookings"][0]["end_at"], "2026-10-25T00:30:00+01:00",
        "it is being played: {document}"
    );
}

#[test]
fn what_is_not_a_list_of_bookings_is_unverified() {
    for json in [
        "{}",
        "{\"bookings\":[]}",
        "7",
        "",
        "<html></html>",
        "[{\"when\":\"tomorrow\"}]",
        "[1,2]",
    ] {
        let (_club, member) = listed(json);
        member
            .run("bookings")
            .case(json)
            .assert_error("profile_unverified", 5)
            .assert_stderr_lacks("``");
    }
    let (_club, member) = listed("[]");
    let outcome = member.run("bookings");
    assert_eq!(
        (
            outcome.code,
            outcome.stdout.contains("no upcoming bookings")
        ),
        (0, true),
        "{outcome:?}"
    );
}

#[test]
fn an_absent_bookings_request_is_unverified() {
    let club = club().shape(Shape::Absent).start();
    member(&club)
        .run("bookings")
        .assert_error("profile_unverified", 5);
}

#[test]
fn hostile_bookings_stay_printable() {
    let name = "\u{1b}[31mred\u{1b}[0m\r\nBEGIN:VEVENT\u{202e}| * <!channel>".to_owned()
        + &"x".repeat(100_000);
    let row = json!([{
        "startTime": "2026-12-01T18:00:00Z",
        "bookingReference": name,
        "activityName": name,
        "locationName": name,
        "siteName": name,
        "status": name,
    }]);
    let (_club, member) = listed(&row.to_string());
    for format in ["table", "markdown", "json", "ics"] {
        let outcome = member.run(["bookings", "--format", format]);
        outcome.assert_success();
        assert_printable(&outcome.stdout.replace("\r\n", "\n"));
        assert!(outcome.stdout.len() < 3000, "{outcome:?}");
        assert_eq!(
            outcome.stdout.matches("\nBEGIN:VEVENT").count(),
            usize::from(format == "ics")
        );
    }
}
