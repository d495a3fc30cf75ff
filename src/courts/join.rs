//! From slots to stretches of court time of a wanted length: single slots and consecutive ones on
//! one court.

use std::{collections::HashMap, rc::Rc};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Listing, Slot, State, slot::Place};

/// A changeover between two slots on one court; it belongs to the slot before it.
const CHANGEOVER_MINUTES: i64 = 5;

/// A stretch of time on one court that answers a query: one slot, or several consecutive ones of
/// one activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Playable {
    /// Activity, site and court.
    pub listing: Rc<Listing>,
    /// Start of the first slot.
    pub start: DateTime<Utc>,
    /// End of the last slot.
    pub end: DateTime<Utc>,
    /// Playing time in minutes: the slots' lengths without the changeovers between them.
    pub minutes: i64,
    /// The worst state of the slots: all of them must be free for a free stretch.
    pub state: State,
    /// When the last of the slots can be booked; `None` where the portal named no time for one
    /// that cannot be yet.
    pub bookable_from: Option<DateTime<Utc>>,
    /// How many slots have to be booked, one or more.
    pub bookings: usize,
}

/// The slots themselves, one stretch each.
pub(super) fn singles(slots: &[Slot], now: DateTime<Utc>) -> Vec<Playable> {
    slots.iter().map(|slot| playable(&[slot], now)).collect()
}

/// How much joining one question may take. A month of a large club takes a third of it; slots that
/// overlap each other in every way would take for ever.
pub(super) const STEPS: usize = 500_000;

/// All stretches that answer a wish of `wanted` minutes, overlapping ones included. Counts `steps`
/// down; at 0 some are missing.
///
/// `slots` are one local day's and some that follow them, without duplicates, in [`Slot::order`];
/// no stretch starts after `last`, the day's last start. A stretch answers when its playing time is
/// not longer than the wish and, with one changeover more, not shorter. A joined stretch is left
/// out where one slot covers the same court and time and is worth as much.
pub(super) fn of_length(
    slots: &[Slot],
    last: DateTime<Utc>,
    wanted: i64,
    now: DateTime<Utc>,
    steps: &mut usize,
) -> Vec<Playable> {
    let (mut single, mut joined) = (Vec::new(), Vec::new());
    for court in slots.chunk_by(Slot::shares_listing) {
        let mut runs = Vec::new();
        let mut search = Search {
            court,
            wanted,
            now,
            steps,
            single: &mut single,
            joined: &mut runs,
        };
        for (index, slot) in court
            .iter()
            .enumerate()
            .take_while(|(_, slot)| slot.start <= last)
        {
            search.grow(&mut vec![slot], slot.minutes(), index + 1);
        }
        // Slots of several lengths may fill the same time in several ways: the best one counts.
        runs.sort_by_key(|run| (run.start, run.end, run.state, run.bookings));
        runs.dedup_by_key(|run| (run.start, run.end));
        joined.append(&mut runs);
    }
    let mut best = HashMap::new();
    for stretch in &single {
        let state = best.entry(court_and_time(stretch)).or_insert(stretch.state);
        *state = stretch.state.min(*state);
    }
    joined.retain(|stretch| {
        best.get(&court_and_time(stretch))
            .is_none_or(|state| stretch.state < *state)
    });
    single.append(&mut joined);
    single
}

fn court_and_time(stretch: &Playable) -> (Place<'_>, DateTime<Utc>, DateTime<Utc>) {
    (stretch.listing.place(), stretch.start, stretch.end)
}

/// The search among the slots of one activity on one court.
struct Search<'a> {
    /// All of the day's and those that may follow, in order of time.
    court: &'a [Slot],
    wanted: i64,
    now: DateTime<Utc>,
    steps: &'a mut usize,
    single: &'a mut Vec<Playable>,
    joined: &'a mut Vec<Playable>,
}

impl<'a> Search<'a> {
    /// Keeps `run`, of so many minutes played, if it answers the wish; then goes on with every slot
    /// that may follow its last one, the first of which stands at `next` or behind.
    fn grow(&mut self, run: &mut Vec<&'a Slot>, played: i64, next: usize) {
        let (start, end) = (run[0].start, run[run.len() - 1].end);
        *self.steps = self.steps.saturating_sub(1);
        if played > self.wanted || (*self.steps == 0 && run.len() > 1) {
            return;
        }
        if self.wanted <= (end - start).num_minutes() + CHANGEOVER_MINUTES {
            self.keep(run);
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
            self.grow(run, played + slot.minutes(), index + 1);
            run.pop();
        }
    }

    fn keep(&mut self, run: &[&Slot]) {
        let mut stretch = playable(run, self.now);
        if run.len() == 1 {
            self.single.push(stretch);
            return;
        }
        if self.is_interrupted(&stretch) {
            stretch.state = State::Taken;
        }
        // That was a look over the court's day, which takes its time, too.
        *self.steps = self.steps.saturating_sub(self.court.len() / 100);
        self.joined.push(stretch);
    }

    /// Whether a taken slot of the same court lies wholly inside a joined stretch: then somebody is
    /// on court in its midst.
    ///
    /// One that only overlaps an edge says nothing: on a grid of overlapping slots it is taken for
    /// its other half.
    fn is_interrupted(&self, stretch: &Playable) -> bool {
        self.court
            .iter()
            .any(|slot| !slot.available && slot.start >= stretch.start && slot.end <= stretch.end)
    }
}

fn playable(run: &[&Slot], now: DateTime<Utc>) -> Playable {
    let (first, last) = (run[0], run[run.len() - 1]);
    let waits_untold =
        |slot: &&Slot| slot.bookable_from.is_none() && slot.state(now) == State::OpensLater;
    let known = if run.iter().any(waits_untold) {
        None
    } else {
        Some(run)
    };
    Playable {
        listing: Rc::clone(&first.listing),
        start: first.start,
        end: last.end,
        minutes: run.iter().map(|slot| slot.minutes()).sum(),
        state: run
            .iter()
            .map(|slot| slot.state(now))
            .max()
            .unwrap_or(State::Taken),
        bookable_from: known.and_then(|run| run.iter().filter_map(|slot| slot.bookable_from).max()),
        bookings: run.len(),
    }
}
