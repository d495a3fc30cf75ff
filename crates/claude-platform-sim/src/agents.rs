//! Agents: an optimistic lock, a history, and skills that follow a version or the latest.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    answer::{Answer, Refusal, Reply},
    pages::page,
    request::{Request, only_known},
    sim::{Sim, World, locked},
    skills,
};

/// Fields that an update may carry, besides `version`.
const FIELDS: [&str; 10] = [
    "description",
    "execution_identity",
    "mcp_servers",
    "metadata",
    "model",
    "multiagent",
    "name",
    "skills",
    "system",
    "tools",
];

/// Anthropic's own skills.
const ANTHROPIC: [&str; 4] = ["docx", "pdf", "pptx", "xlsx"];

/// An agent and all it ever was.
#[derive(Debug)]
pub(crate) struct Agent {
    /// Oldest first, never empty; the last one is the present.
    pub(crate) history: Vec<Value>,
}

impl Agent {
    /// With defaults for what `fields` leaves out. It is taken as it is: a seed may name skills
    /// that do not exist.
    pub(crate) fn new(id: &str, fields: &Value, now: &str) -> Self {
        let default_config =
            json!({"enabled": true, "permission_policy": {"type": "always_allow"}});
        let mut agent = json!({
            "id": id, "type": "agent", "version": 1, "name": id, "model": {"id": "claude-sim-1"}, "description": null,
            "system": null, "tools": [{"type": "agent_toolset_20260401", "configs": [], "default_config": default_config}], "skills": [],
            "mcp_servers": [], "metadata": {}, "multiagent": null, "execution_identity": {"type": "service_account"},
            "created_at": now, "updated_at": now, "archived_at": null,
        });
        for (key, value) in fields.as_object().into_iter().flatten() {
            agent[key] = settled(key, value);
        }
        Self {
            history: vec![agent],
        }
    }

    /// What it is at present.
    pub(crate) fn now(&self) -> &Value {
        self.history.last().unwrap_or(&Value::Null)
    }

    /// What it was as that version.
    pub(crate) fn version(&self, version: &Value) -> Result<&Value, Refusal> {
        let found = self
            .history
            .iter()
            .find(|agent| agent["version"] == *version);
        found.ok_or_else(|| Refusal::not_found("agent version", &version.to_string()))
    }
}

/// The agent with that id.
pub(crate) fn find<'a>(world: &'a World, id: &str) -> Result<&'a Agent, Refusal> {
    world
        .agents
        .get(id)
        .ok_or_else(|| Refusal::not_found("agent", id))
}

/// `GET /v1/agents`, by id, without archived ones unless `include_archived=true`.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let all = request.query("include_archived") == Some("true");
    let world = locked(&sim.world);
    let shown = world
        .agents
        .values()
        .map(Agent::now)
        .filter(|agent| all || agent["archived_at"].is_null());
    page(
        &shown.cloned().collect::<Vec<_>>(),
        request,
        100,
        sim.setup.page_size,
    )
}

/// `GET /v1/agents/{id}`, `?version=N`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    let world = locked(&sim.world);
    let agent = find(&world, request.id())?;
    let shown = match request.query("version").map(str::parse::<u64>) {
        None => Ok(agent.now()),
        Some(Ok(version)) => agent.version(&json!(version)),
        Some(Err(_)) => Err(Refusal::invalid("version: must be a number")),
    };
    shown.map(Answer::json)
}

/// `GET /v1/agents/{id}/versions`, newest first.
pub(crate) fn list_versions(sim: &Arc<Sim>, request: &Request) -> Reply {
    let world = locked(&sim.world);
    let versions: Vec<_> = find(&world, request.id())?
        .history
        .iter()
        .rev()
        .cloned()
        .collect();
    page(&versions, request, 100, sim.setup.page_size)
}

/// `POST /v1/agents/{id}/archive`.
pub(crate) fn archive(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut world = locked(&sim.world);
    let agent = world
        .agents
        .get_mut(request.id())
        .and_then(|agent| agent.history.last_mut());
    let agent = agent.ok_or_else(|| Refusal::not_found("agent", request.id()))?;
    if agent["archived_at"].is_null() {
        agent["archived_at"] = json!(sim.now());
    }
    Ok(Answer::json(agent))
}

