//! Requests about agents: resolved defaults, an optimistic lock, a history, and skills that follow
//! a version or the latest.

pub(crate) mod model;
mod skills;
pub(crate) mod tools;

use std::sync::Arc;

use serde_json::{Value, json};
use sim_server::locked;

use crate::{
    answer::{Answer, Refusal, Reply},
    fields::{Fields, merge_metadata, only_known, optional_text, require_text},
    filters::TimeRange,
    objects::{Agent, Objects},
    pages::{UP_TO_100, page},
    request::Request,
    sim::Sim,
};

/// Fields that a client may set.
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

/// `POST /v1/agents`. Without `tools` it has none.
pub(crate) fn create(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(&body, &FIELDS)?;
    for key in ["name", "model"] {
        if body.get(key).is_none_or(Value::is_null) {
            return Err(Refusal::invalid(format!("{key}: is required")));
        }
    }
    let id = sim.stamps.id("agent");
    let mut objects = locked(&sim.objects);
    let blank = Agent::new(&id, &json!({"tools": []}), &sim.stamps.now());
    let agent = read_fields(&objects, blank.current(), &body)?;
    let answer = Answer::json(&agent);
    objects.agents.insert(
        id,
        Agent {
            history: vec![agent],
        },
    );
    Ok(answer)
}

/// `GET /v1/agents`, by id, without archived ones unless `include_archived=true`.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let created = TimeRange::read(request, "created_at")?;
    let objects = locked(&sim.objects);
    let shown = objects
        .agents
        .values()
        .map(Agent::current)
        .filter(|agent| request.includes_archived() || agent["archived_at"].is_null())
        .filter(|agent| created.holds(&agent["created_at"]))
        .cloned()
        .collect();
    page(shown, request, UP_TO_100, sim.setup.page_size)
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
    let newest_first = objects.agent(request.id())?.history.iter().rev();
    let versions = newest_first.cloned().collect();
    page(versions, request, UP_TO_100, sim.setup.page_size)
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
    let mut after = read_fields(&objects, &before, &body)?;
    if after != before {
        after["version"] = json!(before["version"].as_u64().unwrap_or_default() + 1);
        after["updated_at"] = json!(sim.stamps.now());
        objects.agent_mut(request.id())?.history.push(after.clone());
    }
    Ok(Answer::json(&after))
}

/// An agent with the fields of a body, each resolved; the others stay.
pub(crate) fn read_fields(
    objects: &Objects,
    before: &Value,
    fields: &Fields,
) -> Result<Value, Refusal> {
    let mut after = before.clone();
    for (key, value) in fields {
        after[key] = match key.as_str() {
            "name" => require_text(fields, key, 1..=256)?,
            "model" => model::read(&before[key], value)?,
            "description" => optional_text(fields, key, 2048)?,
            "system" => optional_text(fields, key, 100_000)?,
            "metadata" => merge_metadata(&before[key], value)?,
            "skills" => skills::read(objects, &before[key], value)?,
            "tools" => tools::read(value)?,
            "mcp_servers" => tools::read_servers(value)?,
            "execution_identity" if value.is_null() => json!({"type": "service_account"}),
            _ => value.clone(),
        };
    }
    tools::check(&after)?;
    Ok(after)
}
