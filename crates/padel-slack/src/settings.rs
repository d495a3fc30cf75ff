//! The settings that every kind of process has, read from variables. A variable that is set and
//! empty counts as none.

use std::collections::BTreeSet;

use claude_platform::Cost;
use serde_json::{Value, json};

use crate::{
    answer::Reply, desk::Credentials, filter::Filter, ledger::RateLimit, signature::SigningSecrets,
};

/// Slack's Web API.
pub const DEFAULT_API: &str = "https://slack.com/api";
/// The deployment's name when nothing is said.
pub const DEFAULT_DEPLOYMENT: &str = "padel";
/// Where an agent finds a member's `.env`; the platform puts it below a session's uploads.
const MOUNT: &str = "/root/.config/pslc-padel/.env";
/// Questions of one person in one channel in ten minutes: people ask a few, loops ask hundreds.
const DEFAULT_RATE: u32 = 30;
const RATE_WINDOW: i64 = 600_000;
/// What a session may cost when nothing is said: `agent.toml`'s own default.
const DEFAULT_MAX_COST: &str = "0.50";

/// Looks up a variable that is set and not empty.
pub type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Settings that cannot work. Never a value, which may be secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Variables without a value.
    #[error("no value for {}", list_names(.0))]
    Missing(Vec<&'static str>),
    /// A variable with a wrong one.
    #[error("`{name}` {reason}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What is wrong with it, as in "is neither 0 nor 1".
        reason: String,
    },
}

fn list_names(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

pub(crate) fn invalid(name: &'static str, reason: impl Into<String>) -> SettingsError {
    let reason = reason.into();
    SettingsError::Invalid { name, reason }
}

/// Returns the parts of a list, which commas or blanks separate.
fn read_list(lookup: &Lookup<'_>, name: &str) -> BTreeSet<String> {
    let value = lookup(name).unwrap_or_default();
    let parts = value.split([',', ' ', '\t', '\n']).map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn is_on(lookup: &Lookup<'_>, name: &'static str) -> Result<bool, SettingsError> {
    match lookup(name).as_deref().map(str::trim) {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(invalid(name, "is neither 0 nor 1")),
    }
}

/// Reads which messages are questions.
///
/// # Errors
///
/// A switch that is neither 0 nor 1.
pub fn read_filter(lookup: &Lookup<'_>) -> Result<Filter, SettingsError> {
    Ok(Filter {
        app: lookup("SLACK_APP_ID"),
        team: lookup("SLACK_TEAM_ID"),
        channels: read_list(lookup, "PADEL_SLACK_CHANNELS"),
        direct_messages: is_on(lookup, "PADEL_SLACK_DIRECT_MESSAGES")?,
        mentions: is_on(lookup, "PADEL_SLACK_MENTIONS")?,
        external: is_on(lookup, "PADEL_SLACK_EXTERNAL")?,
        ignored: read_list(lookup, "PADEL_SLACK_IGNORED"),
        owners: read_list(lookup, "PADEL_SLACK_OWNERS"),
    })
}

/// Reads how many questions a person may ask.
///
/// # Errors
///
/// What is no number above 0.
pub fn read_limit(lookup: &Lookup<'_>) -> Result<RateLimit, SettingsError> {
    const NAME: &str = "PADEL_SLACK_RATE";
    let questions = match lookup(NAME).map(|rate| rate.trim().parse()) {
        None => DEFAULT_RATE,
        Some(Ok(rate @ 1..)) => rate,
        Some(_) => return Err(invalid(NAME, "is no number of questions above 0")),
    };
    Ok(RateLimit {
        questions,
        window: RATE_WINDOW,
    })
}

/// Reads signing secrets, `new,old` while one replaces the other.
///
/// # Errors
///
/// A blank one.
pub fn read_secrets(value: &str) -> Result<SigningSecrets, SettingsError> {
    let secrets = value.split(',').map(|secret| secret.trim().to_owned());
    SigningSecrets::new(secrets).map_err(|error| invalid("SLACK_SIGNING_SECRET", error.to_string()))
}

/// Reads who posts the answers.
#[must_use]
pub fn read_reply(lookup: &Lookup<'_>) -> Reply {
    lookup("PADEL_SESSION_ID").map_or(Reply::Bridge, Reply::Agent)
}

/// Reads dollars with up to two decimals, as `agent.toml` has them.
///
/// # Errors
///
/// What is no such sum.
pub fn read_cost(lookup: &Lookup<'_>) -> Result<Cost, SettingsError> {
    const NAME: &str = "PADEL_MAX_COST";
    let text = lookup(NAME).unwrap_or_else(|| DEFAULT_MAX_COST.to_owned());
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

/// Reads what owners' sessions may use; `vault` and `file` count where no variable names one.
#[must_use]
pub fn read_credentials(
    lookup: &Lookup<'_>,
    vault: Option<String>,
    file: Option<String>,
) -> Credentials {
    let mut vault_ids: Vec<String> = read_list(lookup, "PADEL_VAULT_IDS").into_iter().collect();
    if vault_ids.is_empty() {
        vault_ids.extend(vault);
    }
    let mount =
        |id: String| -> Value { json!({"type": "file", "file_id": id, "mount_path": MOUNT}) };
    let file = lookup("PADEL_FILE_ID").or(file);
    Credentials {
        vault_ids,
        resources: file.map(mount).into_iter().collect(),
    }
}

/// Checks that a token is of its kind.
///
/// # Errors
///
/// Another one, or blanks around it.
pub fn check_prefix(name: &'static str, value: &str, prefix: &str) -> Result<(), SettingsError> {
    if value.trim() == value && value.starts_with(prefix) {
        return Ok(());
    }
    Err(invalid(
        name,
        format!("does not begin with `{prefix}`, or has blanks around it"),
    ))
}
