//! Requests about environments: where sessions run, and which hosts they reach.

mod config;

use std::sync::Arc;

use serde_json::{Map, Value, json};
use sim_server::locked;

use crate::{
    answer::{Answer, Refusal, Reply},
    fields::{merge_metadata, only_known, optional_text, read_metadata, require_text},
    pages::{UP_TO_100, page},
    request::Request,
    sim::Sim,
};

/// Assumed; only those of agents are documented.
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 1..=256;
const LONGEST_DESCRIPTION: usize = 2048;

/// An environment of a test's own, whose network reaches no host.
pub(crate) fn seed(id: &str, now: &str) -> Value {
    let closed = json!({
        "type": "limited", "allowed_hosts": [],
        "allow_mcp_servers": false, "allow_package_managers": false,
    });
    describe(id, &json!(id), &config::cloud(&closed), now)
}

/// An environment as the API shows it.
fn describe(id: &str, name: &Value, config: &Value, created_at: &str) -> Value {
    json!({
        "id": id, "type": "environment", "name": name, "description": null, "config": config,
        "metadata": {}, "scope": "organization",
        "created_at": created_at, "updated_at": created_at, "archived_at": null,
    })
}

/// `POST /v1/environments`.
pub(crate) fn create(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(
        &body,
        &["name", "description", "metadata", "scope", "config"],
    )?;
    let name = require_text(&body, "name", NAME_LENGTH)?;
    if !matches!(
        body.get("scope").and_then(Value::as_str),
        None | Some("organization")
    ) {
        return Err(Refusal::invalid(
            "scope: an organization of the API has only `organization`",
        ));
    }
    let config = config::create(body.get("config"))?;
    let id = sim.stamps.id("env");
    let mut environment = describe(&id, &name, &config, &sim.stamps.now());
    environment["description"] = optional_text(&body, "description", LONGEST_DESCRIPTION)?;
    environment["metadata"] = read_metadata(body.get("metadata"))?;
    let mut objects = locked(&sim.objects);
    refuse_taken_name(&objects.environments, &id, &name)?;
    let answer = Answer::json(&environment);
    objects.environments.push(environment);
    Ok(answer)
}

/// `GET /v1/environments`, newest first, without archived ones unless `include_archived=true`.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let newest_first = objects.environments.iter().rev();
    let shown = newest_first
        .filter(|one| request.includes_archived() || one["archived_at"].is_null())
        .cloned()
        .collect();
    page(shown, request, UP_TO_100, sim.setup.page_size)
}

/// `GET /v1/environments/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    locked(&sim.objects)
        .environment(request.id())
        .map(Answer::json)
}

/// `POST /v1/environments/{id}`: absent fields stay, also inside `config`; arrays are replaced. An
/// empty text deletes a key of the metadata as null does.
pub(crate) fn update(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(&body, &["name", "description", "metadata", "config"])?;
    let mut objects = locked(&sim.objects);
    let mut after = objects.environment(request.id())?.clone();
    refuse_archived(&after)?;
    if body.contains_key("name") {
        after["name"] = require_text(&body, "name", NAME_LENGTH)?;
        refuse_taken_name(&objects.environments, request.id(), &after["name"])?;
    }
    if body.contains_key("description") {
        after["description"] = optional_text(&body, "description", LONGEST_DESCRIPTION)?;
    }
    if let Some(patch) = body.get("metadata") {
        let mut patch = patch.clone();
        for value in patch.as_object_mut().into_iter().flat_map(Map::values_mut) {
            if value == "" {
                *value = Value::Null;
            }
        }
        after["metadata"] = merge_metadata(&after["metadata"], &patch)?;
    }
    if let Some(patch) = body.get("config") {
        after["config"] = config::merge(&after["config"], patch)?;
    }
    after["updated_at"] = json!(sim.stamps.now());
    objects.environment_mut(request.id())?.clone_from(&after);
    Ok(Answer::json(&after))
}

/// `POST /v1/environments/{id}/archive`: final; its sessions go on.
pub(crate) fn archive(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let environment = objects.environment_mut(request.id())?;
    if environment["archived_at"].is_null() {
        environment["archived_at"] = json!(sim.stamps.now());
    }
    Ok(Answer::json(environment))
}

/// `DELETE /v1/environments/{id}`, once no session refers to it, archived ones included. The status
/// of a refusal is assumed.
pub(crate) fn delete(sim: &Arc<Sim>, request: &Request) -> Reply {
    let id = request.id();
    let mut objects = locked(&sim.objects);
    objects.environment(id)?;
    let mut sessions = objects.sessions.iter();
    if let Some(session) = sessions.find(|session| session.object["environment_id"] == id) {
        return Err(Refusal::invalid(format!(
            "the environment `{id}` cannot be deleted: the session `{}` refers to it",
            session.id
        )));
    }
    objects.environments.retain(|one| one["id"] != id);
    Ok(Answer::json(
        &json!({"id": id, "type": "environment_deleted"}),
    ))
}

pub(crate) fn refuse_archived(environment: &Value) -> Result<(), Refusal> {
    match environment["archived_at"].is_null() {
        true => Ok(()),
        false => Err(Refusal::invalid(format!(
            "the environment `{}` is archived",
            environment["name"].as_str().unwrap_or_default()
        ))
        .with_code("environment_archived")),
    }
}

/// Two open environments of one name are a conflict, as documentation of July has it.
fn refuse_taken_name(environments: &[Value], id: &str, name: &Value) -> Result<(), Refusal> {
    let is_taken = environments
        .iter()
        .any(|other| other["name"] == *name && other["id"] != id && other["archived_at"].is_null());
    match is_taken {
        true => Err(Refusal::new(
            409,
            format!("name: an environment named {name} exists"),
        )),
        false => Ok(()),
    }
}
