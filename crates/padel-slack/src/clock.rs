//! The time, as a value that tests own.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use chrono::{DateTime, Utc};

use crate::ledger::Millis;

/// Returns the time now.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;

/// Makes the machine's own clock.
#[must_use]
pub fn machine_clock() -> Clock {
    Arc::new(|| {
        #[expect(clippy::disallowed_methods, reason = "the clock comes in here")]
        let now = SystemTime::now();
        let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::try_from(since_1970.as_millis()).unwrap_or(Millis::MAX)
    })
}

/// Reads a clock as a date with its time.
#[must_use]
pub fn read_time(clock: &Clock) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(clock()).unwrap_or_default()
}
