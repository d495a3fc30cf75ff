//! One slot of one activity on one court, and what it is worth to a player at a given time.

use std::{
    cmp::{Ordering, Reverse},
    rc::Rc,
};

use chrono::{DateTime, TimeDelta, Utc};

/// What the portal lists on one court (or on one set of courts): an activity at a site.
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

/// Site, courts' ids, and a name only where there are no ids.
pub(super) type Place<'a> = (&'a str, &'a [String], &'a str);

impl Listing {
    /// Which court it is, or which courts.
    pub(super) fn place(&self) -> Place<'_> {
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
    /// Since when it can be booked; `None` means that the portal named no such time.
    pub bookable_from: Option<DateTime<Utc>>,
    /// Until when it can be booked; `None` means until it starts.
    pub bookable_until: Option<DateTime<Utc>>,
    /// Whether nobody has it. The portal says so before the booking window opens, too.
    pub available: bool,
    /// Whether the window is not open, whatever `bookable_from` says: by the portal's own flag, or
    /// as its time is not known.
    pub before_window: bool,
}

/// What a slot is worth to a player now.
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
    /// Free means available, `now` in [`bookable_from`, `bookable_until`), and not over.
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

    /// How long one plays, in whole minutes.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        (self.end - self.start).num_minutes()
    }

    /// The length that the slot must have to be believed: a minute at least, at most a day.
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

    /// Whether both are the same (activity, place, start, end), and so one slot.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.start, self.end) == (other.start, other.end) && self.shares_listing(other)
    }

    /// Whether both are of one activity on the same court.
    pub(super) fn shares_listing(&self, other: &Self) -> bool {
        self.order_listing(other).is_eq()
    }

    fn order_listing(&self, other: &Self) -> Ordering {
        let (a, b) = (&*self.listing, &*other.listing);
        if Rc::ptr_eq(&self.listing, &other.listing) {
            return Ordering::Equal;
        }
        (&a.activity_id, a.place()).cmp(&(&b.activity_id, b.place()))
    }

    /// The best state first, and then the widest window, so that the order of the answer does not
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
