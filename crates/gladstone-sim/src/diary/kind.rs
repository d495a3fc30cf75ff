//! Kinds of bookings, to be dated.

use chrono::{DateTime, TimeDelta, Utc};

use super::TruthBooking;

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
/// Padel at the smaller site.
pub(super) const SHORT: Kind = Kind {
    activity: "Padel Tennis",
    site: "Riverside  Leisure Centre",
    court: "Padel 1",
    minutes: 55,
};
pub(super) const PADEL: &str = "Riverside Padel Centre";
impl Kind {
    pub(super) fn book_at(self, start: DateTime<Utc>, status: &str) -> TruthBooking {
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
