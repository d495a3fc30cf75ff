//! A member's booking, and which of them are still to come.

use chrono::{DateTime, Utc};

/// One booking of a member; what the portal does not tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// First instant of play.
    pub start: DateTime<Utc>,
    /// First instant after play, rounded up to the whole minute.
    pub end: Option<DateTime<Utc>>,
    /// The club's reference.
    pub reference: Option<String>,
    /// The activity's name.
    pub activity: Option<String>,
    /// The court's name.
    pub court: Option<String>,
    /// The site's name or id.
    pub site: Option<String>,
    /// In the portal's words, such as `Confirmed` or `Cancelled`.
    pub status: Option<String>,
}

/// Which bookings are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Not over yet, the next one first.
    Upcoming,
    /// Over, the latest first.
    History,
}

impl Booking {
    /// Whether it is over; one without an end is over once it has started.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.end.unwrap_or(self.start) <= now
    }
}

/// The bookings of a period, in its order; the portal's order and duplicates make no difference.
#[must_use]
pub fn of_period(mut bookings: Vec<Booking>, period: Period, now: DateTime<Utc>) -> Vec<Booking> {
    bookings.retain(|booking| booking.is_over(now) == (period == Period::History));
    let key = |booking: &Booking| {
        let Booking { start, end, reference, activity, court, site, status } = booking.clone();
        (start, end, reference, activity, court, site, status)
    };
    bookings.sort_by_cached_key(key);
    bookings.dedup();
    if period == Period::History {
        bookings.reverse();
    }
    bookings
}