/// `POST /v1/agents/{id}`: absent fields stay, arrays are replaced, metadata is merged, no change
/// makes no version.
pub(crate) fn update(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut body = request.json()?;
    let mut world = locked(&sim.world);
    let before = find(&world, request.id())?.now().clone();
    if !before["archived_at"].is_null() {
        return Err(Refusal::invalid("an archived agent cannot be changed"));
    }
    match body.remove("version") {
        None => {}
        Some(version) if version == before["version"] => {}
        Some(Value::Number(version)) => {
            let message = format!(
                "version: {version} is not the agent's current version, {}",
                before["version"]
            );
            return Err(Refusal::new(409, message));
        }
        Some(_) => return Err(Refusal::invalid("version: must be a number")),
    }
    only_known(&body, &FIELDS)?;
    let mut after = before.clone();
    for (key, value) in &body {
        after[key] = match key.as_str() {
            "metadata" => merged(&before["metadata"], value)?,
            "skills" => skill_list(&world, &before["skills"], value)?,
            "name" | "model" if value.is_null() || value == "" => {
                return Err(Refusal::invalid(format!("{key}: cannot be cleared")));
            }
            _ => settled(key, value),
        };
    }
    if after != before {
        after["version"] = json!(before["version"].as_u64().unwrap_or_default() + 1);
        after["updated_at"] = json!(sim.now());
        if let Some(agent) = world.agents.get_mut(request.id()) {
            agent.history.push(after.clone());
        }
    }
    Ok(Answer::json(&after))
}

/// A field as it is kept: null clears an array, a model's name becomes an object, a skill without a
/// version follows the latest.
fn settled(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("tools" | "mcp_servers" | "skills", Value::Null) => json!([]),
        ("model", Value::String(id)) => json!({"id": id}),
        ("skills", Value::Array(list)) => list.iter().map(following).collect(),
        _ => value.clone(),
    }
}

fn following(entry: &Value) -> Value {
    let mut entry = entry.clone();
    if entry["version"].is_null() {
        entry["version"] = json!("latest");
    }
    entry
}

/// Key by key: a text sets, null deletes. At most 16 pairs, keys of 64 characters, values of 512.
fn merged(before: &Value, patch: &Value) -> Result<Value, Refusal> {
    let mut merged: Map<String, Value> = before.as_object().cloned().unwrap_or_default();
    let patch = patch
        .as_object()
        .ok_or_else(|| Refusal::invalid("metadata: must be an object"))?;
    for (key, value) in patch {
        match value {
            Value::Null => drop(merged.remove(key)),
            Value::String(text) if key.chars().count() <= 64 && text.chars().count() <= 512 => {
                merged.insert(key.clone(), value.clone());
            }
            _ => {
                let message =
                    format!("metadata.{key}: keys of at most 64, texts of at most 512 characters");
                return Err(Refusal::invalid(message));
            }
        }
    }
    if merged.len() > 16 {
        return Err(Refusal::invalid("metadata: at most 16 pairs"));
    }
    Ok(merged.into())
}

/// A list of skills, with the version that each follows. An entry that the agent had before is not
/// questioned.
pub(crate) fn skill_list(world: &World, before: &Value, wanted: &Value) -> Result<Value, Refusal> {
    let wanted = match wanted {
        Value::Null => &Vec::new(),
        Value::Array(list) => list,
        _ => return Err(Refusal::invalid("skills: must be an array")),
    };
    let mut list = Vec::<Value>::new();
    for entry in wanted {
        let fields = entry
            .as_object()
            .ok_or_else(|| Refusal::invalid("skills: an entry is not an object"))?;
        only_known(fields, &["type", "skill_id", "version"])?;
        let text = |name: &str| entry[name].as_str().unwrap_or_default();
        let (kind, id) = (text("type"), text("skill_id"));
        let version = if text("version").is_empty() {
            "latest"
        } else {
            text("version")
        };
        let settled = json!({"type": kind, "skill_id": id, "version": version});
        let is_kept = before
            .as_array()
            .is_some_and(|list| list.contains(&settled));
        match kind {
            _ if list.iter().any(|other| other["skill_id"] == id) => {
                return Err(Refusal::invalid(format!("skills: `{id}` is listed twice")));
            }
            _ if is_kept => {}
            "custom" => drop(
                skills::find(world, id)
                    .and_then(|skill| skill.version(version))
                    .map_err(|refusal| Refusal::invalid(format!("skills: {}", refusal.message)))?,
            ),
            "anthropic" if ANTHROPIC.contains(&id) => {}
            _ => {
                return Err(Refusal::invalid(format!(
                    "skills: `{kind}` `{id}` is no skill"
                )));
            }
        }
        list.push(settled);
    }
    Ok(list.into())
}
