//! The settings of one machine: the process's variables, then those of the file of `--env-file`, then
//! the ids of `agent.lock.json`. A variable that is set and empty counts as none.
//!
//! Reads nothing that is not named on the command line.

mod lock;

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use claude_platform::Cost;
use secrecy::SecretString;
use serde_json::{Value, json};

use self::lock::read_lock;
use super::error::{Code, Error};
use crate::{
    answer::Reply, desk::Credentials, filter::Filter, ledger::RateLimit, signature::SigningSecrets,
};

/// Path at which an agent finds a member's `.env`; the platform puts it below a session's uploads.
const MOUNT: &str = "/root/.config/pslc-padel/.env";
/// Questions of one person in one channel in ten minutes: people ask a few, loops ask hundreds.
const DEFAULT_RATE: u32 = 30;
const RATE_WINDOW: i64 = 600_000;
const DEFAULT_API: &str = "https://slack.com/api";
/// Default of what a session may cost, in US dollars: `agent.toml`'s own default.
const DEFAULT_MAX_COST: &str = "0.50";

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

    fn list(&self, name: &str) -> BTreeSet<String> {
        let value = self.get(name).unwrap_or_default();
        let parts = value.split([',', ' ', '\t', '\n']).map(str::trim);
        parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn is_on(&self, name: &str) -> Result<bool, Error> {
        match self.get(name).as_deref().map(str::trim) {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(invalid(name, "is neither 0 nor 1")),
        }
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
        let filter = read_filter(variables)?;
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
            return Err(explain_missing(&missing));
        }
        check_prefix("SLACK_BOT_TOKEN", &bot_token, "xoxb-")?;
        if let Some(token) = app_token.as_ref().filter(|_| is_socket) {
            check_prefix("SLACK_APP_TOKEN", token, "xapp-")?;
        }
        let secrets = signing.filter(|_| !is_socket).map(|secrets| {
            SigningSecrets::new(secrets.split(',').map(|secret| secret.trim().to_owned()))
                .map_err(|error| invalid("SLACK_SIGNING_SECRET", &error.to_string()))
        });
        Ok(Self {
            secrets: secrets.transpose()?,
            bot_token: bot_token.into(),
            app_token: app_token.map(Into::into),
            slack_api: variables
                .get("SLACK_API_URL")
                .unwrap_or_else(|| DEFAULT_API.to_owned()),
            filter,
            limit: read_limit(variables)?,
            reply: variables
                .get("PADEL_SESSION_ID")
                .map_or(Reply::Bridge, Reply::Agent),
            deployment: variables
                .get("PADEL_DEPLOYMENT")
                .or(lock.name)
                .unwrap_or_else(|| "padel".to_owned()),
            agent,
            environment,
            max_cost: read_cost(variables)?,
            credentials: read_credentials(variables, lock.vault_id, lock.file_id),
        })
    }
}

fn read_filter(variables: &Variables) -> Result<Filter, Error> {
    Ok(Filter {
        app: variables.get("SLACK_APP_ID"),
        team: variables.get("SLACK_TEAM_ID"),
        channels: variables.list("PADEL_SLACK_CHANNELS"),
        direct_messages: variables.is_on("PADEL_SLACK_DIRECT_MESSAGES")?,
        mentions: variables.is_on("PADEL_SLACK_MENTIONS")?,
        external: variables.is_on("PADEL_SLACK_EXTERNAL")?,
        ignored: variables.list("PADEL_SLACK_IGNORED"),
        owners: variables.list("PADEL_SLACK_OWNERS"),
    })
}

fn read_limit(variables: &Variables) -> Result<RateLimit, Error> {
    const NAME: &str = "PADEL_SLACK_RATE";
    let questions = match variables.get(NAME).map(|rate| rate.trim().parse()) {
        None => DEFAULT_RATE,
        Some(Ok(rate @ 1..)) => rate,
        Some(_) => return Err(invalid(NAME, "is no number of questions above 0")),
    };
    Ok(RateLimit {
        questions,
        window: RATE_WINDOW,
    })
}

/// Reads dollars with up to two decimals, as `agent.toml` has them.
fn read_cost(variables: &Variables) -> Result<Cost, Error> {
    const NAME: &str = "PADEL_MAX_COST";
    let text = variables
        .get(NAME)
        .unwrap_or_else(|| DEFAULT_MAX_COST.to_owned());
    let (dollars, cents) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let number = |digits: &str| -> Option<u32> {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    };
    let scale = if cents.len() == 1 { 10 } else { 1 };
    let amount = number(dollars)
        .zip(number(cents).filter(|_| cents.len() <= 2))
        .and_then(|(dollars, cents)| dollars.checked_mul(100)?.checked_add(cents * scale))
        .filter(|amount| *amount > 0)
        .ok_or_else(|| invalid(NAME, "is no sum in dollars such as 0.50"))?;
    Ok(Cost {
        amount: amount.to_string(),
        currency: "USD".to_owned(),
    })
}

fn read_credentials(
    variables: &Variables,
    vault: Option<String>,
    file: Option<String>,
) -> Credentials {
    let mut vault_ids: Vec<String> = variables.list("PADEL_VAULT_IDS").into_iter().collect();
    if vault_ids.is_empty() {
        vault_ids.extend(vault);
    }
    let mount =
        |id: String| -> Value { json!({"type": "file", "file_id": id, "mount_path": MOUNT}) };
    let file = variables.get("PADEL_FILE_ID").or(file);
    Credentials {
        vault_ids,
        resources: file.map(mount).into_iter().collect(),
    }
}

fn check_prefix(name: &str, value: &str, prefix: &str) -> Result<(), Error> {
    if value.trim() == value && value.starts_with(prefix) {
        return Ok(());
    }
    Err(invalid(
        name,
        &format!("does not begin with `{prefix}`, or has blanks around it"),
    ))
}

fn invalid(name: &str, reason: &str) -> Error {
    Error::new(
        Code::SettingsInvalid,
        format!("`{name}` {reason}"),
        "correct it; `deploy/slack/README.md` lists all settings",
    )
}

fn explain_missing(missing: &[&str]) -> Error {
    let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    Error::new(
        Code::SettingsMissing,
        format!("no value for {}", names.join(", ")),
        "set them in the environment or in the file of `--env-file`; `--lock agent.lock.json` has \
            the ids that `padel-ops up` made",
    )
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
