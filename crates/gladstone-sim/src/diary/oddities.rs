//! The bookings that a client is most likely to get wrong.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};

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
const AHEAD: Days = Days::new(60);
/// A status that no client has heard of.
const UNKNOWN: &str = "WaitingForGodot";

/// Past ones, the least ordinary first.
pub(super) fn make_past(today: NaiveDate) -> Vec<TruthBooking> {
    let back = |days: u64, minutes: u32| instant(days_before(today, days), minutes);
    let autumn = latest_before(today, |year| last_sunday(year, 10));
    let spring = latest_before(today, |year| last_sunday(year, 3));
    let eve = latest_before(today, |year| NaiveDate::from_ymd_opt(year, 12, 31));
    vec![
        // 01:00 to 02:00 by the clock on the wall, yet two hours; then 00:30 to 03:30.
        NIGHT.book_at(utc_midnight(autumn), "Completed"),
        NIGHT.book_at(instant(spring, 30), "Completed"),
        LONG.book_at(instant(eve, 23 * 60), "Completed"),
        TruthBooking {
            court: None,
            activity: "Padel Coaching".to_owned(),
            ..HOUR.book_at(back(20, 18 * 60), "Completed")
        },
        TruthBooking {
            reference: None,
            ..HOUR.book_at(back(24, 19 * 60), "Completed")
        },
        TruthBooking {
            end: None,
            activity: "Club Night".to_owned(),
            ..LONG.book_at(back(27, 20 * 60), "Completed")
        },
        HOUR.book_at(back(31, 17 * 60), UNKNOWN),
        LONG.book_at(back(34, 12 * 60), "Cancelled"),
        // Ends at midnight, ends after midnight, starts at midnight.
        HOUR.book_at(back(10, 23 * 60), "Completed"),
        HOUR.book_at(back(17, 23 * 60 + 30), "Completed"),
        HOUR.book_at(back(45, 0), "Completed"),
        LONG.book_at(instant(eve.succ_opt().unwrap_or(eve), 10 * 60), "Completed"),
    ]
}

/// Those to come, ordinary ones among them.
pub(super) fn make_upcoming(today: NaiveDate) -> Vec<TruthBooking> {
    let on = |days: u64, minutes: u32| {
        instant(
            today.checked_add_days(Days::new(days)).unwrap_or(today),
            minutes,
        )
    };
    let mut all = vec![
        HOUR.book_at(on(1, 19 * 60), "Booked"),
        LONG.book_at(on(3, 18 * 60), "Booked"),
        HOUR.book_at(on(5, 23 * 60), "Booked"),
        TruthBooking {
            court: None,
            activity: "Padel Coaching".to_owned(),
            ..HOUR.book_at(on(6, 10 * 60), "Booked")
        },
        TruthBooking {
            reference: None,
            ..HOUR.book_at(on(8, 17 * 60), "Booked")
        },
        TruthBooking {
            end: None,
            activity: "Club Night".to_owned(),
            ..LONG.book_at(on(9, 20 * 60), "Booked")
        },
        HOUR.book_at(on(11, 12 * 60), UNKNOWN),
        LONG.book_at(on(12, 14 * 60), "Cancelled"),
        SHORT.book_at(on(13, 9 * 60), "Booked"),
    ];
    let soon = today.checked_add_days(AHEAD).unwrap_or(today);
    let soon = |date: &NaiveDate| *date > today && *date <= soon;
    let next = |date: fn(i32) -> Option<NaiveDate>| {
        [0, 1]
            .into_iter()
            .filter_map(move |n| date(today.year() + n))
    };
    all.extend(
        next(|year| last_sunday(year, 10))
            .filter(soon)
            .map(|date| NIGHT.book_at(utc_midnight(date), "Booked")),
    );
    all.extend(
        next(|year| last_sunday(year, 3))
            .filter(soon)
            .map(|date| NIGHT.book_at(instant(date, 30), "Booked")),
    );
    let eves = next(|year| NaiveDate::from_ymd_opt(year, 12, 31));
    all.extend(
        eves.filter(soon)
            .map(|date| LONG.book_at(instant(date, 23 * 60), "Booked")),
    );
    all
}

/// The latest such day before today.
fn latest_before(today: NaiveDate, date: impl Fn(i32) -> Option<NaiveDate>) -> NaiveDate {
    // A day of margin: what starts on one day may end on the next.
    let before = days_before(today, 1);
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

fn days_before(today: NaiveDate, days: u64) -> NaiveDate {
    today.checked_sub_days(Days::new(days)).unwrap_or(today)
}

/// Midnight UTC.
fn utc_midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}
