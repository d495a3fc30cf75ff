//! From slots to stretches of court time of a wanted length: single slots and consecutive ones on
//! one court.

use std::{collections::HashMap, rc::Rc};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{Listing, Slot, State, slot::CourtKey};
use crate::sort::sort_by_key;

/// A changeover between two slots on one court; it belongs to the slot before it.
const CHANGEOVER_MINUTES: i64 = 5;

/// The most minutes by which joined slots may be shorter than the wish, because of the changeovers
/// between them: three of 55 minutes answer three hours, seven do not answer seven.
const MAX_SHORTFALL: i64 = 15;

/// Bound of the search for one query. A month of a large club takes a third of it; slots that
/// overlap each other in every way would take for ever.
pub(super) const SEARCH_STEPS: usize = 500_000;

/// A stretch of time on one court that answers a query: one slot, or several consecutive ones of
/// one activity.
///
/// Users and JSON call it a slot: they never see those that it is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Activity, site and court.
    pub listing: Rc<Listing>,
    /// The local day on which it starts.
    pub date: NaiveDate,
    /// Start of the first slot.
    pub start: DateTime<Utc>,
    /// End of the first slot.
    pub first_end: DateTime<Utc>,
    /// End of the last slot.
    pub end: DateTime<Utc>,
    /// Playing time in minutes: the slots' lengths without the changeovers between them.
    pub minutes: i64,
    /// The worst state of the slots: all of them must be free for a free stretch.
    pub state: State,
    /// The time from which the last of the slots can be booked; `None` where the portal named no time for one
    /// that cannot be yet.
    pub bookable_from: Option<DateTime<Utc>>,
    /// Number of slots to book, one or more.
    pub bookings: usize,
}

impl Stretch {
    /// Joins the slots of `run`, in order of time and one at least.
    pub(in crate::courts) fn new(run: &[&Slot], date: NaiveDate, now: DateTime<Utc>) -> Self {
        let (first, last) = (run[0], run[run.len() - 1]);
        let opens_unknown = run
            .iter()
            .any(|slot| slot.bookable_from.is_none() && slot.state(now) == State::OpensLater);
        let opens = run.iter().filter_map(|slot| slot.bookable_from).max();
        let states = run.iter().map(|slot| slot.state(now));
        Self {
            listing: Rc::clone(&first.listing),
            date,
            start: first.start,
            first_end: first.end,
            end: last.end,
            minutes: run.iter().map(|slot| slot.minutes()).sum(),
            state: states.max().unwrap_or(State::Taken),
            bookable_from: opens.filter(|_| !opens_unknown),
            bookings: run.len(),
        }
    }

    fn court_and_time(&self) -> (CourtKey<'_>, DateTime<Utc>, DateTime<Utc>) {
        (self.listing.court_key(), self.start, self.end)
    }
}

/// Finds all stretches of `wanted` minutes on `date`, overlapping ones included. Counts `steps`
/// down; at 0 some are missing.
///
/// `slots` are one local day's and some that follow them, without duplicates, in [`Slot::order`];
/// no stretch starts after `last_start`. A stretch answers when its playing time is not longer than
/// the wish and, with one changeover more, not shorter. A joined stretch is left out where one slot
/// covers the same court and time and is worth as much.
pub(super) fn find_of_length(
    slots: &[&Slot],
    date: NaiveDate,
    last_start: DateTime<Utc>,
    wanted: i64,
    now: DateTime<Utc>,
    steps: &mut usize,
) -> Vec<Stretch> {
    let (mut single, mut joined) = (Vec::new(), Vec::new());
    for court in slots.chunk_by(|one, other| one.shares_listing(other)) {
        let mut runs = Vec::new();
        let mut search = Search {
            court,
            date,
            wanted,
            now,
            steps,
            single: &mut single,
            joined: &mut runs,
        };
        let starts = court.partition_point(|slot| slot.start <= last_start);
        for (index, slot) in court[..starts].iter().enumerate() {
            search.extend_run(&mut vec![slot], slot.minutes(), index + 1);
        }
        // Slots of several lengths may fill the same time in several ways: the best one counts.
        sort_by_key(&mut runs, |run| {
            (run.start, run.end, run.state, run.bookings)
        });
        runs.dedup_by_key(|run| (run.start, run.end));
        joined.append(&mut runs);
    }
    let mut best = HashMap::new();
    for stretch in &single {
        let state = best
            .entry(stretch.court_and_time())
            .or_insert(stretch.state);
        *state = stretch.state.min(*state);
    }
    joined.retain(|stretch| {
        best.get(&stretch.court_and_time())
            .is_none_or(|state| stretch.state < *state)
    });
    single.append(&mut joined);
    single
}

/// Returns whether a slot may follow one that ends at `end`.
pub(super) fn is_follower(end: DateTime<Utc>, start: DateTime<Utc>) -> bool {
    end <= start && start <= end + TimeDelta::minutes(CHANGEOVER_MINUTES)
}

/// The search among the slots of one activity on one court.
struct Search<'a> {
    /// All of the day's and those that may follow, in order of time.
    court: &'a [&'a Slot],
    date: NaiveDate,
    wanted: i64,
    now: DateTime<Utc>,
    steps: &'a mut usize,
    single: &'a mut Vec<Stretch>,
    joined: &'a mut Vec<Stretch>,
}

impl<'a> Search<'a> {
    /// Keeps `run`, of `played` minutes, if it answers the wish; then tries every slot that may
    /// follow its last one. The first of those stands at `next` or behind.
    fn extend_run(&mut self, run: &mut Vec<&'a Slot>, played: i64, next: usize) {
        let (start, end) = (run[0].start, run[run.len() - 1].end);
        *self.steps = self.steps.saturating_sub(1);
        if played > self.wanted || (*self.steps == 0 && run.len() > 1) {
            return;
        }
        if self.wanted <= (end - start).num_minutes() + CHANGEOVER_MINUTES
            && self.wanted - played <= MAX_SHORTFALL
        {
            self.keep_run(run);
        }
        let latest = end + TimeDelta::minutes(CHANGEOVER_MINUTES);
        let court = self.court;
        let first = next + court[next..].partition_point(|slot| slot.start < end);
        let followers = court
            .iter()
            .enumerate()
            .skip(first)
            .take_while(|(_, slot)| slot.start <= latest);
        for (index, slot) in followers {
            run.push(slot);
            self.extend_run(run, played + slot.minutes(), index + 1);
            run.pop();
        }
    }

    fn keep_run(&mut self, run: &[&Slot]) {
        let mut stretch = Stretch::new(run, self.date, self.now);
        if run.len() == 1 {
            self.single.push(stretch);
            return;
        }
        if self.is_interrupted(&stretch) {
            stretch.state = State::Taken;
        }
        // That looked through the court's day, which takes time, too.
        *self.steps = self.steps.saturating_sub(self.court.len() / 100);
        self.joined.push(stretch);
    }

    /// Returns whether a taken slot of the same court lies wholly inside a joined stretch: then
    /// somebody is on court in its midst.
    ///
    /// One that only overlaps an edge says nothing: on a grid of overlapping slots it is taken for
    /// its other half.
    fn is_interrupted(&self, stretch: &Stretch) -> bool {
        self.court
            .iter()
            .any(|slot| !slot.available && slot.start >= stretch.start && slot.end <= stretch.end)
    }
}
