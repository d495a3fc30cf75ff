//! From all slots to the answer: the wanted days, hours and length, what is free, and counts of the
//! rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter::repeat_n,
    rc::Rc,
};

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday,
};

use super::{
    FreeTime, Listing, Slot, State, Stretch, Time,
    stretch::{SEARCH_STEPS, find_of_length},
};
use crate::{
    sort::{sort_by, sort_by_key},
    zone::Zone,
};

/// A player's question, in the club's local time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The club's zone.
    pub zone: Zone,
    /// The first day.
    pub date: NaiveDate,
    /// Number of days, one or more.
    pub days: u64,
    /// Only these weekdays; all when empty.
    pub weekdays: Vec<Weekday>,
    /// Wanted minutes; `None` means whatever lengths the club offers.
    pub minutes: Option<i64>,
    /// Not before this time of day.
    pub from: Option<Time>,
    /// Over by this time of day.
    pub to: Option<Time>,
    /// Covering this time of day, or beginning within half an hour of it.
    pub at: Option<Time>,
    /// Only courts that are called so; all when empty.
    pub courts: Vec<String>,
}

/// Minutes by which a game may begin before or after the moment that is asked for: half an hour
/// is the step of most clubs' timetables.
const ABOUT: i64 = 30;

/// Number of stretches in each state, and when the next booking window opens.
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
    pub stretches: Vec<Stretch>,
    /// Slots of one booking each, at whatever hours: all of each day where a moment is asked for,
    /// and else the free ones of the days on which nothing free answers.
    pub around: Vec<Stretch>,
    /// Counts over `stretches`.
    pub summary: Summary,
    /// Where none of them is free, the first that is on a later day that was not asked for: a portal
    /// lists the days between two that were, or whole weeks.
    pub next: Option<Stretch>,
    /// The slots that the portal listed on each day of the query; a day without any is absent.
    pub listed: BTreeMap<NaiveDate, Listed>,
    /// Number of slots on days outside the query's span.
    pub out_of_span: usize,
    /// `false` if there were too many stretches to look for all. Only a portal whose slots overlap
    /// each other in every way has so many.
    pub complete: bool,
}

/// Slots of one day at whatever hours: a day without slots of the wanted length is not the same as
/// a day without slots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// The slots' lengths in minutes.
    pub lengths: BTreeSet<i64>,
    /// `true` if some stretch is of the wanted length.
    pub is_of_length: bool,
}

impl Answer {
    /// Returns whether the stretches are at more than one site.
    #[must_use]
    pub fn spans_sites(&self) -> bool {
        let mut sites = self.stretches.iter().map(|one| &one.listing.site_id);
        sites
            .next()
            .is_some_and(|first| sites.any(|site| site != first))
    }
}

