//! Clubs that differ from the usual one: windows that move, elements without a date, sets of
//! courts.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use gladstone_sim::{Builder, Club};
use serde_json::Value;

use crate::harness::{Member, club};

/// Activity, courts, start and state.
type Told = (String, Vec<String>, DateTime<Utc>, String);

/// What padel tells of a day at a time.
fn told(club: &Club, now: &str, date: &str, activities: &[&str]) -> BTreeSet<Told> {
    club.set_now(now);
    let mut args = vec!["availability", "--date", date, "--all"];
    args.extend(activities.iter().flat_map(|id| ["--activity", id]));
    let document = Member::of(club).env("PADEL_NOW", now).json(&args);
    let text = |slot: &Value, name: &str| slot[name].as_str().expect("a text").to_owned();
    let slots = document["slots"]
        .as_array()
        .expect("slots")
        .iter()
        .map(|slot| {
            let ids = slot["court_ids"]
                .as_array()
                .expect("ids")
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned);
            let start = DateTime::parse_from_rfc3339(&text(slot, "start_at"))
                .expect("a time")
                .to_utc();
            (
                text(slot, "activity_id"),
                ids.collect(),
                start,
                text(slot, "state"),
            )
        });
    slots.collect()
}

/// What there is.
fn truth(club: &Club, now: &str, date: &str, activities: &[&str]) -> BTreeSet<Told> {
    let now: DateTime<Utc> = now.parse().expect("a time");
    let mut slots = club.truth(date.parse().expect("a date"));
    slots.retain(|slot| activities.contains(&slot.activity.as_str()) && slot.start >= now);
    let state = |taken: bool, opened: bool| match (taken, opened) {
        (true, _) => "taken",
        (false, true) => "free",
        (false, false) => "opens_later",
    };
    let told = slots.into_iter().map(|slot| {
        let mut courts = slot.court_ids;
        courts.sort();
        (
            slot.activity,
            courts,
            slot.start,
            state(slot.taken, slot.bookable_from <= now).to_owned(),
        )
    });
    told.collect()
}

#[test]
fn windows_that_move_are_told_as_they_are_now() {
    let club = club().moving_windows(true).start();
    let activities = ["PADEL30", "PADEL60", "014A001015"];
    let mut states: BTreeSet<(String, String)> = BTreeSet::new();
    for now in [
        "2026-11-23T09:00:00Z",
        "2026-11-24T09:00:00Z",
        "2026-11-25T09:00:00Z",
        "2026-11-26T00:00:00Z",
    ] {
        let (answer, truth) = (
            told(&club, now, "2026-12-01", &activities),
            truth(&club, now, "2026-12-01", &activities),
        );
        assert_eq!(answer, truth, "{now}");
        states.extend(answer.into_iter().map(|slot| (now.to_owned(), slot.3)));
    }
    // On the second day most windows are open, and some are not.
    assert!(
        states.contains(&("2026-11-24T09:00:00Z".to_owned(), "opens_later".to_owned())),
        "{states:?}"
    );
    assert!(
        states.contains(&("2026-11-24T09:00:00Z".to_owned(), "free".to_owned())),
        "{states:?}"
    );
}

#[test]
fn an_answer_without_dates_is_read_as_one_with() {
    let ask = |builder: Builder| {
        let club = builder.start();
        told(
            &club,
            "2026-11-23T09:00:00Z",
            "2026-11-28",
            &["PADEL90", "014A001015"],
        )
    };
    let dated = ask(club());
    assert!(dated.len() > 20);
    assert_eq!(ask(club().undated(true)), dated);
}

#[test]
fn sets_of_courts_are_told_once_and_whole() {
    let club = club().court_sets(true).start();
    let sets = ["014A300001", "014A300002", "014A300003"];
    let (now, date) = ("2026-11-23T09:00:00Z", "2026-11-28");
    let answer = told(&club, now, date, &sets);
    assert_eq!(answer, truth(&club, now, date, &sets));
    assert!(
        answer.iter().any(|slot| slot.3 == "free") && answer.iter().any(|slot| slot.1.len() == 5)
    );
    for columns in ["80", "40"] {
        let member = Member::of(&club).env("COLUMNS", columns);
        let stdout = member
            .run(&[
                "availability",
                "--date",
                "sat",
                "--activity",
                sets[2],
                "--all",
            ])
            .stdout;
        assert!(
            stdout
                .lines()
                .all(|line| line.chars().count() <= columns.parse().expect("a width")),
            "{stdout}"
        );
        let words = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            words.contains("Netball Centre Court 1 + 2 + 3 + 4 + 5"),
            "{stdout}"
        );
        assert!(
            words.contains("6 + 7 + 8 + 9 + 10") && words.contains("Netball & Basketball"),
            "{stdout}"
        );
    }
    Member::of(&club)
        .run(&[
            "availability",
            "--date",
            "sat",
            "--activity",
            sets[1],
            "--format",
            "markdown",
        ])
        .assert_stdout_has(" · Basketball Half Court 1&2\n");
}
