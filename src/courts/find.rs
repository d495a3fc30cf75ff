//! From all slots to the answer: the wanted days, hours and length, what is free, and what is to be
//! said of the rest.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday,
};

use super::{
    Playable, Slot, State, Time,
    join::{STEPS, of_length, singles},
};
use crate::zone::Zone;

/// What a player asks, in the club's local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The club's zone.
    pub zone: Zone,
    /// The first day.
    pub date: NaiveDate,
    /// How many days, one or more.
    pub days: u64,
    /// Only these weekdays; all when empty.
    pub weekdays: Vec<Weekday>,
    /// Wanted minutes; `None` means whatever lengths the club offers.
    pub minutes: Option<i64>,
    /// Not before this time of day.
    pub from: Option<Time>,
    /// Over by this time of day.
    pub to: Option<Time>,
}

/// How many stretches of each state answer the query, and when the next window opens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Bookable now.
    pub free: usize,
    /// Not taken, window not open yet.
    pub opens_later: usize,
    /// Taken.
    pub taken: usize,
    /// Not taken, window over.
    pub closed: usize,
    /// The earliest time at which one of `opens_later` becomes bookable.
    pub next_opens_at: Option<DateTime<Utc>>,
}

/// All stretches that answer a query, whatever their state, in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Ordered by start, end, site, court, activity.
    pub slots: Vec<Playable>,
    /// Counts over `slots`.
    pub summary: Summary,
    /// What the portal listed on each day that was asked for; a day of which it listed nothing is
    /// absent.
    pub listed: BTreeMap<NaiveDate, Listed>,
    /// Whether all stretches were looked for. Only a portal whose slots overlap each other in
    /// every way has too many.
    pub complete: bool,
}

/// What a day has, whatever was asked: it tells a day without such slots from one without slots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// The slots' lengths in minutes.
    pub lengths: BTreeSet<i64>,
    /// Whether some stretch is of the wanted length, at whatever hours.
    pub is_of_length: bool,
}

impl Answer {
    /// Whether the stretches are at more than one site.
    #[must_use]
    pub fn spans_sites(&self) -> bool {
        let mut sites = self.slots.iter().map(|slot| &slot.listing.site_id);
        sites
            .next()
            .is_some_and(|first| sites.any(|site| site != first))
    }
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(slots: &[Playable]) -> Self {
        let mut summary = Self::default();
        for slot in slots {
            match slot.state {
                State::Free => summary.free += 1,
                State::Taken => summary.taken += 1,
                State::Closed => summary.closed += 1,
                State::OpensLater => {
                    summary.opens_later += 1;
                    let opens = [summary.next_opens_at, slot.bookable_from];
                    summary.next_opens_at = opens.into_iter().flatten().min();
                }
            }
        }
        summary
    }
}

impl Query {
    /// The days asked for, weekdays applied.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        (0..self.days)
            .filter_map(|ahead| self.date.checked_add_days(Days::new(ahead)))
            .filter(|date| self.asks_for(*date))
    }

    /// How far a stretch that starts before midnight may go on after it: as long as it is wanted.
    #[must_use]
    pub fn beyond_midnight(&self) -> TimeDelta {
        TimeDelta::minutes(self.minutes.unwrap_or(0))
    }

    /// The day before `date`, if it is asked for and what starts at `start` on `date` may belong to
    /// a stretch of it.
    fn eve(&self, date: NaiveDate, start: DateTime<Utc>) -> Option<NaiveDate> {
        self.minutes?;
        let eve = date.pred_opt().filter(|eve| self.asks_for(*eve))?;
        (start < self.zone.day_start(date)? + self.beyond_midnight()).then_some(eve)
    }

    /// The day after the last one; `None` beyond the calendar.
    #[must_use]
    pub fn end(&self) -> Option<NaiveDate> {
        self.date.checked_add_days(Days::new(self.days))
    }

    fn asks_for(&self, date: NaiveDate) -> bool {
        let ahead = u64::try_from((date - self.date).num_days());
        ahead.is_ok_and(|ahead| ahead < self.days)
            && (self.weekdays.is_empty() || self.weekdays.contains(&date.weekday()))
    }

    /// Whether the whole stretch lies inside the wanted hours of the day on which it starts.
    fn covers(&self, stretch: &Playable) -> bool {
        let start = stretch.start.with_timezone(&self.zone).naive_local();
        let end = stretch.end.with_timezone(&self.zone).naive_local();
        let at = |time: Time| minute_of(start.date(), time);
        self.from.is_none_or(|from| start >= at(from)) && self.to.is_none_or(|to| end <= at(to))
    }
}

/// Answers `query` from what the portal listed.
///
/// A stretch belongs to the day on which it starts, and may go on into the next, whether or not
/// that is asked for: so the order of `slots` and duplicates among them make no difference, and
/// neither does asking for several days at once, as long as `slots` reach
/// [`beyond_midnight`](Query::beyond_midnight).
#[must_use]
pub fn find(slots: Vec<Slot>, query: &Query, now: DateTime<Utc>) -> Answer {
    let mut days: BTreeMap<NaiveDate, Day> = BTreeMap::new();
    for slot in slots {
        let date = slot.start.with_timezone(&query.zone).date_naive();
        if let Some(eve) = query.eve(date, slot.start) {
            days.entry(eve).or_default().next.push(slot.clone());
        }
        if query.asks_for(date) {
            days.entry(date).or_default().slots.push(slot);
        }
    }
    let (mut found, mut listed) = (Vec::new(), BTreeMap::new());
    let mut steps = STEPS;
    for (date, mut day) in days {
        let Some(last) = day.slots.iter().map(|slot| slot.start).max() else {
            continue;
        };
        let mut here = Listed::default();
        here.lengths.extend(day.slots.iter().map(Slot::minutes));
        day.slots.append(&mut day.next);
        day.slots
            .sort_unstable_by(|one, other| one.order(other, now));
        day.slots.dedup_by(|later, first| later.is_same(first));
        let mut stretches = match query.minutes {
            None => singles(&day.slots, now),
            Some(minutes) => of_length(&day.slots, last, minutes, now, &mut steps),
        };
        here.is_of_length = !stretches.is_empty();
        listed.insert(date, here);
        stretches.retain(|stretch| query.covers(stretch));
        stretches.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        found.append(&mut stretches);
    }
    Answer {
        summary: Summary::of(&found),
        slots: found,
        listed,
        complete: steps > 0,
    }
}

/// The slots of one local day.
#[derive(Default)]
struct Day {
    slots: Vec<Slot>,
    /// Those of the next day that may follow them.
    next: Vec<Slot>,
}

/// Shorter names first, so that `Court 10` comes after `Court 2`.
fn sort_key(stretch: &Playable) -> impl Ord + '_ {
    let listing = &*stretch.listing;
    (
        stretch.start,
        stretch.end,
        &listing.site_id,
        listing.court.len(),
        &listing.court,
        listing,
    )
}

/// A time of day on a date, on the wall clock; `24:00` is the next midnight.
fn minute_of(date: NaiveDate, time: Time) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(time.0))
}
