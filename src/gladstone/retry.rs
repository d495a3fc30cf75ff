//! When a GET is tried again, and after how long.

use std::time::Duration;

/// The most times that one request is sent.
const TRIES: u32 = 3;
/// The wait before the second try, doubled for the third.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// What came of a try that was no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No connection, or one that broke off.
    Connection,
    /// An answer with this status, and how long it asks to wait.
    Status(u16, Option<Duration>),
}

/// How long to wait before try number `tried + 1`; `None` when there is to be none.
///
/// `jitter` in [0, 1) spreads the waits over half to all of their length. A wait that the portal states is kept as it is.
pub(super) fn wait(trouble: Trouble, tried: u32, jitter: f64) -> Option<Duration> {
    if tried >= TRIES {
        return None;
    }
    let backoff = (FIRST_WAIT * 2_u32.pow(tried.saturating_sub(1))).mul_f64(0.5 + jitter / 2.0);
    match trouble {
        Trouble::Connection | Trouble::Status(408, _) => Some(backoff),
        // The portal's first answer may be a 403 for no reason; a second one is meant.
        Trouble::Status(403, _) => (tried == 1).then_some(backoff),
        Trouble::Status(429 | 500..=599, stated) => Some(stated.unwrap_or(backoff)),
        Trouble::Status(..) => None,
    }
}
