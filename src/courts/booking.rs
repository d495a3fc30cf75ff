//! A member's booking, and which of them are still to come.

use std::collections::HashMap;

use crate::{sort::sort_by, zone::Zone};
use chrono::{DateTime, NaiveDate, Utc};

/// One booking of a member; `None` stands for what the portal does not tell. Ordered by start.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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

/// Words of a status that say that a booking was cancelled.
const CANCELLED: [&str; 4] = ["cancelled", "canceled", "cancel", "cancellation"];
/// Words beside those that say that it was not, or not yet.
const NOT_CANCELLED: [&str; 22] = [
    "not",
    "no",
    "non",
    "never",
    "un",
    "be",
    "can",
    "cannot",
    "may",
    "to",
    "free",
    "before",
    "until",
    "allowed",
    "available",
    "possible",
    "deadline",
    "policy",
    "pending",
    "requested",
    "request",
    "requesting",
];

/// Words of a status that say that it was played.
const PLAYED: [&str; 6] = [
    "completed",
    "complete",
    "played",
    "attended",
    "arrived",
    "finished",
];

/// What became of a booking, as far as its status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Neither over nor cancelled.
    ToCome,
    /// Over, and its status says that it was played.
    Played,
    /// Cancelled, over or not.
    Cancelled,
    /// Over; only the club knows what its status says.
    Unknown,
}

/// Splits a status into words in lower case, `LateCancelled` and `LATE_CANCELLED` alike.
fn split_words(status: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for char in status.chars() {
        let begins = char.is_uppercase() && was_lower;
        if begins || !char.is_alphabetic() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| char.is_alphabetic()) {
            word.extend(char.to_lowercase());
        }
        was_lower = char.is_lowercase();
    }
    words
}

/// Past or upcoming bookings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Those that are not over yet, the next one first.
    Upcoming,
    /// Those that are over, the latest first.
    History,
}

impl Booking {
    /// Returns whether it is over at `now`; one without an end is over once it has started.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.end.unwrap_or(self.start) <= now
    }

    /// Returns whether its status says that it was cancelled, such as `Cancelled`, `LateCancel` or
    /// `CANCELED`; not that it can be, or that somebody asked for it.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.says_any(&CANCELLED)
    }

    /// Returns what became of it at `now`.
    #[must_use]
    pub fn fate(&self, now: DateTime<Utc>) -> Fate {
        match self.is_over(now) {
            _ if self.is_cancelled() => Fate::Cancelled,
            false => Fate::ToCome,
            true if self.says_any(&PLAYED) => Fate::Played,
            true => Fate::Unknown,
        }
    }

    /// Returns whether the status has one of these words, and none that turns it round.
    fn says_any(&self, known: &[&str]) -> bool {
        let words = split_words(self.status.as_deref().unwrap_or_default());
        let has_any = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
        has_any(known) && !has_any(&NOT_CANCELLED)
    }
}

/// The latest booking of each reference, by start and court.
///
/// A club may give one reference to several bookings, such as two courts or the weeks of a course.
/// Each needs a name that stays the same when earlier ones are over, so only the latest one is
/// named by the bare reference.
#[derive(Debug, Clone, Default)]
pub struct LatestByReference(HashMap<String, (DateTime<Utc>, Option<String>)>);

impl LatestByReference {
    /// Takes all bookings that the club listed, before any is left out.
    #[must_use]
    pub fn new(bookings: &[Booking]) -> Self {
        let mut latest = HashMap::new();
        for booking in bookings {
            let Some(reference) = &booking.reference else {
                continue;
            };
            let this = (booking.start, booking.court.clone());
            let known = latest
                .entry(reference.clone())
                .or_insert_with(|| this.clone());
            if this > *known {
                *known = this;
            }
        }
        Self(latest)
    }

    /// Returns whether `booking` has a reference, and no later one has the same.
    #[must_use]
    pub fn contains(&self, booking: &Booking) -> bool {
        let latest = booking
            .reference
            .as_ref()
            .and_then(|reference| self.0.get(reference));
        latest.is_some_and(|(start, court)| (*start, court) == (booking.start, &booking.court))
    }
}

