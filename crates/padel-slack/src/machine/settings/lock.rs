//! The ids of `agent.lock.json` that count; `padel-ops up` wrote them. They are no secrets.

use std::path::Path;

use serde::Deserialize;

use crate::machine::error::{Code, Error};

/// The schema that `padel-ops` writes.
const SCHEMA: &str = "padel.lock/v1";

#[derive(Debug, Default, Deserialize)]
pub(super) struct Lock {
    #[serde(default)]
    schema: String,
    pub(super) name: Option<String>,
    pub(super) environment_id: Option<String>,
    pub(super) vault_id: Option<String>,
    pub(super) file_id: Option<String>,
    pub(super) agent_id: Option<String>,
}

pub(super) fn read_lock(path: &Path) -> Result<Lock, Error> {
    let refuse = |reason: String| {
        let message = format!("`{}` {reason}", path.display());
        let hint = "name the `agent.lock.json` that `padel-ops up --execute` wrote";
        Error::new(Code::SettingsInvalid, message, hint)
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| refuse(format!("cannot be read: {error}")))?;
    let lock: Lock =
        serde_json::from_str(&text).map_err(|error| refuse(format!("is no lock: {error}")))?;
    if lock.schema != SCHEMA {
        return Err(refuse(format!("is not of the schema `{SCHEMA}`")));
    }
    Ok(lock)
}
