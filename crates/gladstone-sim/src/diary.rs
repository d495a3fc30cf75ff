//! Bookings of members: a function of seed, member and the time at which the club opened.
//! Knows no JSON.

mod kind;
mod making;
mod oddities;

use chrono::{DateTime, Utc};

/// A booking as it truly is, apart from how the portal words it: see
/// [`Club::truth_bookings`](crate::Club::truth_bookings).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TruthBooking {
    /// The booking's number, digits only; some have none.
    pub reference: Option<String>,
    /// Beginning of play.
    pub start: DateTime<Utc>,
    /// End of play, not the portal's `:59`; some have none.
    pub end: Option<DateTime<Utc>>,
    /// Its name, for example `Padel 60 Mins`.
    pub activity: String,
    /// The court's name; some bookings have none.
    pub court: Option<String>,
    pub site: String,
    /// `Booked`, `Completed`, `Cancelled`, `NoShow`, or something that nobody has heard of.
    pub status: String,
}

#[derive(Debug)]
pub(crate) struct Diary {
    bookings: Vec<TruthBooking>,
}

/// Bookings by their start, both ends included; `None` is open.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) to: Option<DateTime<Utc>>,
}

impl Diary {
    /// The bookings of the member with that number, as many past ones as are wanted; seen from
    /// `now`.
    pub(crate) fn new(seed: u64, member: usize, now: DateTime<Utc>, history: usize) -> Self {
        Self {
            bookings: making::make_bookings(seed, member, now, history),
        }
    }

    /// All of them, by start.
    pub(crate) fn all(&self) -> &[TruthBooking] {
        &self.bookings
    }

    /// Those that start within a span, by start.
    pub(crate) fn within(&self, span: Span) -> impl DoubleEndedIterator<Item = &TruthBooking> {
        self.bookings.iter().filter(move |booking| {
            span.from.is_none_or(|from| from <= booking.start)
                && span.to.is_none_or(|to| booking.start <= to)
        })
    }
}

impl Span {
    /// From now on.
    pub(crate) fn upcoming(now: DateTime<Utc>) -> Self {
        Self {
            from: Some(now),
            to: None,
        }
    }

    /// Before now.
    pub(crate) fn past(now: DateTime<Utc>) -> Self {
        Self {
            from: None,
            to: Some(now - chrono::TimeDelta::seconds(1)),
        }
    }
}

#[cfg(test)]
mod tests;
