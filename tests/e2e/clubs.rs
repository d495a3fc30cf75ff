//! Clubs that differ from the usual one: windows that move, elements without a date, sets of
//! courts.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use gladstone_sim::Club;
use serde_json::Value;

use crate::harness::{Member, NOW, assert_width, club, instant, list, text};

/// Activity, courts, start and state.
type Told = (String, Vec<String>, DateTime<Utc>, String);

/// The slots of a day as padel tells them at this time.
fn told(club: &Club, now: &str, date: &str, activities: &[&str]) -> BTreeSet<Told> {
    club.set_now(now);
    let mut args = format!("availability --date {date} --all");
    activities
        .iter()
        .for_each(|id| args += &format!(" --activity {id}"));
    let document = Member::of(club).env("PADEL_NOW", now).json(&args);
    let slots = list(&document["slots"]).iter().map(|slot| {
        let ids = list(&slot["court_ids"])
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned);
        let start = instant(text(&slot["start_at"]));
        (
            text(&slot["activity_id"]).to_owned(),
            ids.collect(),
            start,
            text(&slot["state"]).to_owned(),
        )
    });
    slots.collect()
}

/// The slots of a day by the club's own timetable at this time.
fn truth(club: &Club, now: &str, date: &str, activities: &[&str]) -> BTreeSet<Told> {
    let now = instant(now);
    let mut slots = club.truth(crate::harness::date(date));
    slots.retain(|slot| activities.contains(&slot.activity.as_str()) && slot.start >= now);
    let told = slots.into_iter().map(|slot| {
        let state = match slot {
            _ if slot.taken => "taken",
            _ if slot.bookable_from <= now => "free",
            _ => "opens_later",
        };
        let mut courts = slot.court_ids;
        courts.sort();
        (slot.activity, courts, slot.start, state.to_owned())
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
    let [dated, undated] = [false, true].map(|undated| {
        let club = club().undated(undated).start();
        told(&club, NOW, "2026-11-28", &["PADEL90", "014A001015"])
    });
    assert!(dated.len() > 20);
    assert_eq!(undated, dated);
}

#[test]
fn sets_of_courts_are_told_once_and_whole() {
    let club = club().court_sets(true).start();
    let sets = ["014A300001", "014A300002", "014A300003"];
    let date = "2026-11-28";
    let answer = told(&club, NOW, date, &sets);
    assert_eq!(answer, truth(&club, NOW, date, &sets));
    assert!(
        answer.iter().any(|slot| slot.3 == "free") && answer.iter().any(|slot| slot.1.len() == 5)
    );
    for columns in ["80", "40"] {
        let member = Member::of(&club).env("COLUMNS", columns);
        let stdout = member
            .run(format!(
                "availability --date sat --activity {} --all",
                sets[2]
            ))
            .stdout;
        assert_width(&stdout, columns.parse().expect("a width"));
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
        .run(format!(
            "availability --date sat --activity {} --format markdown",
            sets[1]
        ))
        .assert_stdout_has(", Basketball Half Court 1&2, ");
}
