//! Rate limits of the Web API, by the workspace's clock.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

/// A rate: a bucket of calls that fills up again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rate {
    /// Calls that are admitted at once.
    burst: f64,
    per_second: f64,
}

impl Rate {
    /// Documented: about one message per second and channel; short bursts pass. The size of a
    /// burst is assumed.
    pub(crate) const MESSAGES: Self = Self {
        burst: 5.0,
        per_second: 1.0,
    };

    /// So many calls per minute, as Slack's tiers have it. Assumed: they may come at once.
    pub(crate) fn per_minute(calls: u32) -> Self {
        Self {
            burst: calls.into(),
            per_second: f64::from(calls) / 60.0,
        }
    }
}

/// The buckets: one per method, and per channel for messages.
#[derive(Debug, Default)]
pub(crate) struct Limits(HashMap<String, (f64, DateTime<Utc>)>);

impl Limits {
    /// Admits a call, or says after how many seconds to come back.
    pub(crate) fn admit(&mut self, key: &str, rate: Rate, now: DateTime<Utc>) -> Result<(), u64> {
        let full = (rate.burst, now);
        let (calls, since) = self.0.entry(key.to_owned()).or_insert(full);
        let passed = (now - *since).as_seconds_f64().max(0.0);
        *calls = (*calls + passed * rate.per_second).min(rate.burst);
        *since = now;
        if *calls >= 1.0 {
            *calls -= 1.0;
            return Ok(());
        }
        let missing = (1.0 - *calls) / rate.per_second;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 1 to 60 seconds"
        )]
        Err(missing.ceil().clamp(1.0, 60.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_burst_passes_and_then_one_message_a_second() {
        let mut limits = Limits::default();
        let mut admit = |seconds| limits.admit("C1", Rate::MESSAGES, at(seconds));
        assert!((0..5).all(|_| admit(10).is_ok()));
        assert_eq!(admit(10), Err(1));
        assert_eq!(admit(11), Ok(()));
        assert_eq!(admit(11), Err(1));
    }

    #[test]
    fn a_tier_is_a_rate_per_minute() {
        let mut limits = Limits::default();
        let mut admit = |seconds| limits.admit("x", Rate::per_minute(2), at(seconds));
        assert!(admit(0).is_ok() && admit(0).is_ok());
        assert_eq!(admit(0), Err(30));
        assert_eq!(admit(30), Ok(()));
    }
}
