//! A club's state: what all handlers share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use chrono::{DateTime, Utc};

use crate::{
    builder::Flow,
    clock::Clock,
    fault::{Armed, Fault},
    journal::Journal,
    portal::{Cache, Tokens},
    timetable::Timetable,
};

/// How the portal behaves, fixed for its lifetime.
#[derive(Debug, Clone)]
pub(crate) struct Conduct {
    pub(crate) flow: Flow,
    pub(crate) https: bool,
    pub(crate) gzip: bool,
    pub(crate) reject_past_date_from: bool,
    pub(crate) redirect_anonymous: bool,
    pub(crate) token_life: u32,
    /// Texts that take the place of the generated answers.
    pub(crate) sessions: Option<Bytes>,
    pub(crate) activities: Option<Bytes>,
    pub(crate) sites: Option<Bytes>,
}

/// One simulated club.
#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) conduct: Conduct,
    pub(crate) timetable: Timetable,
    pub(crate) clock: Mutex<Clock>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) faults: Mutex<Vec<Armed>>,
    pub(crate) journal: Mutex<Journal>,
    pub(crate) cache: Mutex<Cache>,
}

impl Sim {
    /// The present at the club.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        locked(&self.clock).now()
    }

    /// The fault that strikes a call; the earliest that does.
    pub(crate) fn strike(&self, path: &str) -> Option<Fault> {
        locked(&self.faults).iter_mut().find_map(|armed| armed.meet(path))
    }
}

/// The value behind a lock. A handler that panicked while it held one fails the test when the club is dropped, so
/// nothing is gained by a second panic here.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
