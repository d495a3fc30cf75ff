//! A club's state: what all handlers share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::body::Bytes;
use chrono::{DateTime, SubsecRound, Utc};
use sim_server::Clock;

use crate::{
    behaviour::Behaviour,
    diary::Diary,
    members::{Logins, Member},
    timetable::Timetable,
    tokens::Tokens,
};

#[derive(Debug)]
pub(crate) struct Sim {
    pub(crate) behaviour: Behaviour,
    pub(crate) timetable: Arc<Timetable>,
    pub(crate) members: Arc<[Member]>,
    /// One for each member.
    pub(crate) diaries: Arc<[Diary]>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) logins: Mutex<Logins>,
    /// Ready answers by what was asked, so that a benchmark measures the client and not the club.
    pub(crate) cache: Mutex<HashMap<String, Bytes>>,
}

impl Sim {
    /// The same club with nobody in it yet, its clock standing still: what is done there leaves no
    /// trace here.
    pub(crate) fn twin(&self) -> Self {
        Self {
            behaviour: self.behaviour.clone(),
            timetable: Arc::clone(&self.timetable),
            members: Arc::clone(&self.members),
            diaries: Arc::clone(&self.diaries),
            clock: Arc::new(Clock::fixed(self.now())),
            // A token that somebody finds in a recording must not open the club that it was
            // recorded of.
            tokens: Mutex::new(Tokens::counting_from(1_000_000)),
            logins: Mutex::default(),
            cache: Mutex::default(),
        }
    }

    /// The present at the club, in whole seconds like every time the portal sends.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(0)
    }
}
