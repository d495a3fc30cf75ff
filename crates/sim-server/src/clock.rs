//! A simulator's clock: the machine's, or one that stands where a test put it.

use std::sync::Mutex;

use chrono::{DateTime, Utc};

use crate::{StartError, locked};

/// A simulator's time: the machine's, or an instant that is moved by hand.
#[derive(Debug, Default)]
pub struct Clock(Mutex<Option<DateTime<Utc>>>);

impl Clock {
    pub fn fixed(instant: DateTime<Utc>) -> Self {
        Self(Mutex::new(Some(instant)))
    }

    pub fn now(&self) -> DateTime<Utc> {
        locked(&self.0).unwrap_or_else(machine_time)
    }

    /// Moves the clock to an RFC 3339 time, where it stands still. Fails when the text is no such
    /// time.
    pub fn set(&self, text: &str) -> Result<(), StartError> {
        *locked(&self.0) = Some(parse_time(text)?);
        Ok(())
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
