//! What happens at the club: which courts are taken, when slots start and when they open. Knows
//! neither HTTP nor JSON.

mod grid;
mod occupancy;
mod venue;
mod zone;

use std::sync::Mutex;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use sim_server::locked;

use occupancy::Cells;

use crate::diary::TruthBooking;

pub(crate) use occupancy::mix;
pub(crate) use venue::{Activity, Court, Group, Site, Venue};
pub(crate) use zone::{instant, local, local_date};

/// The club's programme, a pure function of the seed.
#[derive(Debug)]
pub(crate) struct Timetable {
    /// Sites, courts and activities.
    pub(crate) venue: Venue,
    seed: u64,
    moving_windows: bool,
    /// What members have booked, beside what the seed says.
    claims: Vec<Claim>,
    /// What changed since the club opened, the latest last.
    changes: Mutex<Vec<Change>>,
}

/// A court that somebody took, or gave back.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) court: String,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    pub(crate) taken: bool,
}

/// A court that a member has for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Claim {
    court_id: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
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
    /// Somebody has one of the courts for a part of the time.
    pub(crate) taken: bool,
    /// The number of the booking, where it was made under this very activity.
    pub(crate) booking: Option<u32>,
}

/// A slot as it truly is, apart from how the portal words it: see
/// [`Club::truth`](crate::Club::truth).
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
    /// Somebody has one of the courts for a part of the time.
    pub taken: bool,
    /// It was booked under this very activity, and not under another on the same courts.
    pub booked_as_such: bool,
    /// The booking window opens then, and closes at `start`.
    pub bookable_from: DateTime<Utc>,
}

impl Timetable {
    /// The programme of a club with that many padel courts and activities.
    pub(crate) fn new(seed: u64, courts: usize, activities: usize) -> Self {
        Self {
            venue: Venue::new(courts, activities),
            seed,
            moving_windows: false,
            changes: Mutex::default(),
            claims: Vec::new(),
        }
    }