/// Selects the bookings of a period, in its order. The portal's order and duplicates make no
/// difference.
#[must_use]
pub fn select_period(
    mut bookings: Vec<Booking>,
    period: Period,
    now: DateTime<Utc>,
) -> Vec<Booking> {
    bookings.retain(|booking| booking.is_over(now) == (period == Period::History));
    sort_by(&mut bookings, Ord::cmp);
    bookings.dedup();
    if period == Period::History {
        bookings.reverse();
    }
    bookings
}

/// Selects the bookings that start on the days from `first` to `last` in the club's zone, in order.
#[must_use]
pub fn select_dates(
    mut bookings: Vec<Booking>,
    zone: Zone,
    (first, last): (NaiveDate, NaiveDate),
) -> Vec<Booking> {
    bookings.retain(|booking| {
        let date = booking.start.with_timezone(&zone).date_naive();
        (first..=last).contains(&date)
    });
    sort_by(&mut bookings, Ord::cmp);
    bookings.dedup();
    bookings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booking(start: &str, reference: Option<&str>, court: &str, status: &str) -> Booking {
        Booking {
            start: start.parse().unwrap(),
            end: None,
            reference: reference.map(str::to_owned),
            activity: None,
            court: Some(court.to_owned()),
            site: None,
            status: Some(status.to_owned()),
        }
    }

    #[test]
    fn a_status_says_cancelled_only_where_it_is() {
        let is_cancelled =
            |status: &&str| booking("2026-11-24T18:00:00Z", None, "", status).is_cancelled();
        let cancelled = [
            "Cancelled",
            "Canceled",
            "CANCELLED",
            "LateCancelled",
            "Late cancel",
            "LATE_CANCELED",
            "Cancelled by club",
            "cancelledByMember",
            "Late Cancellation",
            "Booking cancelled (refunded)",
            "Cancel",
        ];
        assert_eq!(cancelled.iter().find(|status| !is_cancelled(status)), None);
        let others = [
            "",
            "Booked",
            "Confirmed",
            "Not cancelled",
            "Cancellable",
            "Can be cancelled",
            "NonCancellable",
            "Uncancelled",
            "Cancellation requested",
            "Cancellation pending",
            "Free cancellation until 18:00",
            "To be cancelled",
            "No-show",
        ];
        assert_eq!(others.iter().find(|status| is_cancelled(status)), None);
    }

    #[test]
    fn only_known_words_say_that_a_booking_was_played() {
        let fate = |status: &str, now: &str| {
            booking("2026-11-24T18:00:00Z", None, "", status).fate(now.parse().unwrap())
        };
        let after = "2026-11-25T00:00:00Z";
        for (status, expected) in [
            ("Completed", Fate::Played),
            ("ATTENDED", Fate::Played),
            ("Not attended", Fate::Unknown),
            ("NoShow", Fate::Unknown),
            ("Booked", Fate::Unknown),
            ("", Fate::Unknown),
            ("LateCancelled", Fate::Cancelled),
        ] {
            assert_eq!(fate(status, after), expected, "{status}");
        }
        let before = "2026-11-24T00:00:00Z";
        assert_eq!(fate("Booked", before), Fate::ToCome);
        assert_eq!(fate("Cancelled", before), Fate::Cancelled);
    }

    #[test]
    fn the_latest_of_a_reference_keeps_it_when_others_are_over() {
        let week = |day: u32, court: &str| {
            booking(
                &format!("2026-11-{day}T18:00:00Z"),
                Some("77"),
                court,
                "Booked",
            )
        };
        let all = [
            week(10, "1"),
            week(17, "1"),
            week(17, "2"),
            booking("2026-12-01T18:00:00Z", None, "1", "Booked"),
        ];
        for left in 0..3 {
            let latest = LatestByReference::new(&all[left..]);
            let held: Vec<bool> = all.iter().map(|booking| latest.contains(booking)).collect();
            assert_eq!(held, [false, false, true, false], "{left} are over");
        }
    }
}
