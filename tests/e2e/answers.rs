//! The right courts at the right times: every answer is checked against the club's own timetable,
//! calculated here once more.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::London;
use gladstone_sim::{Club, TruthSlot};
use serde_json::Value;

use crate::harness::{Member, NOW, club, date, instant, list, text};

/// A slot in both accounts: activity, courts, start and end in UTC, state.
type Key = (String, Vec<String>, DateTime<Utc>, DateTime<Utc>, String);

const PADEL: [&str; 4] = ["PADEL30", "PADEL60", "PADEL90", "014A001015"];

fn strings(value: &Value) -> Vec<String> {
    let items = list(value).iter();
    items.map(|item| text(item).to_owned()).collect()
}

fn answered(document: &Value) -> BTreeSet<Key> {
    let slots = list(&document["slots"]);
    let keys: BTreeSet<Key> = slots
        .iter()
        .map(|slot| {
            (
                text(&slot["activity_id"]).to_owned(),
                strings(&slot["court_ids"]),
                instant(text(&slot["start_at"])),
                instant(text(&slot["end_at"])),
                text(&slot["state"]).to_owned(),
            )
        })
        .collect();
    assert_eq!(keys.len(), slots.len(), "no slot stands twice");
    keys
}

/// The state of a slot by the rule: taken, else by the window, which closes at the start.
fn state(slot: &TruthSlot, now: DateTime<Utc>) -> String {
    let state = match slot {
        slot if slot.taken => "taken",
        slot if now >= slot.start => "closed",
        slot if now < slot.bookable_from => "opens_later",
        _ => "free",
    };
    state.to_owned()
}

fn truth(club: &Club, dates: &[&str], now: &str) -> BTreeSet<Key> {
    let now = instant(now);
    let slots = dates.iter().flat_map(|day| club.truth(date(day)));
    // padel asks for slots that start from now on.
    let slots = slots.filter(|slot| PADEL.contains(&slot.activity.as_str()) && slot.start >= now);
    slots
        .map(|slot| {
            (
                slot.activity.clone(),
                slot.court_ids.clone(),
                slot.start,
                slot.end,
                state(&slot, now),
            )
        })
        .collect()
}

#[test]
fn every_slot_of_a_fortnight_is_as_the_timetable_has_it() {
    let club = club().start();
    let member = Member::of(&club);
    let document = member.json("availability --date 2026-11-23 --days 14 --all");
    let days: Vec<String> = (0..14)
        .map(|ahead| (date("2026-11-23") + TimeDelta::days(ahead)).to_string())
        .collect();
    let days: Vec<&str> = days.iter().map(String::as_str).collect();
    let expected = truth(&club, &days, NOW);
    assert_eq!(answered(&document), expected);
    for name in ["free", "opens_later", "taken", "closed"] {
        let count = expected.iter().filter(|key| key.4 == name).count();
        assert_eq!(document["summary"][name], count, "{name}");
    }
    assert!(
        document["summary"]["opens_later"].as_u64() > Some(0),
        "the fortnight reaches beyond the windows"
    );
}

#[test]
fn free_slots_only_unless_all_are_wanted() {
    let club = club().start();
    let member = Member::of(&club);
    let free = answered(&member.json("availability"));
    let expected: BTreeSet<Key> = truth(&club, &["2026-11-23"], NOW)
        .into_iter()
        .filter(|key| key.4 == "free")
        .collect();
    assert!(!free.is_empty());
    assert_eq!(free, expected);
}

/// All runs of free truth slots on one court that last `wanted` minutes, by trying every pair of
/// first and last slot.
fn runs(
    slots: &[TruthSlot],
    wanted: i64,
    now: DateTime<Utc>,
) -> BTreeSet<(Vec<String>, DateTime<Utc>, DateTime<Utc>)> {
    let mut found = BTreeSet::new();
    for first in slots {
        let mut court: Vec<&TruthSlot> = slots
            .iter()
            .filter(|slot| (&slot.activity, &slot.court_ids) == (&first.activity, &first.court_ids))
            .filter(|slot| slot.start >= first.start)
            .collect();
        court.sort_by_key(|slot| slot.start);
        let mut end = first.start;
        let mut played = 0;
        for slot in court {
            if state(slot, now) != "free"
                || (slot.start - end) > TimeDelta::minutes(5)
                || slot.start < end
            {
                break;
            }
            end = slot.end;
            played += (slot.end - slot.start).num_minutes();
            let span = (end - first.start).num_minutes();
            if played <= wanted && wanted <= span + 5 && wanted - played <= 15 {
                found.insert((first.court_ids.clone(), first.start, end));
            }
        }
    }
    found
}

