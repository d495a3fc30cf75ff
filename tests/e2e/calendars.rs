//! Calendars as another library reads them: events have ids of their own, follow changes, and an
//! empty calendar can be imported.

use std::collections::{BTreeMap, BTreeSet};

use icalendar::parser::{Calendar, Component, read_calendar, unfold};
use serde_json::{Value, json};

use crate::harness::{Member, NOW, club, member};

/// One event: its properties by name, texts unescaped.
type Event = BTreeMap<String, String>;

fn event(component: &Component<'_>) -> Event {
    let names: Vec<&str> = component
        .properties
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    for once in [
        "UID",
        "DTSTAMP",
        "LAST-MODIFIED",
        "SEQUENCE",
        "DTSTART",
        "SUMMARY",
    ] {
        let count = names.iter().filter(|name| **name == once).count();
        assert_eq!(count, 1, "{once} of {component:?}");
    }
    component
        .properties
        .iter()
        .map(|it| (it.name.to_string(), unescaped(it.val.as_ref())))
        .collect()
}

fn unescaped(text: &str) -> String {
    text.replace("\\,", ",")
        .replace("\\;", ";")
        .replace("\\\\", "\\")
}

/// The events of a calendar that keeps the rules of RFC 5545.
#[track_caller]
fn events(ics: &str) -> Vec<Event> {
    assert!(
        ics.split("\r\n")
            .all(|line| line.len() <= 75 && !line.contains('\n')),
        "{ics}"
    );
    let unfolded = unfold(ics);
    let calendar: Calendar<'_> = read_calendar(&unfolded).expect("a calendar");
    let head: Event = calendar
        .properties
        .iter()
        .map(|it| (it.name.to_string(), it.val.to_string()))
        .collect();
    assert_eq!((&*head["VERSION"], &*head["METHOD"]), ("2.0", "PUBLISH"));
    assert!(head.contains_key("PRODID"));
    assert!(
        !calendar.components.is_empty(),
        "RFC 5545 wants one component: {ics}"
    );
    let events: Vec<Event> = calendar
        .components
        .iter()
        .filter(|it| it.name == "VEVENT")
        .map(event)
        .collect();
    let uids: BTreeSet<&String> = events.iter().map(|event| &event["UID"]).collect();
    assert_eq!(uids.len(), events.len(), "each has a UID of its own: {ics}");
    assert!(uids.iter().all(|uid| uid.len() <= 255), "{uids:?}");
    for event in &events {
        assert!(
            event.get("DTEND").is_none_or(|end| *end > event["DTSTART"]),
            "{event:?}"
        );
        assert!(
            event["SEQUENCE"]
                .parse::<i32>()
                .is_ok_and(|sequence| sequence > 0),
            "{event:?}"
        );
    }
    events
}

/// A booking of an hour as the assumed portal tells it.
fn booking(reference: &str, start: &str, court: &str, status: &str) -> Value {
    let end = start.replace(":00:00Z", ":59:59Z");
    json!({
        "bookingReference": reference,
        "startTime": start,
        "endTime": end,
        "activityName": "Padel 60 Mins",
        "locationName": court,
        "siteName": "Centre",
        "status": status,
    })
}

/// The events in the calendar of a member whose portal tells these bookings.
fn told(bookings: &[Value], now: &str, args: &str) -> Vec<Event> {
    let club = club()
        .now(now)
        .bookings_json(Value::from(bookings).to_string())
        .start();
    let member = member(&club).env("PADEL_NOW", now);
    let outcome = member.run(format!("bookings --format ics {args}"));
    outcome.assert_quiet_success();
    events(&outcome.stdout)
}

/// The number of events in the calendar of these bookings.
fn count(bookings: &[Value]) -> usize {
    told(bookings, NOW, "").len()
}

fn uids(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event["UID"].as_str()).collect()
}

#[test]
fn calendars_of_a_simulated_club_are_calendars() {
    let club = club().start();
    let member = member(&club);
    for (question, some) in [
        ("bookings", true),
        ("bookings --history --limit 999", true),
        ("availability", true),
        ("availability --days 3 --duration 90 --all", true),
        ("availability --site 14 --activity 014A300001", true),
        ("availability --date +80", false),
        ("availability --duration 15", false),
    ] {
        let args = format!("{question} --format ics");
        assert_eq!(
            !events(&member.run(&args).stdout).is_empty(),
            some,
            "{question}"
        );
    }
}

/// Bookings of one reference on these days.
fn course(days: &[u32]) -> Vec<Value> {
    let starts = days.iter().map(|day| format!("2026-11-{day}T18:00:00Z"));
    starts
        .map(|start| booking("77", &start, "Court 1", "Booked"))
        .collect()
}

