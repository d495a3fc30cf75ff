//! The platform's clock: the real one, or one that stands still where a test put it.

use chrono::{DateTime, SecondsFormat, Utc};

/// Where the platform takes the times of its objects from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// The machine's clock.
    Real,
    /// This instant, for ever.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// The present as objects tell it, RFC 3339 with milliseconds.
    pub(crate) fn stamp(self) -> String {
        let now = match self {
            Self::Real => machine_time(),
            Self::Fixed(instant) => instant,
        };
        now.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

/// The machine's clock, for what clients measure with theirs: signatures and the life of tokens.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator's one reading of the real clock"
)]
pub(crate) fn machine_time() -> DateTime<Utc> {
    Utc::now()
}
