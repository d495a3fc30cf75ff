//! The bookings that a client is most likely to get wrong.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};

use super::{
    TruthBooking,
    kind::{HOUR, Kind, LONG, SHORT},
};
use crate::timetable::instant;

/// A night event of two hours, in minutes of real time.
const NIGHT: Kind = Kind {
    activity: "Padel Night Marathon",
    minutes: 120,
    ..HOUR
};
/// A clock change or the end of the year is booked so far ahead.
const AHEAD: TimeDelta = TimeDelta::days(60);
const BOOKED: &str = "Booked";
/// A status that no client has heard of.
const UNKNOWN: &str = "WaitingForGodot";

/// Past ones, the least ordinary first.
pub(super) fn make_past(today: NaiveDate) -> Vec<TruthBooking> {
    let autumn = latest_before(today, autumn_change);
    let spring = latest_before(today, spring_change);
    let eve = latest_before(today, last_day);
    let new_year = eve.succ_opt().unwrap_or(eve);
    let done = "Completed";
    vec![
        // 01:00 to 02:00 by the clock on the wall, yet two hours; then 00:30 to 03:30.
        NIGHT.book_at(utc_midnight(autumn), done),
        NIGHT.book_at(instant(spring, 30), done),
        LONG.book_at(instant(eve, 23 * 60), done),
        without_court(HOUR.book_at(at(today, -20, 18), done)),
        without_reference(HOUR.book_at(at(today, -24, 19), done)),
        without_end(LONG.book_at(at(today, -27, 20), done)),
        HOUR.book_at(at(today, -31, 17), UNKNOWN),
        LONG.book_at(at(today, -34, 12), "Cancelled"),
        // Ends at midnight, ends after midnight, starts at midnight.
        HOUR.book_at(at(today, -10, 23), done),
        HOUR.book_at(at(today, -17, 23) + TimeDelta::minutes(30), done),
        HOUR.book_at(at(today, -45, 0), done),
        LONG.book_at(instant(new_year, 10 * 60), done),
    ]
}

/// Those to come, ordinary ones among them.
pub(super) fn make_upcoming(today: NaiveDate) -> Vec<TruthBooking> {
    let mut all = vec![
        HOUR.book_at(at(today, 1, 19), BOOKED),
        LONG.book_at(at(today, 3, 18), BOOKED),
        HOUR.book_at(at(today, 5, 23), BOOKED),
        without_court(HOUR.book_at(at(today, 6, 10), BOOKED)),
        without_reference(HOUR.book_at(at(today, 8, 17), BOOKED)),
        without_end(LONG.book_at(at(today, 9, 20), BOOKED)),
        HOUR.book_at(at(today, 11, 12), UNKNOWN),
        LONG.book_at(at(today, 12, 14), "Cancelled"),
        SHORT.book_at(at(today, 13, 9), BOOKED),
    ];
    let (autumn, spring) = (soon(today, autumn_change), soon(today, spring_change));
    all.extend(autumn.map(|date| NIGHT.book_at(utc_midnight(date), BOOKED)));
    all.extend(spring.map(|date| NIGHT.book_at(instant(date, 30), BOOKED)));
    all.extend(soon(today, last_day).map(|date| LONG.book_at(instant(date, 23 * 60), BOOKED)));
    all
}

fn without_court(booking: TruthBooking) -> TruthBooking {
    TruthBooking {
        court: None,
        activity: "Padel Coaching".to_owned(),
        ..booking
    }
}

fn without_reference(booking: TruthBooking) -> TruthBooking {
    TruthBooking {
        reference: None,
        ..booking
    }
}

fn without_end(booking: TruthBooking) -> TruthBooking {
    TruthBooking {
        end: None,
        activity: "Club Night".to_owned(),
        ..booking
    }
}

/// The full hour of a day before or after today.
fn at(today: NaiveDate, days: i64, hour: u32) -> DateTime<Utc> {
    let date = today.checked_add_signed(TimeDelta::days(days));
    instant(date.unwrap_or(today), hour * 60)
}

/// Such days of this year and the next that are soon.
fn soon(today: NaiveDate, date: fn(i32) -> Option<NaiveDate>) -> impl Iterator<Item = NaiveDate> {
    let years = [today.year(), today.year() + 1];
    let dates = years.into_iter().filter_map(date);
    dates.filter(move |date| *date > today && *date - today <= AHEAD)
}

/// The latest such day before today.
fn latest_before(today: NaiveDate, date: fn(i32) -> Option<NaiveDate>) -> NaiveDate {
    // A day of margin: what starts on one day may end on the next.
    let before = today.pred_opt().unwrap_or(today);
    (0..3)
        .filter_map(|n| date(today.year() - n))
        .find(|date| *date < before)
        .unwrap_or(before)
}

/// The clocks change on the last Sundays of March and October, at 01:00 UTC.
fn last_sunday(year: i32, month: u32) -> Option<NaiveDate> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    last.week(Weekday::Sun).first_day().into()
}

fn autumn_change(year: i32) -> Option<NaiveDate> {
    last_sunday(year, 10)
}

fn spring_change(year: i32) -> Option<NaiveDate> {
    last_sunday(year, 3)
}

fn last_day(year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, 12, 31)
}

fn utc_midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}
