//! Watching for the club's channels: a look at the club now and then, and a post where something
//! became bookable. No model has a part in it, and nothing that is written in Slack begins one.
//!
//! - [`wishes`]: what is watched and which channels are told, as `agent.toml` says. What a look is
//!   and what it tells is `padel`'s: the same as `padel watch`.
//! - [`ledger`]: the port that keeps one look at a time, its state and what waits to be posted.
//! - [`state`]: the state as text. [`preview`]: a look that posts and keeps nothing.
//! - [`announcement`]: a message to a channel, made harmless.
//!
//! What is to be told is in the ledger before it is posted, and leaves it when Slack took it: a crash
//! in between repeats one message to one channel, and loses none.

pub mod announcement;
pub mod ledger;
pub mod preview;
pub mod state;
pub mod wishes;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use padel::{
    commands::{Look, Observed},
    courts::watch::{WatchState, next_look},
    output::watch::{Wording, write_message},
};

use self::{
    announcement::make_announcement,
    ledger::{KeptState, Turn, WatchLedger},
    state::{parse_state, write_state},
    wishes::WishList,
};
use crate::{
    clock::{Clock, read_time},
    ledger::{Lease, LedgerError, Millis},
    log::{Entry, Level, Log},
    slack::SlackClient,
};

/// The longest time for one post, with the write after it.
const POST_TIME: Duration = Duration::from_secs(20);
/// The longest time for a look with its posts; then others may look.
const LEASE: Duration = Duration::from_secs(150);
/// The pause where another run looks, or the ledger cannot be used.
const SHORT_PAUSE: TimeDelta = TimeDelta::seconds(20);
/// The pause where there is nothing to look for: somebody may write another wish.
const LONG_PAUSE: TimeDelta = TimeDelta::hours(1);
/// Failed looks in a row after which the log asks for somebody: fewer mend themselves.
const FAILURES_LOUD: u32 = 3;

/// Looks and posts.
pub struct Watcher<L> {
    /// The ledger.
    pub ledger: L,
    /// The bot.
    pub slack: SlackClient,
    /// The pause between looks.
    pub every: Duration,
    /// The time.
    pub clock: Clock,
    /// Log of looks; it has no texts of messages.
    pub log: Log,
}

/// A state that cannot be used, or a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WatchError {
    /// The ledger.
    #[error("{0}")]
    Ledger(#[from] LedgerError),
    /// The look could not be begun.
    #[error("{0}")]
    Look(String),
    /// A later release wrote the state.
    #[error("the ledger has a state of watching that this release does not know")]
    Later,
    /// Somebody else looks meanwhile.
    #[error("another run has taken over")]
    Lost,
}

/// A state with the version of the ledger that it was read at.
struct Held {
    state: WatchState,
    version: i64,
}

impl<L: WatchLedger> Watcher<L> {
    /// Takes the right to look if it is time, or returns the time to come back at.
    ///
    /// # Errors
    ///
    /// The ledger's.
    pub async fn claim(&self) -> Result<Result<Lease, Millis>, WatchError> {
        let now = (self.clock)();
        let lease = Lease {
            holder: format!("{:032x}", fastrand::u128(..)),
            until: now + to_millis(LEASE),
        };
        match self.ledger.claim_look(&lease, now).await? {
            Turn::Taken => Ok(Ok(lease)),
            Turn::Early(at) => Ok(Err(at)),
            Turn::Busy => Ok(Err(now + SHORT_PAUSE.num_milliseconds())),
        }
    }

    /// Looks, posts, and gives the right back. Returns the time of the next look.
    ///
    /// # Errors
    ///
    /// As [`WatchError`] says; the right is given back all the same.
    pub async fn look(&self, lease: &Lease, wishes: &WishList) -> Result<Millis, WatchError> {
        let looked = self.look_and_post(lease, wishes).await;
        let every = TimeDelta::from_std(self.every).unwrap_or(LONG_PAUSE);
        let next = match &looked {
            Ok(next) => next.timestamp_millis(),
            Err(_) => (self.clock)() + every.num_milliseconds(),
        };
        self.ledger.end_look(&lease.holder, next).await?;
        looked.map(|_| next)
    }

    /// Gives the right to look back, where there was no look.
    ///
    /// # Errors
    ///
    /// The ledger's.
    pub async fn give_back(&self, lease: &Lease) -> Result<(), WatchError> {
        let next = (self.clock)() + to_millis(self.every);
        Ok(self.ledger.end_look(&lease.holder, next).await?)
    }

