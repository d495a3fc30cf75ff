//! Every time and length of time of the function, each with its unit.
//!
//! The ledger counts in milliseconds, DynamoDB's expiry in seconds (documented): mixing them up
//! would forget questions at once, or never.

use std::time::Duration;

use claude_platform::Limits;

use crate::{answer::Timing, ledger::Millis};

const SECOND: Millis = 1000;
const HOUR: Millis = 3600 * SECOND;

/// A closed question is known for so long: redeliveries come within minutes or hours.
pub const QUESTION_KEPT: Millis = 24 * HOUR;
/// A thread is known for so long after its last question: a session lasts 20 days.
pub const THREAD_KEPT: Millis = 30 * 24 * HOUR;
/// What was accepted so long ago and is not answered is handed over again: an invocation that was
/// not lost has begun by then.
pub const SWEEP_AFTER: Millis = 120 * SECOND;
/// Secrets are read again after a bad signature, but not more often than this.
pub const SECRETS_KEPT: Millis = 60 * SECOND;
/// A secret that could not be read is asked for again after this time: a start that waited for it in
/// vain has used up most of Slack's three seconds.
pub const SECRETS_RETRY: Millis = 5 * SECOND;

/// Time that an invocation keeps for giving its thread back, before Lambda ends it.
pub const RESERVE: Duration = Duration::from_secs(15);
/// An invocation that cannot go on tries so long; then Lambda tries again, after a minute.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The first wait before a thread that did not work is tried again, doubled each time.
pub const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest time for an invocation of the other function to be taken.
pub const HANDOVER_TIME: Duration = Duration::from_millis(700);
/// The longest time without a known deadline: `Timeout` of the template's answer function.
pub const LONGEST_RUN: Duration = Duration::from_secs(600);

/// Time limits of one call of AWS.
#[derive(Debug, Clone, Copy)]
pub struct CallTimes {
    /// Making a connection.
    pub connect: Duration,
    /// The answer, once there is one.
    pub read: Duration,
    /// How often it is sent, all in all.
    pub attempts: u32,
}

/// Accepting has three seconds in all, with the way from Slack and back.
pub const HASTY: CallTimes = CallTimes {
    connect: Duration::from_millis(400),
    read: Duration::from_millis(600),
    attempts: 2,
};
/// Answering has minutes.
pub const PATIENT: CallTimes = CallTimes {
    connect: Duration::from_secs(2),
    read: Duration::from_secs(5),
    attempts: 4,
};

/// Returns the lease of the function's runs: longer than on one machine, for each renewal writes the
/// whole thread, and shorter than the minute after which Lambda tries again.
#[must_use]
pub fn timing() -> Timing {
    Timing {
        lease: Duration::from_secs(45),
        renewal: Duration::from_secs(15),
        ..Timing::default()
    }
}

/// Times of the function that answers.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Times of a thread's run.
    pub timing: Timing,
    /// The longest time for further tries of an invocation that cannot go on.
    pub patience: Duration,
    /// The wait before the first of them, doubled each time.
    pub first_wait: Duration,
    /// Times of a request to the platform.
    pub platform: Limits,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            timing: timing(),
            patience: PATIENCE,
            first_wait: FIRST_WAIT,
            platform: Limits::default(),
        }
    }
}

/// Returns DynamoDB's expiry, in seconds since 1970, of what is kept from `from` on. Never early.
#[must_use]
pub const fn expiry(from: Millis, kept: Millis) -> i64 {
    from.saturating_add(kept).saturating_add(SECOND - 1) / SECOND
}

/// Returns the time until Lambda's deadline, in milliseconds since 1970. A deadline that is over
/// already is none: emulators state such.
#[must_use]
pub fn time_left(deadline: u64, now: Millis) -> Duration {
    let left = Millis::try_from(deadline).unwrap_or(0).saturating_sub(now);
    match u64::try_from(left) {
        Ok(left) if left > 0 => Duration::from_millis(left),
        _ => LONGEST_RUN,
    }
}
