//! The club's clock: the real one, or one that stands still where a test put it.

use chrono::{DateTime, SubsecRound, Utc};

/// Where the club takes the time from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    /// The machine's clock.
    Real,
    /// This instant, until it is moved.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// The present, in whole seconds like every time the portal sends.
    pub(crate) fn now(self) -> DateTime<Utc> {
        match self {
            Self::Real => machine_time(),
            Self::Fixed(instant) => instant,
        }
        .trunc_subsecs(0)
    }
}

/// The machine's clock, for what is about the wire and not about the club (`Retry-After` as a
/// date).
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator's one reading of the real clock"
)]
pub(crate) fn machine_time() -> DateTime<Utc> {
    Utc::now()
}
