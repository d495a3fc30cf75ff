//! Real captured responses, before, inside and after their booking windows. The expected slots are
//! read from the captures by other means than `padel`'s own.

use std::{collections::BTreeMap, path::Path};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::London;
use serde_json::Value;

use crate::harness::{Member, Outcome, club, instant, list, sample, text};

fn at(now: &str, args: &str) -> Outcome {
    let club = club().now(now).replay(sample()).start();
    let base = "availability --date 2025-01-16 --site ARML --activity ARACT00002";
    Member::of(&club)
        .env("PADEL_NOW", now)
        .run(format!("{base} {args}"))
}

fn counts(now: &str) -> [u64; 4] {
    let document = at(now, "--json").json();
    ["free", "opens_later", "taken", "closed"]
        .map(|name| document["summary"][name].as_u64().expect("a count"))
}

/// The numbers of January 2025: 22 slots on two courts of `ARACT00002`, 8 of them `Available`,
/// windows from 2025-01-09 00:00 UTC until each start.
#[test]
fn the_capture_is_right_before_inside_and_after_its_window() {
    let all: Value = serde_json::from_str(&std::fs::read_to_string(sample()).expect("the capture"))
        .expect("JSON");
    let slots: Vec<&Value> = list(&all[0]["locations"])
        .iter()
        .flat_map(|court| list(&court["slots"]))
        .collect();
    let available = slots
        .iter()
        .filter(|slot| slot["status"] == "Available")
        .count() as u64;
    let taken = slots.len() as u64 - available;
    assert!(available > 0 && taken > 0);
    assert_eq!(counts("2025-01-08T23:59:59Z"), [0, available, taken, 0]);
    assert_eq!(counts("2025-01-09T00:00:00Z"), [available, 0, taken, 0]);
    assert_eq!(counts("2025-01-16T10:00:00Z"), [available, 0, taken, 0]);
    assert_eq!(counts("2025-01-16T23:30:00Z"), [0, 0, taken, available]);
    assert_eq!(counts("2025-01-20T12:00:00Z"), [0, 0, taken, available]);
    // At noon the slot of twelve o'clock is over; later ones are not.
    let started = slots.iter().filter(|slot| {
        slot["status"] == "Available"
            && slot["bookableUntil"].as_str() <= Some("2025-01-16T12:00:00Z")
    });
    let started = started.count() as u64;
    assert!(started > 0);
    assert_eq!(
        counts("2025-01-16T12:00:00Z"),
        [available - started, 0, taken, started]
    );
}

/// September 2026: sets of two and four courts, slots of 55 minutes that are listed once for each
/// court, or once with `inCentre` 0 where they are booked as such. Reduced from a public project's
/// file; its booking numbers are made up.
fn newest() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/e2e/brunel-2026-09-28.small.json"
    ))
}

/// Activity, courts' ids, start, end, state and bookings of what is told.
type Told = (
    String,
    String,
    DateTime<Utc>,
    DateTime<Utc>,
    &'static str,
    u64,
);

