//! Tokens of workload identity federation that were given out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sim_server::machine_time;

#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// Those of `/__sim/github/token`.
    pub(crate) identities: BTreeSet<String>,
    /// Identities that were redeemed, by their `jti`, else by their whole text: each identity is
    /// good once, as field reports say.
    pub(crate) redeemed: BTreeSet<String>,
    pub(crate) bearers: BTreeMap<String, DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BearerState {
    Good,
    Expired,
    Unknown,
}

impl Tokens {
    pub(crate) fn check_bearer(&self, token: &str) -> BearerState {
        match self.bearers.get(token) {
            None => BearerState::Unknown,
            Some(until) if *until <= machine_time() => BearerState::Expired,
            Some(_) => BearerState::Good,
        }
    }

    pub(crate) fn expire_bearers(&mut self) {
        self.bearers
            .values_mut()
            .for_each(|until| *until = DateTime::UNIX_EPOCH);
    }
}