impl Summary {
    /// Counts `stretches` by their state.
    #[must_use]
    pub fn of(stretches: &[Stretch]) -> Self {
        let mut summary = Self::default();
        for stretch in stretches {
            match stretch.state {
                State::Free => summary.free += 1,
                State::Taken => summary.taken += 1,
                State::Closed => summary.closed += 1,
                State::OpensLater => {
                    summary.opens_later += 1;
                    let opens = [summary.next_opens_at, stretch.bookable_from];
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
            .filter(|date| self.weekdays.is_empty() || self.weekdays.contains(&date.weekday()))
    }

    /// First instants of `first` and of the day after `last`, and the latest end of a stretch that
    /// starts in between: it may go on after midnight for as long as is wanted. `None` beyond the
    /// calendar.
    #[must_use]
    pub fn span(&self, first: NaiveDate, last: NaiveDate) -> Option<[DateTime<Utc>; 3]> {
        let end = self.zone.day_start(last.succ_opt()?)?;
        let latest_end = end.checked_add_signed(TimeDelta::minutes(self.minutes.unwrap_or(0)))?;
        Some([self.zone.day_start(first)?, end, latest_end])
    }

    /// Minutes from the moment that is asked for to a time of the day; `None` where none is.
    fn since_moment(&self, date: NaiveDate, time: DateTime<Utc>) -> Option<i64> {
        let moment = wall_clock(date, self.at?);
        let local = time.with_timezone(&self.zone).naive_local();
        Some((local - moment).num_minutes())
    }

    /// Minutes from the moment that is asked for to the start, and to the end.
    fn distance(&self, stretch: &Stretch) -> Option<(i64, i64)> {
        let since = |time| self.since_moment(stretch.date, time);
        since(stretch.start).zip(since(stretch.end))
    }

    /// Minutes between the moment that is asked for and a free time; 0 where it lies within.
    #[must_use]
    pub fn minutes_away(&self, time: &FreeTime<'_>) -> i64 {
        let since = |end| self.since_moment(time.first.date, end).unwrap_or_default();
        since(time.first.start).max(-since(time.end)).max(0)
    }

    /// Returns whether the stretch goes on across the moment that is asked for; `true` where none
    /// is.
    #[must_use]
    pub fn covers_moment(&self, stretch: &Stretch) -> bool {
        self.distance(stretch)
            .is_none_or(|(start, end)| start <= 0 && end > 0)
    }

    /// Returns whether the stretch begins within half an hour of the moment.
    pub(super) fn begins_about_moment(&self, stretch: &Stretch) -> bool {
        self.distance(stretch)
            .is_none_or(|(start, _)| start.abs() <= ABOUT)
    }

    /// Returns whether the stretch covers the moment or begins within half an hour of it.
    pub(super) fn is_about_moment(&self, stretch: &Stretch) -> bool {
        self.covers_moment(stretch) || self.begins_about_moment(stretch)
    }

    /// Returns whether a stretch of the wanted length is at the wanted hours, too.
    fn answers(&self, stretch: &Stretch) -> bool {
        self.covers(stretch) && self.is_about_moment(stretch)
    }

    /// Returns whether the whole stretch lies inside the wanted hours of the day on which it starts.
    #[must_use]
    pub fn covers(&self, stretch: &Stretch) -> bool {
        let local = |time: DateTime<Utc>| time.with_timezone(&self.zone).naive_local();
        self.from
            .is_none_or(|from| local(stretch.start) >= wall_clock(stretch.date, from))
            && self
                .to
                .is_none_or(|to| local(stretch.end) <= wall_clock(stretch.date, to))
    }
}

/// Answers `query` from the slots that the portal listed.
///
/// A stretch belongs to the day on which it starts, and may go on into the next, whether or not
/// that day is asked for. The order of `slots` and duplicates among them make no difference, and
/// neither does asking for several days at once, as long as `slots` reach the latest end of
/// [`span`](Query::span).
#[must_use]
pub fn answer_query(mut slots: Vec<Slot>, query: &Query, now: DateTime<Utc>) -> Answer {
    if !query.courts.is_empty() {
        slots.retain(|slot| query.courts.iter().any(|name| slot.listing.is_called(name)));
    }
    let (mut stretches, mut around) = (Vec::new(), Vec::new());
    let mut listed = BTreeMap::new();
    let mut steps = SEARCH_STEPS;
    for date in query.dates() {
        let Some(day) = DaySlots::new(&slots, query, date, now) else {
            continue;
        };
        let mut found = day.find_answers(query, now, &mut steps);
        listed.insert(
            date,
            Listed {
                lengths: day.lengths(),
                is_of_length: !found.is_empty(),
            },
        );
        found.retain(|stretch| query.answers(stretch));
        let has_free = found.iter().any(|stretch| stretch.state == State::Free);
        if query.at.is_some() {
            around.extend(day.singles(now));
        } else if !has_free {
            around.extend(
                day.singles(now)
                    .filter(|stretch| stretch.state == State::Free),
            );
        }
        sort_stretches(&mut found);
        stretches.append(&mut found);
    }
    let last_date = query
        .date
        .checked_add_days(Days::new(query.days.saturating_sub(1)));
    let span = last_date.and_then(|last| query.span(query.date, last));
    let out_of_span = span.map_or(0, |[first, _, latest]| {
        let starts = slots.iter().map(|slot| slot.start);
        starts
            .filter(|start| *start < first || *start >= latest)
            .count()
    });
    let summary = Summary::of(&stretches);
    Answer {
        next: match summary.free {
            0 => find_next(&slots, query, now),
            _ => None,
        },
        summary,
        stretches,
        around,
        listed,
        out_of_span,
        complete: steps > 0,
    }
}

/// The slots of one day.
struct DaySlots<'a> {
    date: NaiveDate,
    /// Those that start on it, and what may follow them after midnight, without duplicates, in
    /// [`Slot::order`].
    all: Vec<&'a Slot>,
    /// The start of the day's last one.
    last_start: DateTime<Utc>,
}

impl<'a> DaySlots<'a> {
    /// Takes a day's slots from `slots`; `None` where there are none.
    fn new(slots: &'a [Slot], query: &Query, date: NaiveDate, now: DateTime<Utc>) -> Option<Self> {
        let [first, end, latest] = query.span(date, date)?;
        let mut all: Vec<&Slot> = slots
            .iter()
            .filter(|slot| slot.start < latest && slot.start >= first)
            .collect();
        let starts = all.iter().map(|slot| slot.start);
        let last_start = starts.filter(|start| *start < end).max()?;
        // Portals list each court's slots in order of time: a stable sort makes use of it.
        all.sort_by(|one, other| one.order(other, now));
        all.dedup_by(|later, first| later.is_same(first));
        Some(Self {
            date,
            all,
            last_start,
        })
    }

    /// Those that start on the day.
    fn own(&self) -> impl Iterator<Item = &'a Slot> {
        let slots = self.all.iter().copied();
        slots.filter(|slot| slot.start <= self.last_start)
    }

    fn lengths(&self) -> BTreeSet<i64> {
        self.own().map(Slot::minutes).collect()
    }

    /// Returns each slot of the day as a stretch.
    fn singles(&self, now: DateTime<Utc>) -> impl Iterator<Item = Stretch> {
        self.own()
            .map(move |slot| Stretch::new(&[slot], self.date, now))
    }

    /// Finds the stretches of the wanted length, at whatever hours.
    fn find_answers(&self, query: &Query, now: DateTime<Utc>, steps: &mut usize) -> Vec<Stretch> {
        let Some(minutes) = query.minutes else {
            return self.singles(now).collect();
        };
        find_of_length(&self.all, self.date, self.last_start, minutes, now, steps)
    }
}

/// Finds the first free answer on a later day that was not asked for, where the portal listed such
/// days, too.
fn find_next(slots: &[Slot], query: &Query, now: DateTime<Utc>) -> Option<Stretch> {
    let asked: Vec<NaiveDate> = query.dates().collect();
    let first = asked.first()?;
    let dates = slots
        .iter()
        .map(|slot| slot.start.with_timezone(&query.zone).date_naive());
    let mut dates: Vec<NaiveDate> = dates
        .filter(|date| date > first && !asked.contains(date))
        .collect();
    dates.dedup();
    sort_by(&mut dates, Ord::cmp);
    dates.dedup();
    let mut steps = SEARCH_STEPS;
    dates.into_iter().find_map(|date| {
        let day = DaySlots::new(slots, query, date, now)?;
        let found = day.find_answers(query, now, &mut steps).into_iter();
        found
            .filter(|stretch| stretch.state == State::Free && query.answers(stretch))
            .min_by(|a, b| sort_key(a).cmp(&sort_key(b)))
    })
}

/// Sorts stretches as [`sort_key`] says. There are many more stretches than listings, so that those
/// are sorted first, and then numbers take their place.
fn sort_stretches(stretches: &mut Vec<Stretch>) {
    let is_same = |one: &Stretch, other: &Stretch| Rc::ptr_eq(&one.listing, &other.listing);
    let groups = stretches.chunk_by(is_same);
    let mut listings: Vec<&Listing> = groups.map(|group| &*group[0].listing).collect();
    sort_by(&mut listings, |one, other| {
        listing_key(one).cmp(&listing_key(other))
    });
    let ranks = stretches.chunk_by(is_same).flat_map(|group| {
        let key = listing_key(&group[0].listing);
        let rank = listings.partition_point(|listing| listing_key(listing) < key);
        repeat_n(rank, group.len())
    });
    let ranks: Vec<usize> = ranks.collect();
    let mut ranked: Vec<(usize, Stretch)> = ranks.into_iter().zip(stretches.drain(..)).collect();
    sort_by_key(&mut ranked, |(rank, stretch)| {
        (stretch.start, stretch.end, *rank)
    });
    stretches.extend(ranked.into_iter().map(|(_, stretch)| stretch));
}

/// By time, then by listing.
fn sort_key(stretch: &Stretch) -> impl Ord + '_ {
    (stretch.start, stretch.end, listing_key(&stretch.listing))
}

/// Shorter names first, so that `Court 10` comes after `Court 2`.
fn listing_key(listing: &Listing) -> impl Ord + '_ {
    (
        &listing.site_id,
        listing.court.len(),
        &listing.court,
        listing,
    )
}

/// A time of day on a date, on the wall clock; `24:00` is the next midnight.
fn wall_clock(date: NaiveDate, time: Time) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(time.0))
}
