//! Ids and times of objects.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use sim_server::Clock;

#[derive(Debug)]
pub(crate) struct Stamps {
    clock: Arc<Clock>,
    ids: AtomicU64,
}

impl Stamps {
    pub(crate) fn new(clock: Arc<Clock>) -> Self {
        Self {
            clock,
            ids: AtomicU64::new(0),
        }
    }

    /// An id that no object has: opaque, and not sorted by age.
    pub(crate) fn id(&self, prefix: &str) -> String {
        let number = self.ids.fetch_add(1, Ordering::Relaxed);
        let hash: String = Sha256::digest(format!("{prefix} {number}"))
            .iter()
            .take(11)
            .map(|byte| format!("{byte:02X}"))
            .collect();
        format!("{prefix}_01{hash}")
    }

    /// The present, RFC 3339 with milliseconds.
    pub(crate) fn now(&self) -> String {
        to_text(self.time())
    }

    /// So many seconds from now, in the same form.
    pub(crate) fn after(&self, seconds: u32) -> String {
        to_text(self.time() + TimeDelta::seconds(seconds.into()))
    }

    pub(crate) fn time(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// A time as objects have it.
pub(crate) fn to_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}