#[test]
fn bookings_that_share_a_reference_are_events_of_their_own() {
    let all = told(&course(&[24, 26, 28]), NOW, "");
    assert_eq!(all.len(), 3);
    // Bookings keep their ids when others are over, are cut off by a limit, or change places.
    assert_eq!(
        uids(&told(&course(&[24, 26, 28]), "2026-11-25T09:00:00Z", "")),
        uids(&all[1..])
    );
    assert_eq!(
        uids(&told(&course(&[28]), "2026-11-27T09:00:00Z", "")),
        uids(&all[2..])
    );
    assert_eq!(
        uids(&told(&course(&[28, 24, 26]), NOW, "--limit 2")),
        uids(&all[..2])
    );
    // Two courts at once; the same twice; the same twice in different states.
    let at = "2026-11-24T18:00:00Z";
    assert_eq!(
        count(&[
            booking("8", at, "Court 1", "Booked"),
            booking("8", at, "Court 2", "Booked")
        ]),
        2
    );
    assert_eq!(
        count(&[
            booking("8", at, "Court 1", "Booked"),
            booking("8", at, "Court 1", "Booked")
        ]),
        1
    );
    assert_eq!(
        count(&[
            booking("8", at, "1", "Booked"),
            booking("8", at, "1", "Cancelled")
        ]),
        2
    );
    // A number behind a reference is another's reference.
    for (first, second) in [("9-2", "9"), ("a-2", "b")] {
        let states = [
            booking(first, at, "1", "Booked"),
            booking(second, at, "1", "Booked"),
            booking(second, at, "1", "Paid"),
        ];
        assert_eq!(count(&states), 3, "{first} {second}");
    }
    // Neither a reference nor names.
    let nameless = ["A", "B"]
        .map(|site| json!({"startTime": at, "endTime": "2026-11-24T18:59:59Z", "siteName": site}));
    assert_eq!(count(&nameless), 2);
}

#[test]
fn a_booking_that_is_moved_or_cancelled_updates_its_event() {
    let before = told(
        &[booking(
            "1234567",
            "2026-11-24T18:00:00Z",
            "Court 1",
            "Booked",
        )],
        NOW,
        "",
    );
    let cases = [
        (
            "moved",
            booking("1234567", "2026-11-25T19:00:00Z", "Court 2", "Booked"),
            None,
        ),
        (
            "cancelled",
            booking(
                "1234567",
                "2026-11-24T18:00:00Z",
                "Court 1",
                "Late Cancelled",
            ),
            Some("CANCELLED"),
        ),
    ];
    for (what, after, status) in cases {
        let after = told(&[after], "2026-11-23T09:00:01Z", "");
        assert_eq!(uids(&after), uids(&before), "{what}");
        let [older, newer] =
            [&before, &after].map(|events| events[0]["SEQUENCE"].parse::<i64>().expect("a number"));
        assert!(newer > older, "{what}: a second later is newer");
        assert!(
            after[0]["DTSTAMP"] > before[0]["DTSTAMP"]
                && after[0]["LAST-MODIFIED"] > before[0]["LAST-MODIFIED"]
        );
        assert_eq!(after[0].get("STATUS").map(String::as_str), status, "{what}");
        assert_eq!(
            after[0].get("TRANSP").map(String::as_str),
            status.map(|_| "TRANSPARENT"),
            "{what}"
        );
    }
    assert!(!before[0].contains_key("STATUS") && !before[0]["SUMMARY"].contains("Cancelled"));
}

#[test]
fn a_calendar_reads_back_what_is_odd_to_write() {
    let odd = r"Court 1; north, \ 'A' ñ🎾".to_owned() + &"ü".repeat(50);
    let read = told(
        &[booking("x;y,z", "2026-11-24T18:00:00Z", &odd, "a,b;c")],
        NOW,
        "",
    );
    assert_eq!(read[0]["LOCATION"], format!("{odd}, Centre"));
    assert_eq!(read[0]["DESCRIPTION"], "Reference x;y,z, a,b;c");
    assert!(read[0]["UID"].starts_with("booking-x;y,z@"), "{read:?}");
    // A calendar leaves out an end that is before the start.
    let mut backwards = booking("1", "2026-11-24T18:00:00Z", "Court 1", "Booked");
    backwards["endTime"] = "2026-11-24T17:00:00Z".into();
    assert!(!told(&[backwards], NOW, "")[0].contains_key("DTEND"));
}

#[test]
fn an_empty_calendar_can_be_imported() {
    assert_eq!(told(&[], NOW, "").len(), 0);
    let club = club().sessions_json("[]").start();
    let outcome = Member::of(&club).run("availability --activity PADEL60 --format ics");
    assert_eq!(events(&outcome.stdout).len(), 0, "{outcome:?}");
}
