//! A simulator's clock: the machine's, or one that stands where a test put it.

use chrono::{DateTime, Utc};
use tokio::{select, sync::watch, time::sleep};

use crate::StartError;

/// A simulator's time: the machine's, or an instant that is moved by hand.
#[derive(Debug, Default)]
pub struct Clock(watch::Sender<Option<DateTime<Utc>>>);

impl Clock {
    pub fn fixed(instant: DateTime<Utc>) -> Self {
        Self(watch::Sender::new(Some(instant)))
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.standing().unwrap_or_else(machine_time)
    }

    /// The instant where it was put, if it is not the machine's.
    pub fn standing(&self) -> Option<DateTime<Utc>> {
        *self.0.borrow()
    }

    /// Moves the clock to an RFC 3339 time, where it stands still. Fails when the text is no such
    /// time.
    pub fn set(&self, text: &str) -> Result<(), StartError> {
        self.move_to(parse_time(text)?);
        Ok(())
    }

    /// Moves the clock to an instant, where it stands still.
    pub fn move_to(&self, instant: DateTime<Utc>) {
        self.0.send_replace(Some(instant));
    }

    /// Returns once the clock shows `instant` or later: the machine's clock after a wait, one that
    /// stands still when it is moved that far.
    pub async fn wait_until(&self, instant: DateTime<Utc>) {
        let mut moves = self.0.subscribe();
        loop {
            let standing = *moves.borrow_and_update();
            let left = instant - standing.unwrap_or_else(machine_time);
            let Some(left) = left.to_std().ok().filter(|left| !left.is_zero()) else {
                return;
            };
            let moved = moves.changed();
            if standing.is_some() {
                let _ = moved.await;
            } else {
                select! {
                    _ = moved => {}
                    () = sleep(left) => {}
                }
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