/// Ends and states by activity, courts' ids and start.
type Slots = BTreeMap<(String, String, DateTime<Utc>), (DateTime<Utc>, &'static str)>;

/// The slots of the capture by the references inside them, which name activity, courts and start
/// once more.
fn references(now: DateTime<Utc>) -> Slots {
    let capture = std::fs::read_to_string(newest()).expect("the capture");
    let all: Value = serde_json::from_str(&capture).expect("JSON");
    let mut slots = BTreeMap::new();
    let mut pile = vec![&all];
    while let Some(value) = pile.pop() {
        match value {
            Value::Array(items) => pile.extend(items),
            Value::Object(slot) if slot.contains_key("slotReferences") => {
                let reference = text(&slot["slotReferences"]["inCentre"]);
                let reference: Value = serde_json::from_str(reference).expect("JSON in a text");
                let ids: Vec<&str> = list(&reference["ResourceIds"])
                    .iter()
                    .filter_map(Value::as_str)
                    .collect();
                let state = match (
                    slot["status"].as_str(),
                    instant(text(&slot["bookableFrom"])),
                    instant(text(&slot["bookableUntil"])),
                ) {
                    (Some("Available"), from, _) if now < from => "opens_later",
                    (Some("Available"), _, until) if now >= until => "closed",
                    (Some("Available"), ..) => "free",
                    _ => "taken",
                };
                let activity = text(&reference["ActivityId"]).to_owned();
                let key = (
                    activity,
                    ids.join("+"),
                    instant(text(&reference["StartDateTime"])),
                );
                slots.insert(
                    key,
                    (
                        instant(text(&slot["endTime"])) + TimeDelta::seconds(1),
                        state,
                    ),
                );
            }
            Value::Object(fields) => pile.extend(fields.values()),
            _ => {}
        }
    }
    slots
}

/// The slots of the capture's week as padel tells them.
fn told(now: &str, args: &str) -> (Vec<Told>, Value) {
    let club = club().now(now).replay(newest()).start();
    let base = "availability --date 2026-09-28 --days 6 --site UB --all --json";
    let activities = "--activity SHBASKHALF12 --activity NHBASKETBALL";
    let outcome = Member::of(&club)
        .env("PADEL_NOW", now)
        .run(format!("{base} {activities} {args}"))
        .case(now);
    outcome.assert_quiet_success();
    let document = outcome.json();
    let states = ["free", "opens_later", "closed", "taken"];
    let slots = list(&document["slots"]).iter().map(|slot| {
        let ids: Vec<&str> = list(&slot["court_ids"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let state = states
            .into_iter()
            .find(|state| slot["state"] == *state)
            .expect("a state");
        let bookings = slot["bookings"].as_u64().expect("a count");
        (
            text(&slot["activity_id"]).to_owned(),
            ids.join("+"),
            instant(text(&slot["start_at"])),
            instant(text(&slot["end_at"])),
            state,
            bookings,
        )
    });
    let mut slots: Vec<Told> = slots.collect();
    slots.sort();
    (slots, document)
}

const NOWS: [&str; 6] = [
    "2026-09-20T22:59:59Z",
    "2026-09-20T23:00:00Z",
    "2026-09-25T12:00:00Z",
    "2026-09-28T21:00:00Z",
    "2026-09-29T20:59:59Z",
    "2026-10-03T12:30:00Z",
];

#[test]
fn the_newest_capture_is_right_at_every_time() {
    let mut seen = BTreeMap::new();
    for now in NOWS {
        let expected: Vec<Told> = references(now.parse().expect("a time"))
            .into_iter()
            .map(|((activity, ids, start), (end, state))| (activity, ids, start, end, state, 1))
            .collect();
        assert_eq!(expected.len(), 12, "23 entries, 12 slots");
        let (told, document) = told(now, "");
        assert_eq!(told, expected, "{now}");
        for (_, _, _, _, state, _) in told {
            *seen.entry(state).or_insert(0) += 1;
        }
        for state in ["free", "opens_later", "taken", "closed"] {
            assert_eq!(
                document["summary"][state],
                expected.iter().filter(|slot| slot.4 == state).count(),
                "{now} {state}"
            );
        }
    }
    assert!(
        seen.len() == 4 && seen.values().all(|count| *count > 3),
        "{seen:?}"
    );
}

#[test]
fn neighbours_in_the_newest_capture_are_joined() {
    for now in NOWS {
        let slots = references(now.parse().expect("a time"));
        let mut expected = Vec::new();
        for ((activity, ids, start), (end, state)) in &slots {
            // The next slot of the same set of courts begins five minutes after this one ends.
            let next = (activity.clone(), ids.clone(), *end + TimeDelta::minutes(5));
            let Some((last, other)) = slots.get(&next) else {
                continue;
            };
            // Of the two states the worse one, in this order.
            let order = ["free", "opens_later", "closed", "taken"];
            let worse = order
                .into_iter()
                .rfind(|known| known == state || known == other)
                .expect("a state");
            expected.push((activity.clone(), ids.clone(), *start, *last, worse, 2));
        }
        assert_eq!(expected.len(), 8);
        let (told, document) = told(now, "--duration 120");
        assert_eq!(told, expected, "{now}");
        assert!(
            list(&document["slots"])
                .iter()
                .all(|slot| slot["duration_minutes"] == 110)
        );
    }
}

#[test]
fn the_newest_capture_is_told_in_the_clubs_time() {
    let (_, document) = told(NOWS[2], "--from 22:00");
    let slots = list(&document["slots"]);
    let dates = slots.iter().map(|slot| text(&slot["date"]));
    assert!(dates.eq(["2026-09-28", "2026-09-29"]), "{document}");
    for slot in slots {
        assert_eq!(
            (text(&slot["start"]), text(&slot["end"])),
            ("22:00", "22:55")
        );
    }
    assert_eq!(
        slots[0]["court"],
        "Sports Hall Court 1 + Sports Hall Court 2"
    );
    assert_eq!(slots[0]["activity"], "Basketball Half Court 1&2");
    let midnight = NaiveDate::from_ymd_opt(2026, 9, 21)
        .expect("a day")
        .and_hms_opt(0, 0, 0)
        .expect("midnight");
    let opened = midnight
        .and_local_timezone(London)
        .single()
        .expect("a time")
        .to_rfc3339();
    assert_eq!(slots[0]["bookable_from"], opened);
}
