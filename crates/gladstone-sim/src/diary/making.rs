//! Makes a member's bookings: ordinary ones over three years, odd ones among them, and a few to
//! come.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{
    TruthBooking,
    kind::{HOUR, LONG, PADEL, SHORT},
    oddities,
};
use crate::timetable::{instant, local_date, mix};

/// Ordinary past bookings are spread over so many days.
const DAYS: u64 = 3 * 365;
const COURTS: [&str; 4] = [
    "Padel Court 1",
    "Padel Court 2",
    "Padel Court 3",
    "Padel Court 4",
];

/// All bookings of a member, by start.
pub(super) fn make_bookings(
    seed: u64,
    member: usize,
    now: DateTime<Utc>,
    history: usize,
) -> Vec<TruthBooking> {
    let today = local_date(now);
    let own = mix(seed ^ ((member as u64) << 32));
    let mut all: Vec<_> = oddities::make_past(today)
        .into_iter()
        .take(history)
        .collect();
    let ordinary = history - all.len();
    all.extend((0..ordinary).map(|n| {
        let back = Days::new(2 + n as u64 * DAYS / ordinary as u64);
        let date = today.checked_sub_days(back).unwrap_or(today);
        make_past_booking(mix(own ^ n as u64), date)
    }));
    all.extend(oddities::make_upcoming(today));
    all.sort_by_key(|booking| booking.start);
    // Numbers of seven digits, no two members' the same.
    let first = 1_000_000 + (mix(seed) % 1000 + 10 * member as u64) * 1000;
    for (booking, number) in all.iter_mut().zip(first..) {
        booking.reference = booking.reference.take().map(|_| number.to_string());
    }
    all
}

/// An ordinary booking of a past day.
fn make_past_booking(hash: u64, date: NaiveDate) -> TruthBooking {
    let kind = match hash % 5 {
        0 => SHORT,
        1 | 2 => LONG,
        _ => HOUR,
    };
    let status = match hash / 5 % 10 {
        0 => "NoShow",
        1 => "Cancelled",
        _ => "Completed",
    };
    let half_hours = u32::try_from(hash / 50 % 28).unwrap_or_default();
    let booking = kind.book_at(instant(date, 7 * 60 + 30 * half_hours), status);
    match COURTS.get(usize::try_from(hash / 1400 % 4).unwrap_or_default()) {
        Some(court) if kind.site == PADEL => TruthBooking {
            court: Some((*court).to_owned()),
            ..booking
        },
        _ => booking,
    }
}
