//! The throttle of an HTTP API: a bucket of tokens (documented), one for each request.

use chrono::{DateTime, Utc};

#[derive(Debug, Clone)]
pub(super) struct Throttle {
    /// Tokens that come in a second.
    rate: f64,
    /// Tokens that the bucket holds.
    burst: f64,
    tokens: f64,
    /// The time of the last request.
    at: Option<DateTime<Utc>>,
}

impl Throttle {
    /// The bucket is full at first.
    pub(super) fn new(rate: f64, burst: u32) -> Self {
        let burst = f64::from(burst);
        Self {
            rate,
            burst,
            tokens: burst,
            at: None,
        }
    }

    /// Takes a token for a request; returns whether there was one.
    pub(super) fn admit(&mut self, now: DateTime<Utc>) -> bool {
        let passed = self.at.map_or(0.0, |at| (now - at).as_seconds_f64());
        self.at = Some(now);
        self.tokens = (self.tokens + passed.max(0.0) * self.rate).min(self.burst);
        let is_admitted = self.tokens >= 1.0;
        if is_admitted {
            self.tokens -= 1.0;
        }
        is_admitted
    }
}
