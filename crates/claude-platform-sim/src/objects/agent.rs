//! Agents: every version that there was.

use serde_json::{Value, json};

use crate::{
    agents::{model, tools},
    answer::Refusal,
};

/// An agent and its history.
#[derive(Debug)]
pub(crate) struct Agent {
    /// Oldest first, never empty; the last one is the present.
    pub(crate) history: Vec<Value>,
}

impl Agent {
    /// An agent with defaults for what `fields` leaves out. It is taken as it is: a seed may name
    /// skills that do not exist.
    pub(crate) fn new(id: &str, fields: &Value, created_at: &str) -> Self {
        let toolset = json!([{"type": "agent_toolset_20260401"}]);
        let mut agent = json!({
            "id": id, "type": "agent", "version": 1, "name": id,
            "model": settle_field("model", &json!("claude-sim-1")),
            "description": null, "system": null, "tools": settle_field("tools", &toolset),
            "skills": [], "mcp_servers": [], "metadata": {}, "multiagent": null,
            "execution_identity": {"type": "service_account"},
            "created_at": created_at, "updated_at": created_at, "archived_at": null,
        });
        for (key, value) in fields.as_object().into_iter().flatten() {
            agent[key] = settle_field(key, value);
        }
        Self {
            history: vec![agent],
        }
    }

    pub(crate) fn current(&self) -> &Value {
        self.history.last().unwrap_or(&Value::Null)
    }

    pub(crate) fn find_version(&self, version: &Value) -> Result<&Value, Refusal> {
        let found = self
            .history
            .iter()
            .find(|agent| agent["version"] == *version);
        found.ok_or_else(|| Refusal::not_found("agent version", &version.to_string()))
    }
}

/// A seed's field as it is kept: a model's name becomes an object, tools get their defaults, a
/// skill without a version follows the latest.
fn settle_field(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("tools", _) => tools::read(value).unwrap_or_else(|_| value.clone()),
        ("model", _) => model::read(&Value::Null, value).unwrap_or_else(|_| value.clone()),
        ("skills", Value::Array(list)) => list.iter().map(follow_latest).collect(),
        _ => value.clone(),
    }
}

fn follow_latest(entry: &Value) -> Value {
    let mut entry = entry.clone();
    if entry["version"].is_null() {
        entry["version"] = json!("latest");
    }
    entry
}
