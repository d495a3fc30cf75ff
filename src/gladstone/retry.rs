//! When a GET is tried again, and after how long.

use std::time::Duration;

/// The most times that one request is sent.
const TRIES: u32 = 3;
/// The wait before the second try, doubled for the third.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The end of a try that was no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No connection, or one that broke off.
    Connection,
    /// An answer with this status, and how long it asks to wait.
    Status(u16, Option<Duration>),
}

/// The wait before try number `tried + 1`; `None` when there is to be none.
///
/// `jitter` in [0, 1) spreads the waits over half to all of their length, so that calls that failed
/// together do not come back together. A wait that the portal states is kept as it is.
pub(super) fn wait(trouble: Trouble, tried: u32, jitter: f64) -> Option<Duration> {
    if tried >= TRIES {
        return None;
    }
    let backoff = (FIRST_WAIT * 2_u32.pow(tried.saturating_sub(1))).mul_f64(0.5 + jitter / 2.0);
    match trouble {
        Trouble::Connection => Some(backoff),
        // The portal's first answer may be a 403 for no reason; a second one is meant.
        Trouble::Status(403, stated) => (tried == 1).then_some(stated.unwrap_or(backoff)),
        Trouble::Status(408 | 429 | 500..=599, stated) => Some(stated.unwrap_or(backoff)),
        Trouble::Status(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn there_are_three_tries_at_most_and_unstated_waits_are_short(status in 100..700_u16, jitter in 0.0..1.0_f64) {
            for trouble in [Trouble::Connection, Trouble::Status(status, None)] {
                prop_assert_eq!(wait(trouble, 3, jitter), None);
                for tried in 1..3 {
                    let wait = wait(trouble, tried, jitter).unwrap_or_default();
                    prop_assert!(wait <= Duration::from_millis(500));
                }
            }
        }

        #[test]
        fn a_stated_wait_is_kept(seconds in 0..100_000_u64, jitter in 0.0..1.0_f64) {
            let stated = Duration::from_secs(seconds);
            prop_assert_eq!(wait(Trouble::Status(429, Some(stated)), 1, jitter), Some(stated));
            prop_assert_eq!(wait(Trouble::Status(503, Some(stated)), 2, jitter), Some(stated));
            prop_assert_eq!(wait(Trouble::Status(403, Some(stated)), 1, jitter), Some(stated));
        }
    }

    #[test]
    fn an_unstated_wait_doubles_and_is_spread_over_its_half() {
        for trouble in [
            Trouble::Connection,
            Trouble::Status(503, None),
            Trouble::Status(408, None),
        ] {
            let at = |tried, jitter| wait(trouble, tried, jitter).unwrap().as_millis();
            assert_eq!(
                [at(1, 0.0), at(1, 0.5), at(1, 1.0)],
                [125, 187, 250],
                "{trouble:?}"
            );
            assert_eq!(
                [at(2, 0.0), at(2, 0.5), at(2, 1.0)],
                [250, 375, 500],
                "{trouble:?}"
            );
        }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(
                wait(Trouble::Status(status, None), 1, 0.5).is_some(),
                "{status}"
            );
        }
        for status in [400, 401, 404, 405, 410, 418] {
            assert_eq!(
                wait(Trouble::Status(status, None), 1, 0.5),
                None,
                "{status}"
            );
        }
        assert!(wait(Trouble::Status(403, None), 1, 0.5).is_some());
        assert_eq!(
            wait(Trouble::Status(403, None), 2, 0.5),
            None,
            "a second refusal is meant"
        );
    }
}
