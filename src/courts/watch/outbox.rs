//! What is to be told and is not delivered yet.
//!
//! An event is kept here before it is sent, and leaves a target when that one took it. So it is told
//! at least once; a crash between the two repeats it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Event, GameKey, News, WatchState, What};

/// What could not be delivered for so long is dropped.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// The most events that are kept: more would have to come from a club that lists thousands of games.
const MOST: usize = 500;

/// An event on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The event.
    pub event: Event,
    /// Time since which it waits.
    pub since: DateTime<Utc>,
    /// The targets that have not taken it.
    pub to: Vec<String>,
}

/// An event that some targets never took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The event.
    pub event: Event,
    /// Those targets.
    pub to: Vec<String>,
    /// Why it is not sent any more.
    pub loss: Loss,
}

/// Reason why an event is not sent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It is not true any more.
    Untrue,
    /// Its time has come: the game has begun, the window has opened.
    Past,
    /// It waited for a day.
    Old,
    /// There were too many.
    Surplus,
}

impl WatchState {
    pub(super) fn enqueue(&mut self, events: &[(Event, Vec<String>)], now: DateTime<Utc>) {
        for (event, to) in events.iter().filter(|(_, to)| !to.is_empty()) {
            self.outbox.push(Waiting {
                event: event.clone(),
                since: now,
                to: to.clone(),
            });
        }
    }

    /// Takes the message that looks fail out of the outbox; returns who has not taken it.
    pub(super) fn take_failing(&mut self) -> Vec<String> {
        let mut spared = Vec::new();
        self.outbox.retain_mut(|waiting| {
            let is_failing = matches!(waiting.event.what, What::Failing { .. });
            if is_failing {
                spared.extend(std::mem::take(&mut waiting.to));
            }
            !is_failing
        });
        spared
    }

    /// Drops what need not be sent any more, and returns it.
    pub fn drop_stale(&mut self, now: DateTime<Utc>) -> Vec<Dropped> {
        let mut dropped = Vec::new();
        let mut kept = Vec::new();
        let surplus = self.outbox.len().saturating_sub(MOST);
        for (index, waiting) in std::mem::take(&mut self.outbox).into_iter().enumerate() {
            let loss = self.find_loss(&waiting, now);
            match loss.or((index < surplus).then_some(Loss::Surplus)) {
                None => kept.push(waiting),
                Some(loss) => dropped.push(Dropped {
                    event: waiting.event,
                    to: waiting.to,
                    loss,
                }),
            }
        }
        self.outbox = kept;
        dropped
    }

    fn find_loss(&self, waiting: &Waiting, now: DateTime<Utc>) -> Option<Loss> {
        let event = &waiting.event;
        let is_free = |key: &GameKey| self.is_free(event.watch.as_deref(), key);
        let loss = match &event.what {
            What::Free { key, .. } | What::Gone { key, .. } if key.start <= now => Some(Loss::Past),
            What::Free { key, .. } => (!is_free(key)).then_some(Loss::Untrue),
            What::Gone { key, .. } => is_free(key).then_some(Loss::Untrue),
            What::Opens { opens_at, .. } => (*opens_at <= now).then_some(Loss::Past),
            _ => None,
        };
        loss.or((now - waiting.since > KEPT).then_some(Loss::Old))
    }

    /// Returns what may be sent to a target now, the oldest first. That a game is free is told only
    /// where this very look has seen it.
    #[must_use]
    pub fn list_due(&self, target: &str, news: &News) -> Vec<Event> {
        let to_target = |waiting: &&Waiting| waiting.to.iter().any(|name| name == target);
        let is_sure = |event: &Event| match (&event.what, &event.watch) {
            (What::Free { key, .. }, Some(watch)) => {
                news.free.contains(&(watch.clone(), key.clone()))
            }
            _ => true,
        };
        let waiting = self.outbox.iter().filter(to_target);
        let events = waiting.map(|waiting| waiting.event.clone());
        events.filter(is_sure).collect()
    }

    /// Takes note that a target took these events.
    pub fn record_delivered(&mut self, target: &str, events: &[Event], now: DateTime<Utc>) {
        for event in events {
            if let What::Free { key, .. } = &event.what
                && let Some(known) = self.known_mut(event.watch.as_deref(), key)
            {
                known.told = Some(now);
                known.to.push(target.to_owned());
            }
            for waiting in &mut self.outbox {
                if waiting.event == *event {
                    waiting.to.retain(|name| name != target);
                }
            }
        }
        self.outbox.retain(|waiting| !waiting.to.is_empty());
    }

    /// Returns how many events wait for somebody.
    #[must_use]
    pub fn count_waiting(&self) -> usize {
        self.outbox.len()
    }
}