#[test]
fn availability_joins_slots_to_any_length() {
    let club = club().seed(11).start();
    let member = Member::of(&club);
    for wanted in [30, 55, 60, 90, 110, 120, 150, 180] {
        let document = member.json(format!(
            "availability --date sat --days 2 --duration {wanted}"
        ));
        let got: BTreeSet<_> = answered(&document)
            .into_iter()
            .map(|(_, courts, start, end, _)| (courts, start, end))
            .collect();
        let expected: BTreeSet<_> = ["2026-11-28", "2026-11-29"]
            .iter()
            .flat_map(|day| {
                let mut slots = club.truth(date(day));
                slots.retain(|slot| PADEL.contains(&slot.activity.as_str()));
                runs(&slots, wanted, instant(NOW))
            })
            .collect();
        assert!(!expected.is_empty(), "{wanted} minutes");
        assert_eq!(got, expected, "{wanted} minutes");
    }
}

/// The slots of three days at the smaller site that make a game of this length.
fn games(member: &Member, minutes: u32) -> Vec<Value> {
    let args = format!("availability --days 3 --activity 014A001015 --duration {minutes}");
    list(&member.json(args)["slots"]).to_vec()
}

#[test]
fn availability_counts_a_changeover_and_shows_playing_time() {
    let club = club().start();
    let member = Member::of(&club);
    assert_eq!(games(&member, 55), games(&member, 60));
    for slot in games(&member, 60) {
        assert_eq!(
            (&slot["duration_minutes"], &slot["bookings"]),
            (&55.into(), &1.into())
        );
        assert_eq!(&text(&slot["end"])[3..], "55", "the real end");
    }
    let two = games(&member, 120);
    assert!(!two.is_empty());
    for slot in two {
        assert_eq!(
            (&slot["duration_minutes"], &slot["bookings"]),
            (&110.into(), &2.into())
        );
        let length = instant(text(&slot["end_at"])) - instant(text(&slot["start_at"]));
        assert_eq!(length, TimeDelta::minutes(115));
    }
    assert!(games(&member, 50).is_empty());
    assert!(games(&member, 65).is_empty());
}

#[test]
fn availability_is_the_same_by_day_and_in_any_site_order() {
    let club = club().start();
    let member = Member::of(&club);
    let args = "availability --all --duration 90 --site UB --site 14";
    let at_once = answered(&member.json(format!("{args} --days 9")));
    let mut one_by_one = BTreeSet::new();
    for ahead in 0..9 {
        let args = format!("{args} --date +{ahead}");
        one_by_one.extend(answered(&member.json(&args)));
    }
    assert_eq!(at_once, one_by_one);
    let turned = "availability --all --duration 90 --site 14 --site UB --days 9";
    assert_eq!(answered(&member.json(turned)), at_once);
}

#[test]
fn hours_are_a_window_around_the_whole_slot() {
    let club = club().start();
    let member = Member::of(&club);
    let document = member.json("availability --date tomorrow --all --from 18:00 --to 21:00");
    let window = instant("2026-11-24T18:00:00Z")..=instant("2026-11-24T21:00:00Z");
    let mut expected = truth(&club, &["2026-11-24"], NOW);
    expected.retain(|key| window.contains(&key.2) && window.contains(&key.3));
    assert!(!expected.is_empty());
    assert_eq!(answered(&document), expected);
}

#[test]
fn the_day_is_echoed_with_its_weekday() {
    let club = club().start();
    let member = Member::of(&club);
    for (day, date, weekday) in [
        ("today", "2026-11-23", "Monday"),
        ("monday", "2026-11-23", "Monday"),
        ("tomorrow", "2026-11-24", "Tuesday"),
        ("Sat", "2026-11-28", "Saturday"),
        ("SUNDAY", "2026-11-29", "Sunday"),
        ("+10", "2026-12-03", "Thursday"),
        ("2026-12-24", "2026-12-24", "Thursday"),
    ] {
        let query = &member.json(["availability", "--date", day])["query"];
        assert_eq!(
            (&query["date"], &query["weekday"]),
            (&date.into(), &weekday.into()),
            "{day}"
        );
        for format in ["table", "markdown"] {
            let outcome = member.run(["availability", "--date", day, "--format", format]);
            let first = outcome.stdout.lines().next().expect("a heading").to_owned();
            assert!(first.contains(weekday), "{day}: {first}");
        }
    }
}

#[test]
fn weekdays_pick_days_of_the_coming_week() {
    let club = club().start();
    let document = Member::of(&club).json("availability --weekday sat,sunday --all");
    assert_eq!(document["query"]["days"], 7);
    assert_eq!(
        document["query"]["weekdays"],
        serde_json::json!(["Saturday", "Sunday"])
    );
    let days: BTreeSet<&str> = list(&document["slots"])
        .iter()
        .filter_map(|slot| slot["date"].as_str())
        .collect();
    assert_eq!(days, BTreeSet::from(["2026-11-28", "2026-11-29"]));
}

