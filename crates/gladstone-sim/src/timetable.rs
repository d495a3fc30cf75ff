//! What happens at the club: which courts are taken, when slots start and when they open. Knows neither HTTP nor JSON.

mod grid;
mod occupancy;
mod venue;
mod zone;

use chrono::{DateTime, NaiveDate, Utc};

pub(crate) use occupancy::mix;
pub(crate) use venue::{Activity, Court, Group, Site, Venue};
pub(crate) use zone::{instant, local, local_date};

/// The club's programme, a pure function of the seed.
#[derive(Debug)]
pub(crate) struct Timetable {
    /// Sites, courts and activities.
    pub(crate) venue: Venue,
    seed: u64,
}

/// One thing to book: an activity on its courts for a while.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    /// Beginning of play.
    pub(crate) start: DateTime<Utc>,
    /// End of play, not the portal's `:59`.
    pub(crate) end: DateTime<Utc>,
    /// Local midnight of the day on which the window opens.
    pub(crate) bookable_from: DateTime<Utc>,
    /// Whether somebody has one of the courts for a part of the time.
    pub(crate) taken: bool,
}

/// A slot as it truly is, apart from how the portal words it: see [`Club::truth`](crate::Club::truth).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TruthSlot {
    /// Site id, for example `UB` or `14`.
    pub site: String,
    /// Activity id, for example `PADEL60`.
    pub activity: String,
    /// The courts that the slot takes: one, or several for a whole hall.
    pub court_ids: Vec<String>,
    /// Beginning of play.
    pub start: DateTime<Utc>,
    /// End of play, not the portal's `:59`.
    pub end: DateTime<Utc>,
    /// Whether somebody has one of the courts for a part of the time.
    pub taken: bool,
    /// When the booking window opens; it closes at `start`.
    pub bookable_from: DateTime<Utc>,
}

impl Timetable {
    /// The programme of a club with that many padel courts and activities.
    pub(crate) fn new(seed: u64, courts: usize, activities: usize) -> Self {
        Self { venue: Venue::new(courts, activities), seed }
    }

    /// The slots of an activity on one of its places (see [`Activity::places`]) on a local day, by start.
    pub(crate) fn slots(&self, activity: &Activity, place: &[Court], date: NaiveDate) -> Vec<Slot> {
        let hours = activity.site.hours(date);
        let bookable_from = zone::midnight_before(date, activity.site.window_days);
        grid::starts(hours, activity)
            .map(|offset| Slot {
                start: zone::instant(date, hours.open + offset),
                end: zone::instant(date, hours.open + offset + activity.minutes),
                bookable_from,
                taken: place
                    .iter()
                    .any(|court| occupancy::overlaps(self.seed, court, date, hours, offset, activity.minutes)),
            })
            .collect()
    }

    /// Every slot of a local day.
    pub(crate) fn truth(&self, date: NaiveDate) -> Vec<TruthSlot> {
        let mut truth = Vec::new();
        for activity in &self.venue.activities {
            for place in activity.places() {
                truth.extend(self.slots(activity, place, date).into_iter().map(|slot| TruthSlot {
                    site: activity.site.id.to_owned(),
                    activity: activity.id.clone(),
                    court_ids: place.iter().map(|court| court.id.clone()).collect(),
                    start: slot.start,
                    end: slot.end,
                    taken: slot.taken,
                    bookable_from: slot.bookable_from,
                }));
            }
        }
        truth
    }
}

#[cfg(test)]
mod tests;
