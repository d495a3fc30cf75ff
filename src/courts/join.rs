//! From slots to stretches of court time of a wanted length: single slots and consecutive ones on one court.

use std::{collections::HashSet, rc::Rc};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Listing, Slot, State};

/// A changeover between two slots on one court; it belongs to the slot before it.
const CHANGEOVER_MINUTES: i64 = 5;

/// A stretch of time on one court that answers a query: one slot, or several consecutive ones of one activity.
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
    /// When the last of the slots can be booked; `None` where the portal named no time.
    pub bookable_from: Option<DateTime<Utc>>,
    /// How many slots have to be booked, one or more.
    pub bookings: usize,
}

/// The slots themselves, one stretch each.
pub(super) fn singles(slots: &[Slot], now: DateTime<Utc>) -> Vec<Playable> {
    slots.iter().map(|slot| playable(&[slot], now)).collect()
}

/// How much joining one question may take. A month of a large club takes a third of it; slots that overlap each other in
/// every way would take for ever.
pub(super) const STEPS: usize = 500_000;

/// All stretches that answer a wish of `wanted` minutes, overlapping ones included. Counts `steps` down; at 0 some are
/// missing.
///
/// `slots` are one local day's, without duplicates, in [`Slot::order`]. A stretch answers when its playing time is not
/// longer than the wish and, with one changeover more, not shorter. A joined stretch is left out where one slot already
/// covers the same court and time.
pub(super) fn of_length(slots: &[Slot], wanted: i64, now: DateTime<Utc>, steps: &mut usize) -> Vec<Playable> {
    let mut found = Vec::new();
    let mut single = HashSet::new();
    let mut joined = Vec::new();
    for court in slots.chunk_by(Slot::shares_listing) {
        for (first, slot) in court.iter().enumerate() {
            let mut run = vec![slot];
            grow(&mut run, slot.minutes(), &court[first + 1..], wanted, steps, &mut |run, steps| {
                if let [slot] = run {
                    single.insert((&slot.listing.site_id, &slot.listing.court_ids, slot.start, slot.end));
                    found.push(playable(run, now));
                } else {
                    // A look over the court's day takes its time, too.
                    *steps = steps.saturating_sub(court.len() / 100);
                    joined.push((covering(run, court), playable(run, now)));
                }
            });
        }
    }
    found.extend(joined.into_iter().filter_map(|(blocked, mut stretch)| {
        let key = (&stretch.listing.site_id, &stretch.listing.court_ids, stretch.start, stretch.end);
        if single.contains(&key) {
            return None;
        }
        if blocked {
            stretch.state = State::Taken;
        }
        Some(stretch)
    }));
    found
}

/// Reports `run`, of so many minutes played, if it answers the wish, then goes on with every slot that may follow its last one.
fn grow<'a>(
    run: &mut Vec<&'a Slot>,
    played: i64,
    later: &'a [Slot],
    wanted: i64,
    steps: &mut usize,
    report: &mut impl FnMut(&[&'a Slot], &mut usize),
) {
    let (Some(start), Some(end)) = (run.first().map(|slot| slot.start), run.last().map(|slot| slot.end)) else {
        return;
    };
    *steps = steps.saturating_sub(1);
    if played > wanted || (*steps == 0 && run.len() > 1) {
        return;
    }
    if wanted <= (end - start).num_minutes() + CHANGEOVER_MINUTES {
        report(run, steps);
    }
    let latest = end + TimeDelta::minutes(CHANGEOVER_MINUTES);
    let first = later.partition_point(|next| next.start < end);
    for (index, next) in later.iter().enumerate().skip(first) {
        if next.start > latest {
            break;
        }
        run.push(next);
        grow(run, played + next.minutes(), &later[index + 1..], wanted, steps, report);
        run.pop();
    }
}

/// Whether a taken slot of the same court lies wholly inside a joined run: then somebody is on court in its midst.
///
/// One that only overlaps an edge says nothing: on a grid of overlapping slots it is taken for its other half.
fn covering(run: &[&Slot], court: &[Slot]) -> bool {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return false };
    court.iter().any(|slot| !slot.available && slot.start >= first.start && slot.end <= last.end)
}

fn playable(run: &[&Slot], now: DateTime<Utc>) -> Playable {
    let (first, last) = (run[0], run[run.len() - 1]);
    Playable {
        listing: Rc::clone(&first.listing),
        start: first.start,
        end: last.end,
        minutes: run.iter().map(|slot| slot.minutes()).sum(),
        state: run.iter().map(|slot| slot.state(now)).max().unwrap_or(State::Taken),
        bookable_from: run.iter().filter_map(|slot| slot.bookable_from).max(),
        bookings: run.len(),
    }
}
