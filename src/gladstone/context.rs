//! What every part of the client needs: the way to the portal, what is kept between calls, the
//! profile and the clock. Knows no endpoint.

use std::cell::OnceCell;

use chrono::{DateTime, Utc};
use toml::Table;

use super::{cache::Cache, failure::Failure, profile::Profile, transport::Transport};
use crate::{error::Error, log::Log, zone::Zone};

pub(super) struct PortalContext {
    pub(super) transport: Transport,
    pub(super) cache: Cache,
    pub(super) zone: Zone,
    pub(super) now: DateTime<Utc>,
    pub(super) log: Log,
    profile: OnceCell<Profile>,
}

impl PortalContext {
    /// # Errors
    ///
    /// `config_invalid` for a wrong `overrides` of the profile.
    pub(super) fn new(
        transport: Transport,
        cache: Cache,
        zone: Zone,
        now: DateTime<Utc>,
        log: Log,
        overrides: &Table,
    ) -> Result<Self, Error> {
        let profile = OnceCell::new();
        if !overrides.is_empty() {
            // What a member wrote is checked at once, whether it is needed or not.
            let _ = profile.set(Profile::new(overrides)?);
        }
        Ok(Self {
            transport,
            cache,
            zone,
            now,
            log,
            profile,
        })
    }

    /// Returns the profile. The built-in one is read when it is first needed: a call with a kept
    /// session needs none, and reading takes its time.
    pub(super) fn profile(&self) -> Result<&Profile, Failure> {
        if let Some(profile) = self.profile.get() {
            return Ok(profile);
        }
        let profile =
            Profile::new(&Table::new()).map_err(|error| Failure::Settings(Box::new(error)))?;
        Ok(self.profile.get_or_init(|| profile))
    }

    /// Returns the portal's host, for messages.
    pub(super) fn host(&self) -> &str {
        self.transport.host()
    }
}
