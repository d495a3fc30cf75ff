//! What is remembered between two looks. Its JSON is the state file, `padel.watch.state/v1`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{GameKey, Reason, outbox::Waiting};

/// A wish that nobody looked for in so many days is forgotten.
const KEPT_DAYS: i64 = 14;

/// What is remembered of a club.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchState {
    /// Time of the last look, whether or not it failed.
    pub looked_at: Option<DateTime<Utc>>,
    /// Number of looks so far.
    #[serde(default)]
    pub looks: u64,
    /// Number of looks in a row that failed, up to the last one.
    #[serde(default)]
    pub failures: u32,
    /// Set while somebody was told that looks fail.
    #[serde(default)]
    pub is_failing_told: bool,
    /// Number of looks in a row that the portal refused, up to the last one.
    #[serde(default)]
    pub refusals: u32,
    /// Set where the portal is not to be asked for a while.
    #[serde(default)]
    pub wait: Option<Wait>,
    /// By name.
    pub wishes: BTreeMap<String, WishState>,
    /// What is not delivered yet.
    #[serde(default)]
    pub outbox: Vec<Waiting>,
}

/// A time in which the portal is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// Time of the look after which it began.
    pub since: DateTime<Utc>,
    /// Its end.
    pub until: DateTime<Utc>,
    /// The code of that look's error.
    pub code: String,
    /// That error in words.
    pub message: String,
}

/// What is remembered of a wish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WishState {
    /// [`filters`](super::Wish::filters) of the wish.
    pub filters: String,
    /// Time of the first look.
    pub since: DateTime<Utc>,
    /// Time of the last look that did not fail.
    pub seen_at: DateTime<Utc>,
    /// Set after a complete look: what was not known by then is new.
    pub is_complete: bool,
    /// Future games, as they were when they were last listed.
    pub games: BTreeMap<GameKey, Known>,
    /// Times at which booking windows open, as far as they are known.
    #[serde(default)]
    pub openings: Vec<DateTime<Utc>>,
    /// Those of them that were told.
    #[serde(default)]
    pub told_openings: Vec<DateTime<Utc>>,
}

/// What is remembered of a game. The names are short: there are hundreds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its state when it was last listed.
    #[serde(rename = "is")]
    pub(super) last: Last,
    /// Number of looks since then that prove it absent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) missed: u8,
    /// Set while it is free and there has been no event about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) news: Option<Reason>,
    /// Time at which a target last took the message that it is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<DateTime<Utc>>,
    /// The targets that took the last event about it being free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) to: Vec<String>,
}

/// A game's state at a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Last {
    Free,
    OpensLater,
    Closed,
    Taken,
    /// Not listed any more.
    Unlisted,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(count: &u8) -> bool {
    *count == 0
}

impl WatchState {
    /// Counts the games that are free, of these wishes.
    #[must_use]
    pub fn count_free(&self, wishes: &[String]) -> usize {
        let known = wishes.iter().filter_map(|name| self.wishes.get(name));
        known.map(WishState::count_free).sum()
    }

    /// Corrects what lies in the future because the machine's clock was set back: a time that was
    /// kept would be waited for.
    pub(super) fn follow_clock(&mut self, now: DateTime<Utc>) {
        if let Some(wait) = &mut self.wait
            && wait.since > now
        {
            // The portal asked for its length.
            wait.until = now + (wait.until - wait.since);
            wait.since = now;
        }
        self.looked_at = self.looked_at.map(|at| at.min(now));
        for wish in self.wishes.values_mut() {
            wish.since = wish.since.min(now);
            wish.seen_at = wish.seen_at.min(now);
            for known in wish.games.values_mut() {
                known.told = known.told.map(|at| at.min(now));
            }
        }
        for waiting in &mut self.outbox {
            waiting.since = waiting.since.min(now);
        }
    }

    /// Forgets games that have begun, openings of the past and wishes of nobody.
    pub(super) fn prune(&mut self, now: DateTime<Utc>) {
        let oldest = now - TimeDelta::days(KEPT_DAYS);
        self.wishes.retain(|_, wish| wish.seen_at > oldest);
        for wish in self.wishes.values_mut() {
            wish.games.retain(|key, _| key.start > now);
            wish.openings.retain(|at| *at > now);
            // A clock that is set back by a little must not repeat them.
            wish.told_openings
                .retain(|at| *at > now - TimeDelta::days(1));
        }
    }

    /// Returns what is known of a game of a wish.
    pub(super) fn known_mut(&mut self, watch: Option<&str>, key: &GameKey) -> Option<&mut Known> {
        self.wishes.get_mut(watch?)?.games.get_mut(key)
    }

    /// Returns whether a game of a wish was free when it was last listed.
    pub(super) fn is_free(&self, watch: Option<&str>, key: &GameKey) -> bool {
        let wish = watch.and_then(|name| self.wishes.get(name));
        let known = wish.and_then(|wish| wish.games.get(key));
        known.is_some_and(|known| known.last == Last::Free)
    }
}

impl WishState {
    pub(super) fn new(filters: String, now: DateTime<Utc>) -> Self {
        Self {
            filters,
            since: now,
            seen_at: now,
            is_complete: false,
            games: BTreeMap::new(),
            openings: Vec::new(),
            told_openings: Vec::new(),
        }
    }

    /// Returns how many of its games were free when they were last listed.
    #[must_use]
    pub fn count_free(&self) -> usize {
        let games = self.games.values();
        games.filter(|known| known.last == Last::Free).count()
    }

    /// Returns how many of its games somebody was told of.
    #[must_use]
    pub fn count_told(&self) -> usize {
        let games = self.games.values();
        games.filter(|known| known.told.is_some()).count()
    }
}
