//! A simulator's clock: the machine's, perhaps ahead of it, or one that stands where a test put it.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{select, sync::watch, time::sleep};

use crate::StartError;

/// A simulator's time: the machine's, perhaps ahead of it, or an instant that is moved by hand.
#[derive(Debug, Default)]
pub struct Clock(watch::Sender<Time>);

#[derive(Debug, Clone, Copy)]
enum Time {
    /// Ahead of the machine's by so much.
    Running(TimeDelta),
    Standing(DateTime<Utc>),
}

impl Default for Time {
    fn default() -> Self {
        Self::Running(TimeDelta::zero())
    }
}

impl Time {
    fn now(self) -> DateTime<Utc> {
        match self {
            Self::Running(ahead) => machine_time() + ahead,
            Self::Standing(instant) => instant,
        }
    }
}

impl Clock {
    pub fn fixed(instant: DateTime<Utc>) -> Self {
        Self(watch::Sender::new(Time::Standing(instant)))
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.0.borrow().now()
    }

    /// The instant where it was put, if it stands.
    pub fn standing(&self) -> Option<DateTime<Utc>> {
        match *self.0.borrow() {
            Time::Running(_) => None,
            Time::Standing(instant) => Some(instant),
        }
    }

    /// Moves the clock to an RFC 3339 time, where it stands still. Fails when the text is no such
    /// time.
    pub fn set(&self, text: &str) -> Result<(), StartError> {
        self.0.send_replace(Time::Standing(parse_time(text)?));
        Ok(())
    }

    /// Moves the clock by so much: one that stands stands there, one that runs goes on from there.
    pub fn advance(&self, by: TimeDelta) {
        self.0.send_modify(|time| {
            *time = match *time {
                Time::Running(ahead) => Time::Running(ahead + by),
                Time::Standing(instant) => Time::Standing(instant + by),
            };
        });
    }

    /// Returns once the clock shows `instant` or later: a running one after a wait, one that stands
    /// when it is moved that far.
    pub async fn wait_until(&self, instant: DateTime<Utc>) {
        let mut moves = self.0.subscribe();
        loop {
            let time = *moves.borrow_and_update();
            let left = instant - time.now();
            let Some(left) = left.to_std().ok().filter(|left| !left.is_zero()) else {
                return;
            };
            let moved = moves.changed();
            match time {
                Time::Standing(_) => {
                    let _ = moved.await;
                }
                Time::Running(_) => select! {
                    _ = moved => {}
                    () = sleep(left) => {}
                },
            }
        }
    }
}

/// Reads the machine's clock, for what a client measures with its own: `Retry-After` as a date,
/// signatures, the life of tokens.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulators' one reading of the real clock"
)]
pub fn machine_time() -> DateTime<Utc> {
    Utc::now()
}

fn parse_time(text: &str) -> Result<DateTime<Utc>, StartError> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => Ok(time.to_utc()),
        Err(source) => Err(StartError::Time {
            text: text.to_owned(),
            source,
        }),
    }
}
