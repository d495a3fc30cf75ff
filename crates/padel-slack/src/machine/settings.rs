//! The settings of one machine: the process's variables, then those of the file of `--env-file`, then
//! the ids of `agent.lock.json`. A variable that is set and empty counts as none.
//!
//! Reads nothing that is not named on the command line.

mod lock;

use std::{collections::HashMap, path::Path};

use claude_platform::Cost;
use secrecy::SecretString;

use self::lock::read_lock;
use super::error::{Code, Error};
use crate::{
    answer::Reply,
    desk::Credentials,
    filter::Filter,
    ledger::RateLimit,
    settings::{
        DEFAULT_API, DEFAULT_DEPLOYMENT, Lookup, SettingsError, check_prefix, read_cost,
        read_credentials, read_filter, read_limit, read_reply, read_secrets,
    },
    signature::SigningSecrets,
};

/// Everything that is set, checked as far as it can be without asking anybody.
#[derive(Debug)]
pub struct Settings {
    /// None with Socket Mode, where nothing is signed.
    pub secrets: Option<SigningSecrets>,
    /// `xoxb-…`.
    pub bot_token: SecretString,
    /// `xapp-…`, with Socket Mode.
    pub app_token: Option<SecretString>,
    /// The Web API.
    pub slack_api: String,
    /// Filter that knows questions.
    pub filter: Filter,
    /// Limit of questions by one person.
    pub limit: RateLimit,
    /// The one who posts.
    pub reply: Reply,
    /// The deployment's name.
    pub deployment: String,
    /// The agent's id.
    pub agent: String,
    /// The environment's id.
    pub environment: String,
    /// Limit of what a session may cost.
    pub max_cost: Cost,
    /// For owners.
    pub credentials: Credentials,
}

/// Variables of the process and of a file, the former first.
#[derive(Default)]
pub struct Variables {
    process: HashMap<String, String>,
    file: HashMap<String, String>,
}

impl Variables {
    /// Joins the process's variables with those of a file.
    ///
    /// # Errors
    ///
    /// `settings` when the file cannot be read. Never its text.
    pub fn read(process: HashMap<String, String>, file: Option<&Path>) -> Result<Self, Error> {
        let file = file.map(read_env_file).transpose()?.unwrap_or_default();
        Ok(Self { process, file })
    }

    /// Returns the value of a variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let found = [&self.process, &self.file]
            .into_iter()
            .find_map(|place| place.get(name).filter(|value| !value.trim().is_empty()));
        found.cloned()
    }
}

impl Settings {
    /// Reads the settings; `is_socket` for Socket Mode.
    ///
    /// # Errors
    ///
    /// `settings_missing` with all that is missing, `settings_invalid` with the first that is
    /// wrong. Never a value that may be secret.
    pub fn read(
        variables: &Variables,
        lock: Option<&Path>,
        is_socket: bool,
    ) -> Result<Self, Error> {
        let lock = lock.map(read_lock).transpose()?.unwrap_or_default();
        let mut missing = Vec::new();
        let mut need = |name: &'static str, value: Option<String>| {
            if value.is_none() {
                missing.push(name);
            }
            value.unwrap_or_default()
        };
        let lookup: &Lookup<'_> = &|name| variables.get(name);
        let filter = read_filter(lookup)?;
        let bot_token = need("SLACK_BOT_TOKEN", variables.get("SLACK_BOT_TOKEN"));
        let signing = variables.get("SLACK_SIGNING_SECRET");
        let app_token = variables.get("SLACK_APP_TOKEN");
        if is_socket {
            need("SLACK_APP_TOKEN", app_token.clone());
        } else {
            need("SLACK_SIGNING_SECRET", signing.clone());
        }
        let agent = variables.get("PADEL_AGENT_ID").or(lock.agent_id);
        let agent = need("PADEL_AGENT_ID", agent);
        let environment = variables
            .get("PADEL_ENVIRONMENT_ID")
            .or(lock.environment_id);
        let environment = need("PADEL_ENVIRONMENT_ID", environment);
        if filter.channels.is_empty() && !filter.direct_messages && !filter.mentions {
            missing.push("PADEL_SLACK_CHANNELS");
        }
        if !missing.is_empty() {
            return Err(SettingsError::Missing(missing).into());
        }
        check_prefix("SLACK_BOT_TOKEN", &bot_token, "xoxb-")?;
        if let Some(token) = app_token.as_ref().filter(|_| is_socket) {
            check_prefix("SLACK_APP_TOKEN", token, "xapp-")?;
        }
        let secrets = signing.filter(|_| !is_socket);
        let secrets = secrets.map(|secrets| read_secrets(&secrets));
        Ok(Self {
            secrets: secrets.transpose()?,
            bot_token: bot_token.into(),
            app_token: app_token.map(Into::into),
            slack_api: variables
                .get("SLACK_API_URL")
                .unwrap_or_else(|| DEFAULT_API.to_owned()),
            filter,
            limit: read_limit(lookup)?,
            reply: read_reply(lookup),
            deployment: variables
                .get("PADEL_DEPLOYMENT")
                .or(lock.name)
                .unwrap_or_else(|| DEFAULT_DEPLOYMENT.to_owned()),
            agent,
            environment,
            max_cost: read_cost(lookup)?,
            credentials: read_credentials(lookup, lock.vault_id, lock.file_id),
        })
    }
}

impl From<SettingsError> for Error {
    fn from(error: SettingsError) -> Self {
        let (code, hint) = match &error {
            SettingsError::Missing(missing) if missing.contains(&"SLACK_SIGNING_SECRET") => (
                Code::SettingsMissing,
                "set them in the environment or in the file of `--env-file`, or give `--socket` if \
                    Slack cannot reach this machine; `--lock agent.lock.json` has the ids that \
                    `padel-ops up` made",
            ),
            SettingsError::Missing(_) => (
                Code::SettingsMissing,
                "set them in the environment or in the file of `--env-file`; `--lock \
                    agent.lock.json` has the ids that `padel-ops up` made",
            ),
            SettingsError::Invalid { .. } => (
                Code::SettingsInvalid,
                "correct it; `deploy/slack/README.md` lists all settings",
            ),
        };
        Self::new(code, error.to_string(), hint)
    }
}

fn read_env_file(path: &Path) -> Result<HashMap<String, String>, Error> {
    let refuse = |error: &dotenvy::Error| {
        // dotenvy's own words repeat the line, which may be a secret.
        let reason = match error {
            dotenvy::Error::Io(error) => format!("cannot be read: {error}"),
            _ => "has a line that is not KEY=value".to_owned(),
        };
        let message = format!("`{}` {reason}", path.display());
        Error::new(
            Code::SettingsInvalid,
            message,
            "name a file with lines such as KEY=value",
        )
    };
    let lines = dotenvy::from_path_iter(path).map_err(|error| refuse(&error))?;
    lines
        .collect::<Result<_, _>>()
        .map_err(|error| refuse(&error))
}
