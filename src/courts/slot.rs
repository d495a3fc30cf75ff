//! One slot of one activity on one court, and its state at a given time.

use std::{
    cmp::{Ordering, Reverse},
    rc::Rc,
};

use chrono::{DateTime, TimeDelta, Utc};

/// An activity on one court, or on one set of courts, of a site.
///
/// Every duration is an activity of its own, so the same court is listed under several activities.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listing {
    /// The site's id, such as `UB` or `14`; empty where the portal gave none.
    pub site_id: String,
    /// The activity's id, case-sensitive, such as `149A001015`.
    pub activity_id: String,
    /// The ids of all courts that the activity takes, sorted. They, not the name, say which court
    /// it is; empty where the portal gave none.
    pub court_ids: Vec<String>,
    /// The court's display name; for several courts their names, joined by ` + `.
    pub court: String,
    /// The activity's name; its id where the portal gave no name.
    pub activity: String,
}

/// Site, courts' ids, and the court's name only where there are no ids.
pub(super) type CourtKey<'a> = (&'a str, &'a [String], &'a str);

impl Listing {
    /// Returns what identifies the court, or the set of courts, among all of the club: `UB/PC3`,
    /// or the name where the portal gave no ids.
    #[must_use]
    pub fn key(&self) -> String {
        let (site, ids, name) = self.court_key();
        [site, "/", &ids.join("+"), name].concat()
    }

    /// Returns whether somebody may mean this court: by an id, or by words that are all in its
    /// name, in any case. `1` is no word of `Court 10`.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let court = self.court.to_lowercase();
        let mut words = name.split_whitespace();
        self.court_ids
            .iter()
            .any(|id| id.eq_ignore_ascii_case(name))
            || words.all(|word| {
                court
                    .split_whitespace()
                    .any(|own| own == word.to_lowercase())
            })
    }

    /// Identity of the court, or of the set of courts.
    pub(super) fn court_key(&self) -> CourtKey<'_> {
        let name = if self.court_ids.is_empty() {
            &*self.court
        } else {
            ""
        };
        (&self.site_id, &self.court_ids, name)
    }
}

/// One slot as the portal lists it, times in UTC and ends rounded up to the whole minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Activity, site and court.
    pub listing: Rc<Listing>,
    /// First instant of play.
    pub start: DateTime<Utc>,
    /// First instant after play.
    pub end: DateTime<Utc>,
    /// Start of its booking window; `None` means that the portal named no such time.
    pub bookable_from: Option<DateTime<Utc>>,
    /// End of its booking window; `None` means that it ends when the slot starts.
    pub bookable_until: Option<DateTime<Utc>>,
    /// `true` if nobody has it. The portal says so before the booking window opens, too.
    pub available: bool,
    /// `true` if the window is not open yet, whatever `bookable_from` says: the portal's own flag
    /// says so, or the time could not be read.
    pub before_window: bool,
}

/// A player's chance of a slot at a given time, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nobody has it and it can be booked now.
    Free,
    /// Nobody has it; the booking window is not open yet.
    OpensLater,
    /// Nobody has it; the booking window is over.
    Closed,
    /// Somebody has it, or the portal does not offer it.
    Taken,
}

impl State {
    /// The name used in JSON: `free`, `opens_later`, `closed` or `taken`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::OpensLater => "opens_later",
            Self::Closed => "closed",
            Self::Taken => "taken",
        }
    }

    /// The name for people. A club is closed; a slot is not.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::OpensLater => "opens later",
            Self::Closed => "no longer bookable",
            Self::Taken => "taken",
        }
    }
}

impl Slot {
    /// Returns its state at `now`: free means available, `now` inside the booking window, and not
    /// over.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> State {
        if !self.available {
            State::Taken
        } else if now >= self.bookable_until.unwrap_or(self.start).min(self.end) {
            State::Closed
        } else if self.before_window || self.bookable_from.is_some_and(|from| now < from) {
            State::OpensLater
        } else {
            State::Free
        }
    }

    /// Playing time in whole minutes.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        (self.end - self.start).num_minutes()
    }

    /// Returns whether its length can be true: a minute at least, at most a day.
    #[must_use]
    pub fn is_plausible(&self) -> bool {
        (TimeDelta::minutes(1)..=TimeDelta::days(1)).contains(&(self.end - self.start))
    }

    /// Groups by listing, then orders by time; of identical slots the one that is worth most comes
    /// first.
    pub(super) fn order(&self, other: &Self, now: DateTime<Utc>) -> Ordering {
        self.order_listing(other)
            .then_with(|| (self.start, self.end).cmp(&(other.start, other.end)))
            .then_with(|| self.worth(now).cmp(&other.worth(now)))
    }

    /// Returns whether both are the same (activity, place, start, end), and so one slot.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.start, self.end) == (other.start, other.end) && self.shares_listing(other)
    }

    /// Returns whether both are of one activity on the same court.
    pub(super) fn shares_listing(&self, other: &Self) -> bool {
        self.order_listing(other).is_eq()
    }

    fn order_listing(&self, other: &Self) -> Ordering {
        let (a, b) = (&*self.listing, &*other.listing);
        if Rc::ptr_eq(&self.listing, &other.listing) {
            return Ordering::Equal;
        }
        (&a.activity_id, a.court_key()).cmp(&(&b.activity_id, b.court_key()))
    }

    /// The best state first, and then the widest window, so that the portal's order does not
    /// matter.
    fn worth(&self, now: DateTime<Utc>) -> impl Ord + use<'_> {
        let until = Reverse(self.bookable_until.unwrap_or(self.start));
        (
            self.state(now),
            self.bookable_from,
            until,
            self.before_window,
            &self.listing,
        )
    }
}
