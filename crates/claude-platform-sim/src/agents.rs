//! Requests about agents: an optimistic lock, a history, and skills that follow a version or the
//! latest.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use sim_server::locked;

use crate::{
    answer::{Answer, Refusal, Reply},
    objects::{Agent, Objects, settle_field},
    pages::page,
    request::{Request, only_known, text_field},
    sim::Sim,
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

const ANTHROPIC: [&str; 4] = ["docx", "pdf", "pptx", "xlsx"];

/// `GET /v1/agents`, by id, without archived ones unless `include_archived=true`.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let all = request.query("include_archived") == Some("true");
    let objects = locked(&sim.objects);
    let shown = objects
        .agents
        .values()
        .map(Agent::current)
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
    let objects = locked(&sim.objects);
    let agent = objects.agent(request.id())?;
    let shown = match request.query("version").map(str::parse::<u64>) {
        None => Ok(agent.current()),
        Some(Ok(version)) => agent.find_version(&json!(version)),
        Some(Err(_)) => Err(Refusal::invalid("version: must be a number")),
    };
    shown.map(Answer::json)
}

/// `GET /v1/agents/{id}/versions`, newest first.
pub(crate) fn list_versions(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let versions: Vec<_> = objects
        .agent(request.id())?
        .history
        .iter()
        .rev()
        .cloned()
        .collect();
    page(&versions, request, 100, sim.setup.page_size)
}

/// `POST /v1/agents/{id}/archive`.
pub(crate) fn archive(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let history = &mut objects.agent_mut(request.id())?.history;
    let agent = history
        .last_mut()
        .ok_or_else(|| Refusal::not_found("agent", request.id()))?;
    if agent["archived_at"].is_null() {
        agent["archived_at"] = json!(sim.stamps.now());
    }
    Ok(Answer::json(agent))
}

/// `POST /v1/agents/{id}`: absent fields stay, arrays are replaced, metadata is merged, no change
/// makes no version.
pub(crate) fn update(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut body = request.json()?;
    let mut objects = locked(&sim.objects);
    let before = objects.agent(request.id())?.current().clone();
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
            "metadata" => merge_metadata(&before["metadata"], value)?,
            "skills" => read_skills(&objects, &before["skills"], value)?,
            "name" | "model" if value.is_null() || value == "" => {
                return Err(Refusal::invalid(format!("{key}: cannot be cleared")));
            }
            _ => settle_field(key, value),
        };
    }
    if after != before {
        after["version"] = json!(before["version"].as_u64().unwrap_or_default() + 1);
        after["updated_at"] = json!(sim.stamps.now());
        objects.agent_mut(request.id())?.history.push(after.clone());
    }
    Ok(Answer::json(&after))
}

/// Key by key: a text sets, null deletes. At most 16 pairs, keys of 64 characters, values of 512.
fn merge_metadata(before: &Value, patch: &Value) -> Result<Value, Refusal> {
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
pub(crate) fn read_skills(
    objects: &Objects,
    before: &Value,
    wanted: &Value,
) -> Result<Value, Refusal> {
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
        let (kind, id) = (text_field(entry, "type"), text_field(entry, "skill_id"));
        let version = match text_field(entry, "version") {
            "" => "latest",
            version => version,
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
                objects
                    .skill(id)
                    .and_then(|skill| skill.find_version(version))
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