    /// The same with the courts taken that members have from `now` on.
    pub(crate) fn with_bookings<'a>(
        mut self,
        bookings: impl Iterator<Item = &'a TruthBooking>,
        now: DateTime<Utc>,
    ) -> Self {
        let courts: Vec<&Court> = self
            .venue
            .activities
            .iter()
            .flat_map(Activity::court_sets)
            .flatten()
            .collect();
        let claims = bookings.filter_map(|booking| {
            let court = courts
                .iter()
                .find(|court| Some(&court.name) == booking.court.as_ref())?;
            let is_kept = booking.start > now && booking.status != "Cancelled";
            Some(Claim {
                court_id: court.id.clone(),
                start: booking.start,
                end: booking.end.filter(|_| is_kept)?,
            })
        });
        self.claims = claims.collect();
        self
    }

    /// The same with sets of courts.
    pub(crate) fn with_court_sets(mut self) -> Self {
        self.venue.activities.extend(venue::activities_over_sets());
        self
    }

    /// The same with booking windows that depend on the day of the question.
    pub(crate) fn with_moving_windows(self) -> Self {
        Self {
            moving_windows: true,
            ..self
        }
    }

    /// Takes note of a court that is taken or given back.
    pub(crate) fn change(&self, change: Change) {
        locked(&self.changes).push(change);
    }

    /// The slots of an activity on one of its sets of courts (see [`Activity::court_sets`]) on a
    /// local day, by start; as seen at `now`.
    pub(crate) fn list_slots(
        &self,
        activity: &Activity,
        courts: &[Court],
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> Vec<Slot> {
        let hours = activity.site.hours(date);
        let changes = locked(&self.changes).clone();
        grid::slot_starts(hours, activity)
            .map(|offset| {
                let start = zone::instant(date, hours.open + offset);
                let end = zone::instant(date, hours.open + offset + activity.minutes);
                let is_taken = |court: &Court| {
                    let was_taken = self.cells(activity, court, date, offset).any_taken()
                        || self.is_claimed(court, start, end);
                    if changes.is_empty() {
                        return was_taken;
                    }
                    let mut minutes = offset..offset + activity.minutes;
                    minutes.any(|at| {
                        let time = zone::instant(date, hours.open + at);
                        let latest = changes.iter().rev().find(|change| {
                            change.court == court.id && (change.start..change.end).contains(&time)
                        });
                        latest.map_or(was_taken, |change| change.taken)
                    })
                };
                Slot {
                    start,
                    end,
                    bookable_from: self.bookable_from(activity.site, courts, date, offset, now),
                    taken: courts.iter().any(is_taken),
                    booking: self.booking_number(activity, courts, date, offset),
                }
            })
            .collect()
    }

    fn is_claimed(&self, court: &Court, start: DateTime<Utc>, end: DateTime<Utc>) -> bool {
        let mut claims = self.claims.iter();
        claims.any(|claim| claim.court_id == court.id && claim.start < end && start < claim.end)
    }

    /// Every slot of a local day, as seen at `now`.
    pub(crate) fn list_truth(&self, date: NaiveDate, now: DateTime<Utc>) -> Vec<TruthSlot> {
        let activities = self.venue.activities.iter();
        let sets =
            activities.flat_map(|activity| activity.court_sets().map(move |set| (activity, set)));
        sets.flat_map(|(activity, courts)| {
            let slots = self.list_slots(activity, courts, date, now);
            slots.into_iter().map(move |slot| TruthSlot {
                site: activity.site.id.to_owned(),
                activity: activity.id.clone(),
                court_ids: courts.iter().map(|court| court.id.clone()).collect(),
                start: slot.start,
                end: slot.end,
                taken: slot.taken,
                booked_as_such: slot.booking.is_some(),
                bookable_from: slot.bookable_from,
            })
        })
        .collect()
    }

    fn cells(&self, activity: &Activity, court: &Court, date: NaiveDate, offset: u32) -> Cells {
        let hours = activity.site.hours(date);
        Cells::new(self.seed, court, date, hours, offset, activity.minutes)
    }

    /// The number of the booking that was made under this very activity. Its slots begin and end
    /// with a booking; where the bookings of several activities could be so, one of them has it.
    fn booking_number(
        &self,
        activity: &Activity,
        courts: &[Court],
        date: NaiveDate,
        offset: u32,
    ) -> Option<u32> {
        let first = courts.first()?;
        let hours = activity.site.hours(date);
        if !courts
            .iter()
            .all(|court| self.cells(activity, court, date, offset).all_taken())
            || self.is_in_a_larger_set(activity, courts, date, offset)
        {
            return None;
        }
        let draw = mix(occupancy::day_hash(self.seed, &first.id, date)
            ^ u64::from(offset) << 32
            ^ activity.together as u64);
        // Numbers have seven digits.
        let number = 1_000_000 + u32::try_from(mix(draw) % 9_000_000).ok()?;
        if activity.together > 1 {
            return (draw & 1 == 1).then_some(number);
        }
        let bookings = occupancy::list_bookings(self.seed, first, date, hours);
        let booking = bookings.iter().find(|booking| {
            let end = booking.offset + booking.minutes;
            booking.offset <= offset && offset + activity.minutes <= end
        })?;
        let candidates: Vec<&Activity> = self
            .venue
            .activities
            .iter()
            .filter(|other| {
                other.together == 1
                    && other.site.id == activity.site.id
                    && other
                        .court_sets()
                        .flatten()
                        .any(|court| court.id == first.id)
                    && booking.offset.is_multiple_of(other.every)
                    && booking.minutes.is_multiple_of(other.every)
            })
            .collect();
        let chosen = usize::try_from(booking.draw % candidates.len().max(1) as u64).ok()?;
        candidates
            .get(chosen)
            .is_some_and(|chosen| chosen.id == activity.id)
            .then_some(number)
    }

    /// True when one of the courts is booked together with more courts at that time.
    fn is_in_a_larger_set(
        &self,
        activity: &Activity,
        courts: &[Court],
        date: NaiveDate,
        offset: u32,
    ) -> bool {
        let hours = activity.site.hours(date);
        let sets = self
            .venue
            .activities
            .iter()
            .filter(|set| set.together > activity.together && set.site.id == activity.site.id);
        let mut larger = sets.flat_map(|set| set.court_sets().map(move |courts| (set, courts)));
        larger.any(|(set, larger)| {
            larger
                .iter()
                .any(|court| courts.iter().any(|own| own.id == court.id))
                && grid::slot_starts(hours, set)
                    .filter(|at| *at < offset + activity.minutes && offset < at + set.minutes)
                    .any(|at| self.booking_number(set, larger, date, at).is_some())
        })
    }

    /// Local midnight so many days before. Where windows move, that is so only until it is reached
    /// at the smaller site, from then on it is 00:00 UTC of the day of the question; at the other
    /// site a few slots' windows change from day to day.
    fn bookable_from(
        &self,
        site: &Site,
        courts: &[Court],
        date: NaiveDate,
        offset: u32,
        now: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let fixed = zone::midnight_before(date, site.window_days);
        if !self.moving_windows {
            return fixed;
        }
        let today = now.date_naive();
        if site.id == "14" {
            return if fixed <= now {
                today.and_time(NaiveTime::MIN).and_utc()
            } else {
                fixed
            };
        }
        let court = courts.first().map_or("", |court| &court.id);
        let draw = mix(occupancy::day_hash(self.seed, court, date) ^ u64::from(offset));
        if !draw.is_multiple_of(MOVES) {
            return fixed;
        }
        let later = mix(draw ^ u64::from(today.num_days_from_ce().unsigned_abs())) % 3;
        fixed + TimeDelta::days(i64::try_from(later).unwrap_or(0))
    }
}

/// One slot of so many has a window that changes: 17 of 733 were seen.
const MOVES: u64 = 43;

#[cfg(test)]
mod tests;
