//! Secrets in SSM's Parameter Store. A variable `NAME_PARAMETER` names the parameter with the value
//! of `NAME`; with `NAME` itself nothing is asked.

use std::sync::{Mutex, PoisonError};

use aws_sdk_ssm::Client;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    cloud::describe_failure,
    units::{SECRETS_KEPT, SECRETS_RETRY},
};
use crate::{
    clock::Clock,
    ledger::Millis,
    settings::{Lookup, SettingsError, read_secrets},
    signature::SigningSecrets,
};

/// A place of a secret.
#[derive(Debug, Clone)]
pub enum Source {
    /// The variable itself: for trials, as everybody who may read the function's settings sees it.
    Variable(SecretString),
    /// A parameter's name.
    Parameter(String),
}

/// A secret cannot be read now. Never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {reason}")]
pub struct SecretError {
    /// The variable.
    pub variable: &'static str,
    /// AWS's words.
    pub reason: String,
}

impl Source {
    /// Finds the place of the secret `variable`; `parameter` names its parameter.
    #[must_use]
    pub fn find(lookup: &Lookup<'_>, variable: &str, parameter: &str) -> Option<Self> {
        let name = lookup(parameter).map(Self::Parameter);
        name.or_else(|| lookup(variable).map(|value| Self::Variable(value.into())))
    }

    /// Reads the secret, without the line break that a file ends with.
    ///
    /// # Errors
    ///
    /// AWS's.
    pub async fn read(
        &self,
        client: &Client,
        variable: &'static str,
    ) -> Result<SecretString, SecretError> {
        let name = match self {
            Self::Variable(value) => return Ok(value.clone()),
            Self::Parameter(name) => name,
        };
        let asking = client.get_parameter().name(name).with_decryption(true);
        let refuse = |reason| SecretError { variable, reason };
        let found = asking.send().await.map_err(|error| {
            let reason = describe_failure("GetParameter", &error);
            refuse(format!("{reason} (parameter `{name}`)"))
        })?;
        let value = found.parameter.and_then(|parameter| parameter.value);
        let value = value.filter(|value| !value.trim().is_empty());
        let value = value.ok_or_else(|| refuse(format!("the parameter `{name}` is empty")))?;
        Ok(value.trim_end_matches(['\r', '\n']).into())
    }
}

/// The signing secrets, which may be replaced while the function runs.
pub struct SigningStore {
    client: Client,
    source: Source,
    clock: Clock,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    secrets: Option<SigningSecrets>,
    read_at: Option<Millis>,
    /// Why that did not work.
    error: Option<SecretError>,
}

impl SigningStore {
    /// The variable of the signing secrets.
    pub const VARIABLE: &str = "SLACK_SIGNING_SECRET";
    /// The variable that names their parameter.
    pub const PARAMETER: &str = "SLACK_SIGNING_SECRET_PARAMETER";

    /// Reads nothing yet.
    ///
    /// # Errors
    ///
    /// No variable names the secrets.
    pub fn new(lookup: &Lookup<'_>, client: Client, clock: Clock) -> Result<Self, SettingsError> {
        let source = Source::find(lookup, Self::VARIABLE, Self::PARAMETER)
            .ok_or(SettingsError::Missing(vec![Self::PARAMETER]))?;
        Ok(Self {
            client,
            source,
            clock,
            kept: Mutex::default(),
        })
    }

    /// Returns the secrets; reads them if that has not worked yet.
    ///
    /// # Errors
    ///
    /// They cannot be read now.
    pub async fn load(&self) -> Result<SigningSecrets, SecretError> {
        let now = (self.clock)();
        {
            let kept = self.lock();
            let is_recent = kept
                .read_at
                .is_some_and(|at| is_within(at, now, SECRETS_RETRY));
            match (&kept.secrets, &kept.error) {
                (Some(secrets), _) => return Ok(secrets.clone()),
                // Slack would not wait for another try.
                (None, Some(error)) if is_recent => return Err(error.clone()),
                _ => {}
            }
        }
        self.read().await
    }

    /// Reads them again after a signature that does not fit, for they may have been replaced; at
    /// most once a minute, for anybody can send one. Returns none when they were read just now or
    /// cannot be read.
    pub async fn reload(&self) -> Option<SigningSecrets> {
        let now = (self.clock)();
        let read_at = self.lock().read_at;
        if read_at.is_some_and(|at| is_within(at, now, SECRETS_KEPT)) {
            return None;
        }
        self.read().await.ok()
    }

    async fn read(&self) -> Result<SigningSecrets, SecretError> {
        self.lock().read_at = Some((self.clock)());
        let outcome = self.ask().await;
        let mut kept = self.lock();
        kept.error = outcome.as_ref().err().cloned();
        if let Ok(secrets) = &outcome {
            kept.secrets = Some(secrets.clone());
        }
        outcome
    }

    async fn ask(&self) -> Result<SigningSecrets, SecretError> {
        let value = self.source.read(&self.client, Self::VARIABLE).await?;
        read_secrets(value.expose_secret()).map_err(|error| SecretError {
            variable: Self::VARIABLE,
            reason: error.to_string(),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_within(at: Millis, now: Millis, time: Millis) -> bool {
    now.abs_diff(at) < time.unsigned_abs()
}
