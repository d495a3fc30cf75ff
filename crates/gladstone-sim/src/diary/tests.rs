//! The bookings, without the portal.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn diary(history: usize) -> Diary {
    Diary::new(7, 0, at("2026-11-23T09:00:00Z"), history)
}

#[test]
fn history_has_as_many_rows_as_asked_for() {
    let now = at("2026-11-23T09:00:00Z");
    for history in [0, 1, 11, 12, 13, 48, 5000] {
        assert_eq!(diary(history).within(Span::past(now)).count(), history);
        assert_eq!(diary(history).within(Span::upcoming(now)).count(), 10);
    }
}

#[test]
fn the_past_is_three_years_long() {
    let first = diary(48).all()[0].start;
    assert!(
        first < at("2024-01-15T00:00:00Z") && first > at("2023-11-01T00:00:00Z"),
        "{first}"
    );
}

#[test]
fn every_oddity_occurs_on_any_day() {
    for day in 0..400 {
        let now = at("2026-01-01T00:30:00Z") + TimeDelta::days(day);
        let diary = Diary::new(7, 0, now, 48);
        assert_eq!(diary.within(Span::past(now)).count(), 48, "{now}");
        let any =
            |holds: &dyn Fn(&TruthBooking) -> bool| assert!(diary.all().iter().any(holds), "{now}");
        any(&|it| it.reference.is_none());
        any(&|it| it.court.is_none());
        any(&|it| it.end.is_none());
        any(&|it| it.status == "WaitingForGodot");
        any(&|it| it.status == "Cancelled");
        let local = |at: DateTime<Utc>| at.with_timezone(&chrono_tz::Europe::London);
        let wall = |it: &TruthBooking| {
            it.end
                .map(|end| local(end).naive_local() - local(it.start).naive_local())
        };
        any(&|it| it.activity == "Padel Night Marathon" && wall(it) == Some(TimeDelta::hours(1)));
        any(&|it| it.activity == "Padel Night Marathon" && wall(it) == Some(TimeDelta::hours(3)));
        any(&|it| {
            it.end
                .is_some_and(|end| local(end).date_naive() != local(it.start).date_naive())
        });
        any(&|it| local(it.start).format("%m-%d %H:%M").to_string() == "12-31 23:00");
    }
}

#[test]
fn numbers_are_of_seven_digits_and_nobody_elses() {
    let mut numbers = Vec::new();
    for member in 0..3 {
        let diary = Diary::new(7, member, at("2026-11-23T09:00:00Z"), 5000);
        numbers.extend(
            diary
                .all()
                .iter()
                .filter_map(|booking| booking.reference.clone()),
        );
    }
    let count = numbers.len();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), count);
    assert!(
        numbers
            .iter()
            .all(|number| number.len() == 7 && number.parse::<u64>().is_ok())
    );
}

#[test]
fn the_same_seed_makes_the_same_bookings() {
    assert_eq!(diary(48).all(), diary(48).all());
    assert_ne!(
        diary(48).all(),
        Diary::new(8, 0, at("2026-11-23T09:00:00Z"), 48).all()
    );
    assert_ne!(
        diary(48).all(),
        Diary::new(7, 1, at("2026-11-23T09:00:00Z"), 48).all()
    );
}
