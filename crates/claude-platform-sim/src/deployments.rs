//! Requests about deployments: sessions that are described once and started by hand or by a
//! schedule. Each runs the agent as the version that was current when it was named.

mod runs;

use std::sync::Arc;

use serde_json::{Value, json};
use sim_server::locked;

pub(crate) use runs::{list_runs, retrieve_run, run, run_due};

use crate::{
    answer::{Answer, Refusal, Reply},
    environments,
    fields::{Fields, merge_metadata, only_known, optional_text, read_array, require_text},
    filters::TimeRange,
    objects::{Deployment, Objects, Schedule, check_first_events},
    pages::{UP_TO_100, page},
    request::{Request, text_field},
    sessions,
    sim::Sim,
    vaults,
};

const FIELDS: [&str; 10] = [
    "name",
    "agent",
    "environment_id",
    "initial_events",
    "schedule",
    "vault_ids",
    "resources",
    "budget",
    "description",
    "metadata",
];

/// `POST /v1/deployments`.
pub(crate) fn create(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut body = request.json()?;
    only_known(&body, &FIELDS)?;
    for key in ["name", "agent", "environment_id", "initial_events"] {
        // A null is refused below, with the reason for its field.
        body.entry(key).or_insert(Value::Null);
    }
    let now = sim.stamps.now();
    let blank = json!({
        "id": sim.stamps.id("depl"), "type": "deployment", "description": null, "metadata": {},
        "vault_ids": [], "resources": [], "budget": null, "status": "active",
        "paused_reason": null, "created_at": now, "updated_at": now, "archived_at": null,
    });
    let mut objects = locked(&sim.objects);
    let deployment = Deployment {
        id: text_field(&blank, "id").to_owned(),
        object: read_fields(sim, &objects, &blank, &body)?,
        schedule: read_schedule(body.get("schedule"))?,
        settled_until: sim.stamps.time(),
        last_run_at: None,
    };
    let answer = Answer::json(&deployment.to_json(sim.stamps.time()));
    objects.deployments.push(deployment);
    Ok(answer)
}

/// `GET /v1/deployments`, newest first, without archived ones unless `include_archived=true`, which
/// does not go with `status`.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let created = TimeRange::read(request, "created_at")?;
    let (agent, status) = (request.query("agent_id"), request.query("status"));
    if status.is_some() && request.query("include_archived").is_some() {
        return Err(Refusal::invalid(
            "status: does not go together with `include_archived`",
        ));
    }
    let objects = locked(&sim.objects);
    let newest_first = objects.deployments.iter().rev();
    let shown = newest_first
        .filter(|one| request.includes_archived() || !one.is_archived())
        .filter(|one| agent.is_none_or(|id| one.object["agent"]["id"] == id))
        .filter(|one| status.is_none_or(|status| one.object["status"] == status))
        .filter(|one| created.holds(&one.object["created_at"]))
        .map(|one| one.to_json(sim.stamps.time()))
        .collect();
    page(shown, request, UP_TO_100, sim.setup.page_size)
}

/// `GET /v1/deployments/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let deployment = objects.deployment(request.id())?;
    Ok(Answer::json(&deployment.to_json(sim.stamps.time())))
}

/// `POST /v1/deployments/{id}`: absent fields stay, arrays and schedule are replaced, metadata is
/// merged. There is no lock.
pub(crate) fn update(sim: &Arc<Sim>, request: &Request) -> Reply {
    let body = request.json()?;
    only_known(&body, &FIELDS)?;
    let mut objects = locked(&sim.objects);
    let before = objects.deployment(request.id())?;
    before.refuse_archived()?;
    let mut after = read_fields(sim, &objects, &before.object, &body)?;
    after["updated_at"] = json!(sim.stamps.now());
    let schedule = match body.get("schedule") {
        None => before.schedule.clone(),
        wanted => read_schedule(wanted)?,
    };
    let deployment = objects.deployment_mut(request.id())?;
    (deployment.object, deployment.schedule) = (after, schedule);
    Ok(Answer::json(&deployment.to_json(sim.stamps.time())))
}

/// `POST /v1/deployments/{id}/pause`.
pub(crate) fn pause(sim: &Arc<Sim>, request: &Request) -> Reply {
    change(sim, request, |deployment| {
        deployment.pause(json!({"type": "manual"}));
    })
}

