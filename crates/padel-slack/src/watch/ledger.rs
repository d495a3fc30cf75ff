//! The port to what watching keeps: who looks now, when the next look is, and the state of each
//! club as text.
//!
//! The state has a version: whoever was slower than its lease writes over nobody's state.

use std::future::Future;

use crate::ledger::{Lease, LedgerError, Millis};

/// A time of the next look that lies further ahead comes from a clock that was set back since then:
/// a portal's wait is a day at most.
pub const LONGEST_PAUSE: Millis = 25 * 3600 * 1000;

/// Outcome of taking the right to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Another run looks.
    Busy,
    /// It is not time before this.
    Early(Millis),
    /// It is taken.
    Taken,
}

/// A state as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptState {
    /// Its text.
    pub text: String,
    /// Number of writes so far.
    pub version: i64,
}

/// The port. Conditions that do not hold are answers, never errors.
pub trait WatchLedger: Send + Sync + 'static {
    /// Takes the right to look, if nobody has it and it is time.
    fn claim_look(
        &self,
        lease: &Lease,
        now: Millis,
    ) -> impl Future<Output = Result<Turn, LedgerError>> + Send;

    /// Gives it back, unless somebody else took it; nobody looks before `next`.
    fn end_look(
        &self,
        holder: &str,
        next: Millis,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Reads a club's state.
    fn read_state(
        &self,
        club: &str,
    ) -> impl Future<Output = Result<Option<KeptState>, LedgerError>> + Send;

    /// Writes a club's state, if it is still of this version; 0 is that of none. Returns whether it
    /// was. A state that nobody writes for a month may be forgotten.
    fn write_state(
        &self,
        club: &str,
        text: &str,
        version: i64,
        now: Millis,
    ) -> impl Future<Output = Result<bool, LedgerError>> + Send;
}

/// Decides whether `lease` may be taken, from what the ledger has: the holder's end, and the time of
/// the next look.
#[must_use]
pub const fn decide_turn(until: Option<Millis>, next: Option<Millis>, now: Millis) -> Turn {
    match (until, next) {
        (Some(until), _) if now <= until => Turn::Busy,
        (_, Some(next)) if now < next && next - now <= LONGEST_PAUSE => Turn::Early(next),
        _ => Turn::Taken,
    }
}
