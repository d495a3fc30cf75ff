//! What happens at the club: which courts are taken, when slots start and when they open. Knows
//! neither HTTP nor JSON.

mod grid;
mod occupancy;
mod venue;
mod zone;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

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
    /// Whether somebody has one of the courts for a part of the time.
    pub taken: bool,
    /// Whether it was booked under this very activity, and not under another on the same courts.
    pub booked_as_such: bool,
    /// When the booking window opens; it closes at `start`.
    pub bookable_from: DateTime<Utc>,
}

impl Timetable {
    /// The programme of a club with that many padel courts and activities.
    pub(crate) fn new(seed: u64, courts: usize, activities: usize) -> Self {
        Self {
            venue: Venue::new(courts, activities),
            seed,
            moving_windows: false,
        }
    }

    /// The same with sets of courts.
    pub(crate) fn with_court_sets(mut self) -> Self {
        self.venue.activities.extend(venue::court_sets());
        self
    }

    /// The same with booking windows that depend on the day of the question.
    pub(crate) fn with_moving_windows(self) -> Self {
        Self {
            moving_windows: true,
            ..self
        }
    }

    /// The slots of an activity on one of its places (see [`Activity::places`]) on a local day, by
    /// start; as seen at `now`.
    pub(crate) fn slots(
        &self,
        activity: &Activity,
        place: &[Court],
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> Vec<Slot> {
        let hours = activity.site.hours(date);
        grid::starts(hours, activity)
            .map(|offset| Slot {
                start: zone::instant(date, hours.open + offset),
                end: zone::instant(date, hours.open + offset + activity.minutes),
                bookable_from: self.bookable_from(activity.site, place, date, offset, now),
                taken: place
                    .iter()
                    .any(|court| self.is_taken(activity, court, date, offset)),
                booking: self.booking(activity, place, date, offset),
            })
            .collect()
    }

    /// Every slot of a local day, as seen at `now`.
    pub(crate) fn truth(&self, date: NaiveDate, now: DateTime<Utc>) -> Vec<TruthSlot> {
        let mut truth = Vec::new();
        for activity in &self.venue.activities {
            for place in activity.places() {
                truth.extend(
                    self.slots(activity, place, date, now)
                        .into_iter()
                        .map(|slot| TruthSlot {
                            site: activity.site.id.to_owned(),
                            activity: activity.id.clone(),
                            court_ids: place.iter().map(|court| court.id.clone()).collect(),
                            start: slot.start,
                            end: slot.end,
                            taken: slot.taken,
                            booked_as_such: slot.booking.is_some(),
                            bookable_from: slot.bookable_from,
                        }),
                );
            }
        }
        truth
    }

    fn is_taken(&self, activity: &Activity, court: &Court, date: NaiveDate, offset: u32) -> bool {
        occupancy::overlaps(
            self.seed,
            court,
            date,
            activity.site.hours(date),
            offset,
            activity.minutes,
        )
    }

    /// The number of the booking that was made under this very activity. Its slots begin and end
    /// with a booking; where the bookings of several activities could be so, one of them has it.
    fn booking(
        &self,
        activity: &Activity,
        place: &[Court],
        date: NaiveDate,
        offset: u32,
    ) -> Option<u32> {
        let first = place.first()?;
        let hours = activity.site.hours(date);
        if !place
            .iter()
            .all(|court| occupancy::fills(self.seed, court, date, hours, offset, activity.minutes))
            || self.is_in_a_larger_set(activity, place, date, offset)
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
        let bookings = occupancy::bookings(self.seed, first, date, hours);
        let covers = |booking: &&occupancy::Booking| {
            booking.offset <= offset
                && offset + activity.minutes <= booking.offset + booking.minutes
        };
        let booking = bookings.iter().find(covers)?;
        let fits = |other: &&Activity| {
            other.together == 1
                && other.site.id == activity.site.id
                && other.places().flatten().any(|court| court.id == first.id)
                && booking.offset.is_multiple_of(other.every)
                && booking.minutes.is_multiple_of(other.every)
        };
        let candidates: Vec<&Activity> = self.venue.activities.iter().filter(fits).collect();
        let chosen = usize::try_from(booking.draw % candidates.len().max(1) as u64).ok()?;
        candidates
            .get(chosen)
            .is_some_and(|chosen| chosen.id == activity.id)
            .then_some(number)
    }

    /// Whether one of the courts is booked together with more courts at that time.
    fn is_in_a_larger_set(
        &self,
        activity: &Activity,
        place: &[Court],
        date: NaiveDate,
        offset: u32,
    ) -> bool {
        let hours = activity.site.hours(date);
        let larger =
            |set: &&Activity| set.together > activity.together && set.site.id == activity.site.id;
        self.venue.activities.iter().filter(larger).any(|set| {
            let shares = |courts: &&[Court]| {
                courts
                    .iter()
                    .any(|court| place.iter().any(|own| own.id == court.id))
            };
            let overlaps = |at: &u32| *at < offset + activity.minutes && offset < *at + set.minutes;
            set.places().filter(shares).any(|courts| {
                grid::starts(hours, set)
                    .filter(overlaps)
                    .any(|at| self.booking(set, courts, date, at).is_some())
            })
        })
    }

    /// Local midnight so many days before. Where windows move, that is so only until it is reached
    /// at the smaller site, from then on it is 00:00 UTC of the day of the question; at the other
    /// site a few slots' windows change from day to day.
    fn bookable_from(
        &self,
        site: &Site,
        place: &[Court],
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
        let court = place.first().map_or("", |court| &court.id);
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