/// `POST /v1/deployments/{id}/unpause`: what was missed does not run.
pub(crate) fn unpause(sim: &Arc<Sim>, request: &Request) -> Reply {
    change(sim, request, |deployment| {
        deployment.object["status"] = json!("active");
        deployment.object["paused_reason"] = Value::Null;
    })
}

fn change(sim: &Arc<Sim>, request: &Request, change: impl FnOnce(&mut Deployment)) -> Reply {
    let mut objects = locked(&sim.objects);
    let deployment = objects.deployment_mut(request.id())?;
    deployment.refuse_archived()?;
    change(deployment);
    deployment.object["updated_at"] = json!(sim.stamps.now());
    Ok(Answer::json(&deployment.to_json(sim.stamps.time())))
}

/// `POST /v1/deployments/{id}/archive`: final; its sessions go on.
pub(crate) fn archive(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    let deployment = objects.deployment_mut(request.id())?;
    if !deployment.is_archived() {
        deployment.object["archived_at"] = json!(sim.stamps.now());
    }
    Ok(Answer::json(&deployment.to_json(sim.stamps.time())))
}

/// A deployment with the fields of a body; the others stay.
fn read_fields(
    sim: &Sim,
    objects: &Objects,
    before: &Value,
    fields: &Fields,
) -> Result<Value, Refusal> {
    let mut after = before.clone();
    for (key, value) in fields {
        after[key] = match key.as_str() {
            "name" => require_text(fields, key, 1..=256)?,
            "description" => optional_text(fields, key, 2048)?,
            "metadata" => merge_metadata(&before[key], value)?,
            "agent" => pin_agent(objects, value)?,
            "environment_id" => {
                let id = require_text(fields, key, 1..=256)?;
                let environment = objects.environment(id.as_str().unwrap_or_default())?;
                environments::refuse_archived(environment)?;
                id
            }
            "initial_events" => {
                check_first_events(value)?;
                value.clone()
            }
            "vault_ids" => {
                let ids = read_array(Some(value), key, sessions::MOST_VAULTS)?;
                for id in ids {
                    vaults::refuse_archived(objects.vault(id.as_str().unwrap_or_default())?)?;
                }
                json!(ids)
            }
            "resources" => {
                let resources = read_array(Some(value), key, sessions::MOST_RESOURCES)?;
                for resource in resources {
                    let file = objects.file(text_field(resource, "file_id"))?;
                    file.refuse_expired(&sim.stamps.now())?;
                }
                json!(resources)
            }
            "budget" => {
                sessions::read_budget(value)?;
                value.clone()
            }
            _ => continue,
        };
    }
    Ok(after)
}

/// A plain id is the version that is current now, for good.
fn pin_agent(objects: &Objects, wanted: &Value) -> Result<Value, Refusal> {
    let (id, version) = match wanted {
        Value::String(id) => (id.as_str(), None),
        Value::Object(fields) if wanted["type"] == "agent" => {
            only_known(fields, &["type", "id", "version"])?;
            (text_field(wanted, "id"), fields.get("version"))
        }
        _ => {
            return Err(Refusal::invalid(
                "agent: an id, or an object of the type `agent`",
            ));
        }
    };
    let agent = objects.agent(id)?;
    if !agent.current()["archived_at"].is_null() {
        return Err(Refusal::invalid("an archived agent is not deployed"));
    }
    let version = match version {
        None => agent.current(),
        Some(version) => agent.find_version(version)?,
    };
    Ok(json!({"type": "agent", "id": id, "version": version["version"]}))
}

/// None where it is null or left out: then only a client starts it.
fn read_schedule(wanted: Option<&Value>) -> Result<Option<Schedule>, Refusal> {
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_null()) else {
        return Ok(None);
    };
    let fields = wanted
        .as_object()
        .filter(|_| wanted["type"] == "cron")
        .ok_or_else(|| Refusal::invalid("schedule: of type `cron`"))?;
    only_known(fields, &["type", "expression", "timezone"])?;
    let expression = text_field(wanted, "expression");
    let timezone = text_field(wanted, "timezone");
    Schedule::parse(expression, timezone)
        .map(Some)
        .map_err(|reason| Refusal::invalid(format!("schedule: {reason}")))
}