    async fn look_and_post(
        &self,
        lease: &Lease,
        wishes: &WishList,
    ) -> Result<DateTime<Utc>, WatchError> {
        let mut held = self.read_state(wishes).await?;
        let now = self.now();
        let observed = wishes.observe(&mut held.state, now).await?;
        let look = match observed {
            Observed::Over => {
                (self.log)(&Entry::new(Level::Info, "watch_over"));
                return Ok(now + LONG_PAUSE);
            }
            Observed::Soon(at) => return Ok(at),
            Observed::Waiting { until, .. } => return Ok(until),
            Observed::Looked(look) => look,
        };
        self.write_state(wishes, &mut held).await?;
        self.report(&look, &held.state);
        self.post_all(lease, wishes, &mut held, &look).await?;
        let every = TimeDelta::from_std(self.every).unwrap_or(LONG_PAUSE);
        let jitter = fastrand::f64();
        Ok(next_look(&held.state, &wishes.wishes, every, jitter, now))
    }

    /// Posts to each channel what waits for it. The state is written after each, so that nothing is
    /// posted twice that Slack took. What cannot be posted within the lease waits for the next look.
    async fn post_all(
        &self,
        lease: &Lease,
        wishes: &WishList,
        held: &mut Held,
        look: &Look,
    ) -> Result<(), WatchError> {
        for target in &wishes.targets {
            let now = self.now();
            if now.timestamp_millis() + to_millis(POST_TIME) > lease.until {
                break;
            }
            let due = held.state.list_due(&target.name, &look.news);
            let is_quiet = target
                .quiet
                .is_some_and(|quiet| quiet.covers(now, look.place.zone));
            if due.is_empty() || is_quiet {
                continue;
            }
            let text = make_announcement(&write_message(&due, &look.place, Wording::Slack));
            match self.slack.announce(&target.channel, &text).await {
                Ok(()) => {
                    held.state.record_delivered(&target.name, &due, now);
                    self.write_state(wishes, held).await?;
                    let entry = Entry::new(Level::Info, "told").with("events", due.len());
                    (self.log)(&entry.with("channel", target.channel.as_str()));
                }
                Err(error) => {
                    let entry = Entry::new(Level::Error, "untold");
                    let entry = entry.with("channel", target.channel.as_str());
                    (self.log)(&entry.with("reason", error.to_string()));
                }
            }
        }
        Ok(())
    }

    fn report(&self, look: &Look, state: &WatchState) {
        let mut entry = match &look.failure {
            None => Entry::new(Level::Info, "looked"),
            Some(failed) => {
                let level = if failed.is_final || state.failures == FAILURES_LOUD {
                    Level::Error
                } else {
                    Level::Warning
                };
                let entry = Entry::new(level, "look_failed");
                entry.with("reason", failed.error.message.as_str())
            }
        };
        for (name, count) in [
            ("wishes", look.asked.len()),
            ("free", state.count_free(&look.asked)),
            ("events", look.news.events.len()),
            ("waiting", state.count_waiting()),
        ] {
            entry = entry.with(name, count);
        }
        (self.log)(&entry.with("requests", look.requests));
        for warning in &look.warnings {
            let entry = Entry::new(Level::Warning, "look_warning");
            (self.log)(&entry.with("reason", warning.as_str()));
        }
    }

    /// Reads the state of a club. One that cannot be understood counts as none, so that the next look
    /// is a first one.
    async fn read_state(&self, wishes: &WishList) -> Result<Held, WatchError> {
        let Some(KeptState { text, version }) = self.ledger.read_state(&wishes.club).await? else {
            let state = WatchState::default();
            return Ok(Held { state, version: 0 });
        };
        let state = parse_state(&text)?.unwrap_or_else(|| {
            (self.log)(&Entry::new(Level::Error, "watch_state_lost"));
            WatchState::default()
        });
        Ok(Held { state, version })
    }

    async fn write_state(&self, wishes: &WishList, held: &mut Held) -> Result<(), WatchError> {
        let text = write_state(&held.state).map_err(LedgerError)?;
        let writing = self
            .ledger
            .write_state(&wishes.club, &text, held.version, (self.clock)());
        if !writing.await? {
            return Err(WatchError::Lost);
        }
        held.version += 1;
        Ok(())
    }

    fn now(&self) -> DateTime<Utc> {
        read_time(&self.clock)
    }
}

fn to_millis(time: Duration) -> Millis {
    Millis::try_from(time.as_millis()).unwrap_or(Millis::MAX)
}
