//! The process environment and the clock, read once at the edge and passed on as values.

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use chrono::{DateTime, Utc};

use crate::error::{Code, Error};

/// A copy of the process environment. It may hold passwords, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Environment {
    vars: Vec<(OsString, OsString)>,
}

impl Environment {
    /// Copies the process's own.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os().collect()
    }

    /// Returns the variable of exactly this name, if it is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let (_, value) = self
            .vars
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())?;
        Some(value)
    }

    /// Returns the names of all variables.
    pub fn names(&self) -> impl Iterator<Item = &OsStr> {
        self.vars.iter().map(|(name, _)| name.as_os_str())
    }

    /// Returns the variable of this name in any case, as text, if it is set and not empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .vars
            .iter()
            .find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty())?;
        Some(value.to_string_lossy().into_owned())
    }

    /// Returns the variable of this name in any case, empty or not.
    ///
    /// # Errors
    ///
    /// Its fault, as the end of a sentence: it is not text, or it is set in capitals and in small
    /// letters to different values, of which none is the last.
    pub(super) fn unambiguous(&self, name: &str) -> Result<Option<&str>, &'static str> {
        let mut found = None;
        for (_, value) in self
            .vars
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
        {
            let value = value.to_str().ok_or("is set but not UTF-8 text")?;
            if found.is_some_and(|found| found != value) {
                return Err("is set twice, in capitals and in small letters, to different values");
            }
            found = Some(value);
        }
        Ok(found)
    }

    /// Returns the variable of exactly this name as a path, if it is set and not empty.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// Returns the current time: `PADEL_NOW` (RFC 3339, for tests) or the system's clock.
    ///
    /// # Errors
    ///
    /// `config_invalid` when `PADEL_NOW` is not such a time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the system's clock is read"
    )]
    pub fn now(&self) -> Result<DateTime<Utc>, Error> {
        let Some(text) = self.text("PADEL_NOW") else {
            return Ok(Utc::now());
        };
        let time = DateTime::parse_from_rfc3339(&text).map_err(|_| {
            Error::new(
                Code::ConfigInvalid,
                format!("PADEL_NOW is `{text}`, which is not an RFC 3339 time"),
                "write it like 2026-11-23T09:00:00Z, or unset it",
            )
        })?;
        Ok(time.to_utc())
    }
}

impl FromIterator<(OsString, OsString)> for Environment {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(vars: I) -> Self {
        Self {
            vars: vars.into_iter().collect(),
        }
    }
}
