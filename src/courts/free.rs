//! How long each court stays free: slots that follow each other, joined as far as they go.

use chrono::{DateTime, Utc};

use super::{Listing, Query, State, Stretch, slot::CourtKey, stretch::is_follower};
use crate::sort::{sort_by, sort_by_key};

/// A time for which one court is free, as one activity.
#[derive(Debug, Clone, Copy)]
pub struct FreeTime<'a> {
    /// The slot with which it begins.
    pub first: &'a Stretch,
    /// First instant after it.
    pub end: DateTime<Utc>,
    /// Playing time in minutes, changeovers left out.
    pub minutes: i64,
    /// Number of slots that fill it.
    pub bookings: usize,
}

/// Returns the longest free times of each court, in order of start; one that lies within another is
/// left out.
///
/// `slots` are one day's, of one booking each, whatever their state. Where the query asks for a
/// moment, times begin about then.
#[must_use]
pub fn join_free<'a>(slots: &'a [Stretch], query: &Query) -> Vec<FreeTime<'a>> {
    let mut slots: Vec<&Stretch> = slots.iter().collect();
    let court_and_activity = |slot: &'a Stretch| {
        let listing = &slot.listing;
        (listing.court_key(), &*listing.activity_id)
    };
    sort_by(&mut slots, |one, other| {
        let times = (one.start, one.end).cmp(&(other.start, other.end));
        let listings = court_and_activity(one).cmp(&court_and_activity(other));
        listings.then(times)
    });
    let mut free = Vec::new();
    for court in slots.chunk_by(|a, b| a.listing.court_key() == b.listing.court_key()) {
        let listings = court.chunk_by(|a, b| a.listing.activity_id == b.listing.activity_id);
        let mut times: Vec<FreeTime<'a>> = listings.flat_map(join_listing).collect();
        keep_moment(&mut times, query);
        // The longest first, so that what lies within another comes behind it.
        sort_by_key(&mut times, |time| {
            (time.first.start, -time.end.timestamp(), time.bookings)
        });
        let mut latest = DateTime::UNIX_EPOCH;
        times.retain(|time| {
            let goes_on = time.end > latest;
            latest = latest.max(time.end);
            goes_on
        });
        free.append(&mut times);
    }
    sort_by_key(&mut free, |time| time.first.start);
    free
}

/// Follows each free slot of one activity on one court as far as free ones go. The slots are in
/// order of time.
fn join_listing<'a>(slots: &[&'a Stretch]) -> Vec<FreeTime<'a>> {
    let taken = || slots.iter().filter(|slot| slot.state == State::Taken);
    let mut joined: Vec<FreeTime<'_>> = Vec::new();
    // From the last one on: what may follow is known already, in order of falling starts.
    let free = slots.iter().filter(|slot| slot.state == State::Free);
    for slot in free.copied().rev() {
        let alone = FreeTime {
            first: slot,
            end: slot.end,
            minutes: slot.minutes,
            bookings: 1,
        };
        let followers = joined
            .iter()
            .rev()
            .skip_while(|next| next.first.start < slot.end)
            .take_while(|next| is_follower(slot.end, next.first.start));
        // Somebody may be on court in its midst where slots overlap.
        let is_whole = |next: &&FreeTime<'_>| {
            !taken().any(|one| one.start >= slot.start && one.end <= next.end)
        };
        let best = followers
            .filter(is_whole)
            .max_by_key(|next| (next.end, -next.minutes))
            .map(|next| FreeTime {
                first: slot,
                end: next.end,
                minutes: slot.minutes + next.minutes,
                bookings: next.bookings + 1,
            });
        joined.push(best.unwrap_or(alone));
    }
    joined
}

/// Keeps the times that begin within half an hour of the moment that is asked for, or else the
/// latest that goes on across it.
fn keep_moment(times: &mut Vec<FreeTime<'_>>, query: &Query) {
    if query.at.is_none() {
        return;
    }
    times.retain(|time| query.is_about_moment(time.first));
    let begins = |time: &FreeTime<'_>| query.begins_about_moment(time.first);
    if times.iter().any(begins) {
        times.retain(begins);
    } else if let Some(latest) = times.iter().map(|time| time.first.start).max() {
        times.retain(|time| time.first.start == latest);
    }
}

/// Counts the courts of some stretches, each once.
#[must_use]
pub fn count_courts<'a>(stretches: impl Iterator<Item = &'a Stretch>) -> usize {
    let mut courts: Vec<CourtKey<'a>> = Vec::new();
    let mut last: Option<&Listing> = None;
    for stretch in stretches {
        let listing = &*stretch.listing;
        // Most follow another of their listing, or one of a few courts.
        if !last.is_some_and(|last| std::ptr::eq(last, listing))
            && !courts.contains(&listing.court_key())
        {
            courts.push(listing.court_key());
        }
        last = Some(listing);
    }
    courts.len()
}
