//! Ids and timestamps: no two alike, and in the order in which they were made.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};
use sim_server::{Clock, locked};

#[derive(Debug)]
pub(crate) struct Stamps {
    clock: Arc<Clock>,
    counter: AtomicU64,
    /// Microseconds of the last message.
    last: Mutex<i64>,
}

impl Stamps {
    pub(crate) fn new(clock: Arc<Clock>) -> Self {
        Self {
            clock,
            counter: AtomicU64::new(1),
            last: Mutex::new(0),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A number that nobody had before.
    pub(crate) fn number(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    /// The `ts` of a new message: seconds and microseconds, later than all before it, also when
    /// the clock stands or goes back.
    pub(crate) fn message_ts(&self) -> String {
        let mut last = locked(&self.last);
        *last = self.now().timestamp_micros().max(*last + 1);
        format!("{}.{:06}", *last / 1_000_000, *last % 1_000_000)
    }

    /// A UUID of version 4 in shape: `client_msg_id`, `envelope_id`.
    pub(crate) fn uuid(&self) -> String {
        let number = self.number();
        format!("5117ac00-51a0-4000-8000-{number:012x}")
    }

    /// `Ev…`, `F…`: a prefix and ten digits or capitals.
    pub(crate) fn id(&self, prefix: &str) -> String {
        format!("{prefix}{:010X}", self.number())
    }
}
