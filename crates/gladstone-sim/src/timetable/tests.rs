//! The timetable by itself: grids, windows, clock changes, shared courts.

use super::*;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The slots of an activity on a day, over all courts.
fn slots(activity: &str, day: &str) -> Vec<TruthSlot> {
    let truth = Timetable::new(7, 4, 3).list_truth(date(day), now());
    truth
        .into_iter()
        .filter(|slot| slot.activity == activity)
        .collect()
}

fn now() -> DateTime<Utc> {
    utc("2026-11-23T09:00:00Z")
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn weekdays_start_on_the_hour_and_weekends_at_a_quarter_to() {
    assert_eq!(
        slots("PADEL60", "2026-11-23")[1].start,
        utc("2026-11-23T08:00:00Z")
    );
    assert_eq!(
        slots("PADEL60", "2026-11-28")[1].start,
        utc("2026-11-28T09:45:00Z")
    );
}

#[test]
fn fifty_five_minutes_start_every_sixty() {
    let slots = slots("014A001015", "2026-11-23");
    assert_eq!(slots[0].end, utc("2026-11-23T09:55:00Z"));
    assert_eq!(slots[1].start, utc("2026-11-23T10:00:00Z"));
}

#[test]
fn slots_keep_their_local_time_when_the_clocks_change() {
    for (day, first) in [
        ("2026-03-28", "2026-03-28T08:45:00Z"),
        ("2026-03-29", "2026-03-29T07:45:00Z"),
        ("2026-10-24", "2026-10-24T07:45:00Z"),
        ("2026-10-25", "2026-10-25T08:45:00Z"),
    ] {
        assert_eq!(slots("PADEL60", day)[0].start, utc(first));
    }
}

#[test]
fn windows_open_at_local_midnight_across_a_clock_change() {
    for (activity, day, opens) in [
        ("PADEL60", "2026-11-23", "2026-11-16T00:00:00Z"),
        ("014A001015", "2026-11-23", "2026-11-15T00:00:00Z"),
        ("PADEL60", "2026-10-30", "2026-10-22T23:00:00Z"),
        ("PADEL60", "2026-04-02", "2026-03-26T00:00:00Z"),
        ("PADEL60", "2026-04-06", "2026-03-29T23:00:00Z"),
    ] {
        assert_eq!(
            slots(activity, day)[0].bookable_from,
            utc(opens),
            "{activity} on {day}"
        );
    }
}

#[test]
fn a_court_is_taken_in_all_activities_that_overlap() {
    let mut compared = 0;
    for day in date("2026-11-23").iter_days().take(14) {
        let truth = Timetable::new(7, 4, 3).list_truth(day, now());
        let halves: Vec<_> = truth
            .iter()
            .filter(|slot| slot.activity == "PADEL30")
            .collect();
        for long in truth
            .iter()
            .filter(|slot| ["PADEL60", "PADEL90"].contains(&slot.activity.as_str()))
        {
            let within = |half: &&&TruthSlot| {
                half.court_ids == long.court_ids && half.start < long.end && long.start < half.end
            };
            let taken = halves.iter().filter(within).any(|half| half.taken);
            assert_eq!(long.taken, taken, "{long:?}");
            compared += 1;
        }
    }
    assert!(compared > 1000);
}

#[test]
fn the_whole_hall_is_taken_when_one_of_its_courts_is() {
    let courts = slots("014A200102", "2026-11-23");
    for hall in slots("014A300001", "2026-11-23") {
        assert_eq!(hall.court_ids.len(), 4);
        assert_eq!(
            hall.taken,
            courts
                .iter()
                .any(|court| court.start == hall.start && court.taken)
        );
    }
}

#[test]
fn evenings_are_busier_than_mornings_but_never_full() {
    let (mut morning, mut evening) = ((0, 0), (0, 0));
    for day in date("2026-11-23").iter_days().take(5) {
        for slot in slots("PADEL60", &day.to_string()) {
            let late = slot.start >= utc(&format!("{day}T17:00:00Z"));
            let (taken, all) = if late { &mut evening } else { &mut morning };
            *taken += usize::from(slot.taken);
            *all += 1;
        }
    }
    let share = |(taken, all)| 100 * taken / all;
    assert!(
        share(morning) > 5 && share(morning) < share(evening) && share(evening) < 95,
        "{morning:?} {evening:?}"
    );
}

#[test]
fn another_seed_is_another_timetable() {
    let day = date("2026-11-23");
    let truth = |seed: u64| Timetable::new(seed, 4, 3).list_truth(day, now());
    assert_eq!(truth(7), truth(7));
    assert_ne!(truth(7), truth(8));
}

#[test]
fn a_booking_is_made_under_one_activity_only() {
    let club = Timetable::new(7, 4, 3).with_court_sets();
    let (mut own, mut other, mut kinds) = (0, 0, std::collections::BTreeSet::new());
    for day in date("2026-11-23").iter_days().take(14) {
        let truth = club.list_truth(day, now());
        for slot in truth.iter().filter(|slot| slot.booked_as_such) {
            assert!(slot.taken, "{slot:?}");
            let shares = |one: &&TruthSlot| {
                one.court_ids
                    .iter()
                    .any(|court| slot.court_ids.contains(court))
            };
            let overlaps = |one: &&TruthSlot| {
                one.start < slot.end && slot.start < one.end && one.activity != slot.activity
            };
            for rival in truth.iter().filter(shares).filter(overlaps) {
                assert!(rival.taken && !rival.booked_as_such, "{slot:?} {rival:?}");
            }
            kinds.insert(slot.activity.clone());
        }
        own += truth.iter().filter(|slot| slot.booked_as_such).count();
        other += truth
            .iter()
            .filter(|slot| slot.taken && !slot.booked_as_such)
            .count();
    }
    assert!(own > 200 && other > own, "{own} {other}");
    assert!(kinds.len() >= 7, "{kinds:?}");
}
