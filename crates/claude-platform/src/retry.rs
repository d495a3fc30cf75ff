//! When a request is sent again, and after how long.
//!
//! As the SDK does it, with differences: a stated wait is capped, a timeout is final, and what may
//! have been carried out is only sent again when carrying it out twice is the same as once.

use std::time::Duration;

use reqwest::Method;

use crate::{Error, Kind, Limits};

/// The most times that one request is sent again.
const RESENDS: u32 = 2;
/// The longest wait that we choose.
const LONGEST_BACKOFF: Duration = Duration::from_secs(8);

/// The resends of one request, and what may have come of them.
pub(crate) struct RetryState {
    limits: Limits,
    method: Method,
    resent: u32,
    /// An attempt before may have been carried out.
    uncertain: bool,
}

impl RetryState {
    /// Begins for a request of this method. One that may be repeated at will counts as a GET,
    /// whatever it is.
    pub(crate) fn new(limits: Limits, method: Method) -> Self {
        Self {
            limits,
            method,
            resent: 0,
            uncertain: false,
        }
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    ///
    /// The failure, when there is to be no other attempt.
    pub(crate) async fn wait_or_fail(&mut self, error: Error) -> Result<(), Error> {
        let wait = next_wait(
            &self.method,
            &error,
            self.resent,
            fastrand::f64(),
            &self.limits,
        );
        let Some(wait) = wait.filter(|_| self.resent < RESENDS) else {
            return Err(error);
        };
        tokio::time::sleep(wait).await;
        self.resent += 1;
        self.uncertain |= error.may_have_happened();
        Ok(())
    }

    /// Returns whether this failure says that an attempt before was carried out: what we delete is
    /// gone.
    pub(crate) fn already_deleted(&self, error: &Error) -> bool {
        self.uncertain && self.method == Method::DELETE && error.kind == Kind::NotFound
    }
}

/// Returns how long to wait before attempt number `resent + 2`; `None` when that must not be made.
fn next_wait(
    method: &Method,
    error: &Error,
    resent: u32,
    jitter: f64,
    limits: &Limits,
) -> Option<Duration> {
    let again = match error.kind {
        // Nothing can have happened.
        Kind::Connect | Kind::RateLimited => true,
        Kind::Lost | Kind::Unavailable => method != Method::POST,
        Kind::Timeout => method != Method::POST && error.status.is_some(),
        // Of a lock while reading; while deleting it is an answer.
        Kind::Conflict => method == Method::GET,
        _ => false,
    };
    let again = match error.should_retry {
        Some(false) => false,
        Some(true) => again || (method != Method::POST && error.status.is_some()),
        None => again,
    };
    let backoff = (limits.first_wait * 2_u32.saturating_pow(resent)).min(LONGEST_BACKOFF);
    let stated = error.retry_after.filter(|wait| !wait.is_zero());
    let wait = stated.unwrap_or_else(|| backoff.mul_f64(1.0 - jitter / 4.0));
    (again && wait <= limits.longest_wait).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [Method; 3] = [Method::GET, Method::DELETE, Method::POST];

    fn failure(kind: Kind, status: Option<u16>) -> Error {
        Error {
            status,
            ..Error::new(kind, "")
        }
    }

    fn repeated(failure: &Error) -> [bool; 3] {
        METHODS.map(|method| next_wait(&method, failure, 0, 0.5, &Limits::default()).is_some())
    }

    #[test]
    fn a_post_is_sent_again_only_when_nothing_can_have_happened() {
        assert_eq!(repeated(&failure(Kind::Connect, None)), [true, true, true]);
        assert_eq!(
            repeated(&failure(Kind::RateLimited, Some(429))),
            [true, true, true]
        );
        assert_eq!(repeated(&failure(Kind::Lost, None)), [true, true, false]);
        assert_eq!(
            repeated(&failure(Kind::Unavailable, Some(529))),
            [true, true, false]
        );
        assert_eq!(
            repeated(&failure(Kind::Timeout, Some(408))),
            [true, true, false]
        );
        assert_eq!(
            repeated(&failure(Kind::Conflict, Some(409))),
            [true, false, false]
        );
        for kind in [Kind::Timeout, Kind::Malformed, Kind::Config] {
            assert_eq!(repeated(&failure(kind, None)), [false; 3], "{kind:?}");
        }
        for kind in [Kind::Rejected, Kind::Denied, Kind::NotFound, Kind::Invalid] {
            assert_eq!(repeated(&failure(kind, Some(400))), [false; 3], "{kind:?}");
        }
    }

    #[test]
    fn the_service_decides_where_it_says_so_but_never_makes_us_repeat_a_post() {
        let told = |should, kind, status| Error {
            should_retry: Some(should),
            ..failure(kind, Some(status))
        };
        assert_eq!(repeated(&told(false, Kind::Unavailable, 503)), [false; 3]);
        assert_eq!(repeated(&told(false, Kind::RateLimited, 429)), [false; 3]);
        assert_eq!(
            repeated(&told(true, Kind::Invalid, 400)),
            [true, true, false]
        );
        assert_eq!(
            repeated(&told(true, Kind::Unavailable, 500)),
            [true, true, false]
        );
    }

    #[test]
    fn waits_grow_up_to_eight_seconds_less_a_quarter_by_chance() {
        let at = |resent, jitter| {
            next_wait(
                &Method::GET,
                &failure(Kind::Lost, None),
                resent,
                jitter,
                &Limits::default(),
            )
            .expect("a wait")
        };
        assert_eq!(at(0, 0.0), Duration::from_millis(500));
        assert_eq!(at(1, 0.0), Duration::from_secs(1));
        assert_eq!(at(1, 1.0), Duration::from_millis(750));
        assert_eq!(at(9, 0.0), Duration::from_secs(8));
    }

    #[test]
    fn a_stated_wait_is_kept_up_to_the_cap() {
        let stated = |seconds| {
            let mut failure = failure(Kind::RateLimited, Some(429));
            failure.retry_after = Some(Duration::from_secs(seconds));
            next_wait(&Method::POST, &failure, 1, 0.5, &Limits::default())
        };
        assert_eq!(
            stated(0),
            Some(Duration::from_millis(875)),
            "none is stated"
        );
        assert_eq!(stated(1), Some(Duration::from_secs(1)));
        assert_eq!(stated(60), Some(Duration::from_secs(60)));
        assert_eq!(stated(61), None);
    }
}
