//! Ids and times of objects.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::SecondsFormat;
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
        let now = self.clock.now();
        now.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}
