//! A club's state: what all handlers share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use chrono::{DateTime, Utc};

use crate::{
    builder::Flow,
    clock::Clock,
    diary::Diary,
    fault::{Armed, Fault},
    journal::Journal,
    members::{Door, Member},
    portal::{Cache, Tokens},
    shape::Shape,
    timetable::Timetable,
};

/// How the portal behaves, fixed for its lifetime.
#[derive(Debug, Clone)]
pub(crate) struct Conduct {
    pub(crate) flow: Flow,
    pub(crate) shape: Shape,
    pub(crate) https: bool,
    pub(crate) gzip: bool,
    pub(crate) reject_past_date_from: bool,
    pub(crate) redirect_anonymous: bool,
    pub(crate) require_member: bool,
    /// Whether elements lack their `date`.
    pub(crate) undated: bool,
    pub(crate) token_life: u32,
    /// Texts that take the place of the generated answers.
    pub(crate) sessions: Option<Bytes>,
    pub(crate) activities: Option<Bytes>,
    pub(crate) sites: Option<Bytes>,
    pub(crate) bookings: Option<Bytes>,
}

/// One simulated club.
#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) conduct: Conduct,
    pub(crate) timetable: Arc<Timetable>,
    pub(crate) members: Arc<[Member]>,
    /// One for each member.
    pub(crate) diaries: Arc<[Diary]>,
    pub(crate) clock: Mutex<Clock>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) door: Mutex<Door>,
    pub(crate) faults: Mutex<Vec<Armed>>,
    pub(crate) journal: Mutex<Journal>,
    pub(crate) cache: Mutex<Cache>,
}

impl Conduct {
    /// What follows the value of a session's cookie.
    pub(crate) fn cookie_attributes(&self) -> &'static str {
        if self.https {
            "; Path=/; HttpOnly; Secure"
        } else {
            "; Path=/; HttpOnly"
        }
    }
}

impl Sim {
    /// The same club with nobody in it yet, its clock standing still: what is done there leaves no
    /// trace here.
    pub(crate) fn twin(&self) -> Self {
        Self {
            conduct: self.conduct.clone(),
            timetable: Arc::clone(&self.timetable),
            members: Arc::clone(&self.members),
            diaries: Arc::clone(&self.diaries),
            clock: Mutex::new(Clock::Fixed(self.now())),
            // A token that somebody finds in a recording must not open the club that it was
            // recorded of.
            tokens: Mutex::new(Tokens::counting_from(1_000_000)),
            door: Mutex::default(),
            faults: Mutex::default(),
            journal: Mutex::default(),
            cache: Mutex::default(),
        }
    }

    /// The present at the club.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        locked(&self.clock).now()
    }

    /// The fault that strikes a call; the earliest that does.
    pub(crate) fn strike(&self, path: &str) -> Option<Fault> {
        locked(&self.faults)
            .iter_mut()
            .find_map(|armed| armed.meet(path))
    }
}

/// The value behind a lock. A handler that panicked while it held one fails the test when the club
/// is dropped, so nothing is gained by a second panic here.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