#[test]
fn a_window_opens_at_local_midnight_and_the_answer_says_when() {
    let club = club().start();
    let document = Member::of(&club).json("availability --date +7 --activity PADEL60 --all");
    // Seven days ahead opened today at midnight, eight days ahead opens tomorrow.
    assert_eq!(document["summary"]["opens_later"], 0);
    let document = Member::of(&club).json("availability --date +8 --activity PADEL60 --all");
    assert_eq!(document["summary"]["free"], 0);
    assert_eq!(
        document["summary"]["next_opens_at"],
        "2026-11-24T00:00:00+00:00"
    );
    let table = Member::of(&club)
        .run("availability --date +8 --activity PADEL60")
        .stdout;
    assert!(
        table.contains("nothing free yet")
            && table.contains("not open yet: bookable from Tue 24 Nov 00:00"),
        "{table}"
    );
}

#[test]
fn both_clock_changes_are_right_to_the_minute() {
    for (day, now, before, after) in [
        ("2026-03-29", "2026-03-26T09:00:00Z", "+00:00", "+01:00"),
        ("2026-10-25", "2026-10-22T08:00:00Z", "+01:00", "+00:00"),
    ] {
        let club = club().now(now).start();
        let member = Member::of(&club).env("PADEL_NOW", now);
        let document = member.json(["availability", "--date", day, "--all"]);
        assert_eq!(answered(&document), truth(&club, &[day], now), "{day}");
        let eve = (date(day) - TimeDelta::days(1)).to_string();
        let eves = member.json(["availability", "--date", &eve, "--all"]);
        for (document, offset) in [(&eves, before), (&document, after)] {
            let slots = list(&document["slots"]);
            assert!(!slots.is_empty());
            for slot in slots {
                let start = text(&slot["start_at"]);
                assert!(start.ends_with(offset), "{start}");
                let local = instant(start)
                    .with_timezone(&London)
                    .format("%H:%M")
                    .to_string();
                assert_eq!(slot["start"], local.as_str());
                assert!(
                    ["08:45", "09:00"].contains(&local.as_str()) || local.as_str() > "09:00",
                    "{local}"
                );
            }
        }
        // Seven local days before, at local midnight of the other offset.
        let from = text(&document["slots"][0]["bookable_from"]);
        let opened = (date(day) - TimeDelta::days(7)).to_string();
        assert!(
            from.starts_with(&opened) && from.ends_with(&format!("T00:00:00{before}")),
            "{from}"
        );
    }
}

#[test]
fn a_day_in_the_past_is_said_to_be_one() {
    let club = club().start();
    Member::of(&club)
        .run("availability --date 2026-11-22")
        .assert_success()
        .assert_stderr_has("2026-11-22 (Sunday) is in the past")
        .assert_stdout_has("this day is over");
}

#[test]
fn no_free_slot_overlaps_a_booking_of_the_member() {
    let club = club().start();
    let member = Member::of(&club);
    let booked = club.truth_bookings(crate::harness::EMAIL);
    let document = member.json("availability --days 14 --all");
    let mut overlapping = 0;
    for slot in list(&document["slots"]) {
        let [start, end] = ["start_at", "end_at"].map(|key| instant(text(&slot[key])));
        let is_booked = booked.iter().any(|booking| {
            booking.court.as_deref() == Some(text(&slot["court"]))
                && booking.status != "Cancelled"
                && booking.start < end
                && booking.end.is_some_and(|booked_until| start < booked_until)
                && booking.start > instant(NOW)
        });
        overlapping += usize::from(is_booked);
        assert!(!is_booked || slot["state"] == "taken", "{slot}");
    }
    assert!(overlapping > 8, "{overlapping}");
}

#[test]
fn a_slot_names_the_page_that_opens_it() {
    let club = club().start();
    let member = Member::of(&club);
    let stamp = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    let (mut single, mut joined, mut closed) = (0, 0, 0);
    for args in ["", "--date sat --duration 90", "--date +8 --all"] {
        for slot in list(&member.json(format!("availability {args}"))["slots"]) {
            let [start, end] = ["start_at", "end_at"].map(|key| instant(text(&slot[key])));
            let activity = text(&slot["activity_id"]);
            if slot["state"] != "free" {
                closed += 1;
                let page = format!("/book/calendar/{activity}?activityDate={}", stamp(start));
                assert_eq!(slot["link"], format!("{}{page}", club.url()));
                continue;
            }
            // Of several bookings the first.
            let first_end = match slot["bookings"].as_u64() {
                Some(1) => end,
                _ => start + TimeDelta::minutes(activity[5..].parse().expect("minutes")),
            };
            single += u32::from(first_end == end);
            joined += u32::from(first_end != end);
            let group = if activity.starts_with("PADEL") {
                "PADEL"
            } else {
                "RACKET"
            };
            let page = format!(
                "/book/details?activityEndTime={}&activityGroupId={group}&activityId={activity}\
                 &activityStartTime={}&locationId={}&siteId={}",
                stamp(first_end - TimeDelta::seconds(1)),
                stamp(start),
                text(&slot["court_ids"][0]),
                text(&slot["site_id"]),
            );
            assert_eq!(slot["link"], format!("{}{page}", club.url()));
        }
    }
    assert!(
        single > 50 && joined > 10 && closed > 50,
        "{single} {joined} {closed}"
    );
}
