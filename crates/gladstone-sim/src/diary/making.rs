//! Makes a member's bookings: ordinary ones over three years, odd ones among them, and a few to
//! come.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::{TruthBooking, oddities};
use crate::timetable::{instant, local_date, mix};

/// Ordinary past bookings are spread over so many days.
const DAYS: u64 = 3 * 365;

/// A booking to be dated: what, where, how many minutes.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) activity: &'static str,
    pub(super) site: &'static str,
    pub(super) court: &'static str,
    pub(super) minutes: i64,
}

/// An hour of padel; the double space of the longer name is the portal's.
pub(super) const HOUR: Kind = Kind {
    activity: "Padel 60 Mins",
    site: PADEL,
    court: "Padel Court 2",
    minutes: 60,
};
/// The same, longer.
pub(super) const LONG: Kind = Kind {
    activity: "Padel  90 Mins",
    site: PADEL,
    court: "Padel Court 3",
    minutes: 90,
};
const SHORT: Kind = Kind {
    activity: "Padel Tennis",
    site: "Riverside  Leisure Centre",
    court: "Padel 1",
    minutes: 55,
};
const PADEL: &str = "Riverside Padel Centre";
const COURTS: [&str; 4] = [
    "Padel Court 1",
    "Padel Court 2",
    "Padel Court 3",
    "Padel Court 4",
];

impl Kind {
    /// A booking of this kind.
    pub(super) fn at(self, start: DateTime<Utc>, status: &str) -> TruthBooking {
        TruthBooking {
            // Numbered when all are there; only those meant to have none lose theirs.
            reference: Some(String::new()),
            start,
            end: Some(start + TimeDelta::minutes(self.minutes)),
            activity: self.activity.to_owned(),
            court: Some(self.court.to_owned()),
            site: self.site.to_owned(),
            status: status.to_owned(),
        }
    }
}

/// All bookings of a member, by start.
pub(super) fn bookings(
    seed: u64,
    member: usize,
    now: DateTime<Utc>,
    history: usize,
) -> Vec<TruthBooking> {
    let today = local_date(now);
    let hash = |n: usize| mix(mix(seed ^ ((member as u64) << 32)) ^ n as u64);
    let mut all: Vec<_> = oddities::past(today).into_iter().take(history).collect();
    let ordinary = history - all.len();
    all.extend((0..ordinary).map(|n| {
        let back = 2 + n as u64 * DAYS / ordinary as u64;
        past(
            hash(n),
            today.checked_sub_days(Days::new(back)).unwrap_or(today),
        )
    }));
    all.extend(oddities::upcoming(today));
    all.sort_by_key(|booking| booking.start);
    // Numbers of seven digits, no two members' the same.
    let first = 1_000_000 + (mix(seed) % 1000 + 10 * member as u64) * 1000;
    for (booking, number) in all.iter_mut().zip(first..) {
        booking.reference = booking.reference.take().map(|_| number.to_string());
    }
    all
}

/// An ordinary booking of a past day.
fn past(hash: u64, date: NaiveDate) -> TruthBooking {
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
    let booking = kind.at(instant(date, 7 * 60 + 30 * half_hours), status);
    match COURTS.get(usize::try_from(hash / 1400 % 4).unwrap_or_default()) {
        Some(court) if kind.site == PADEL => TruthBooking {
            court: Some((*court).to_owned()),
            ..booking
        },
        _ => booking,
    }
}

/// An ordinary booking to come at the smaller site.
pub(super) fn elsewhere(start: DateTime<Utc>) -> TruthBooking {
    SHORT.at(start, "Booked")
}
