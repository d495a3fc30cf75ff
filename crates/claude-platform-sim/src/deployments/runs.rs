//! Runs of deployments: sessions that were started, or why one was not.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sim_server::locked;

use crate::{
    answer::{Answer, Refusal, Reply},
    fields::Fields,
    filters::TimeRange,
    objects::{Deployment, Objects},
    pages::{UP_TO_1000, page},
    request::{Request, text_field},
    sessions,
    sim::Sim,
    stamps::to_text,
};

/// A clock that was moved over many runs starts only the first of them: a test that moves it by a
/// year does not mean half a million sessions.
const MOST_DUE: usize = 10;

/// `POST /v1/deployments/{id}/run`, also of a paused one.
pub(crate) fn run(sim: &Arc<Sim>, request: &Request) -> Reply {
    let mut objects = locked(&sim.objects);
    objects.deployment(request.id())?.refuse_archived()?;
    let run = start_run(sim, &mut objects, request.id(), &json!({"type": "manual"}))?;
    Ok(Answer::json(&run))
}

/// Starts what the schedules want by now. A simulator does so when somebody asks it something;
/// there is no jitter.
pub(crate) fn run_due(sim: &Arc<Sim>) {
    let now = sim.stamps.time();
    let mut objects = locked(&sim.objects);
    let due: Vec<(String, DateTime<Utc>)> = objects
        .deployments
        .iter_mut()
        .flat_map(|deployment| {
            let times = deployment.take_due(now, MOST_DUE);
            let id = deployment.id.clone();
            times.into_iter().map(move |time| (id.clone(), time))
        })
        .collect();
    for (id, time) in due {
        // An earlier run may have paused it.
        if objects.deployment(&id).is_ok_and(Deployment::is_scheduled) {
            let trigger = json!({"type": "schedule", "scheduled_at": to_text(time)});
            // The deployment is there, so there is a run.
            let _ = start_run(sim, &mut objects, &id, &trigger);
        }
    }
}

fn start_run(
    sim: &Arc<Sim>,
    objects: &mut Objects,
    id: &str,
    trigger: &Value,
) -> Result<Value, Refusal> {
    let wanted = objects.deployment(id)?.object.clone();
    let started = match find_obstacle(sim, objects, &wanted) {
        Some(kind) => Err((kind, format!("the session cannot start: {kind}"))),
        None => sessions::start_session(sim, objects, &describe_session(&wanted), Some(id))
            .map_err(|refusal| ("session_creation_rejected_error", refusal.message)),
    };
    let (session_id, error) = match started {
        Ok(session) => (session["id"].clone(), Value::Null),
        Err((kind, message)) => (Value::Null, json!({"type": kind, "message": message})),
    };
    let run = json!({
        "id": sim.stamps.id("drun"), "type": "deployment_run", "deployment_id": id,
        "agent": {
            "type": "agent", "id": wanted["agent"]["id"], "version": wanted["agent"]["version"],
        },
        "session_id": session_id, "error": error, "trigger_context": trigger,
        "created_at": sim.stamps.now(),
    });
    objects.runs.push(run.clone());
    let deployment = objects.deployment_mut(id)?;
    deployment.last_run_at = Some(sim.stamps.now());
    // What does not get better by itself stops the schedule, as documented.
    if let Some(kind) = error["type"].as_str() {
        deployment.pause(json!({"type": "error", "error": {"type": kind}}));
    }
    Ok(run)
}

/// What has become of the parts of a deployment since it was made, in the words of a run's error.
fn find_obstacle(sim: &Sim, objects: &Objects, wanted: &Value) -> Option<&'static str> {
    match objects.environment(text_field(wanted, "environment_id")) {
        Err(_) => return Some("environment_not_found_error"),
        Ok(environment) if !environment["archived_at"].is_null() => {
            return Some("environment_archived_error");
        }
        Ok(_) => {}
    }
    let agent = objects.agent(text_field(&wanted["agent"], "id"));
    if agent.is_ok_and(|agent| !agent.current()["archived_at"].is_null()) {
        return Some("agent_archived_error");
    }
    for id in wanted["vault_ids"].as_array().into_iter().flatten() {
        match objects.vault(id.as_str().unwrap_or_default()) {
            Err(_) => return Some("vault_not_found_error"),
            Ok(vault) if vault.is_archived() => return Some("vault_archived_error"),
            Ok(_) => {}
        }
    }
    let mut resources = wanted["resources"].as_array().into_iter().flatten();
    let now = sim.stamps.now();
    let is_there = |resource: &Value| {
        let file = objects.file(text_field(resource, "file_id"));
        file.is_ok_and(|file| !file.has_expired(&now))
    };
    (!resources.all(is_there)).then_some("file_not_found_error")
}

/// The body of the session that a deployment starts. Whether its metadata goes along is not known:
/// it does not here, `deployment_id` says where a session comes from.
fn describe_session(wanted: &Value) -> Fields {
    let keys = [
        "agent",
        "environment_id",
        "initial_events",
        "vault_ids",
        "resources",
        "budget",
    ];
    keys.map(|key| (key.to_owned(), wanted[key].clone()))
        .into_iter()
        .collect()
}

/// `GET /v1/deployment_runs`, newest first. By deployment, trigger, error and time.
pub(crate) fn list_runs(sim: &Arc<Sim>, request: &Request) -> Reply {
    let created = TimeRange::read(request, "created_at")?;
    let deployment = request.query("deployment_id");
    let trigger = request.query("trigger_type");
    let has_error = request.query("has_error").map(|text| text == "true");
    let objects = locked(&sim.objects);
    let newest_first = objects.runs.iter().rev();
    let shown = newest_first
        .filter(|run| deployment.is_none_or(|id| run["deployment_id"] == id))
        .filter(|run| trigger.is_none_or(|kind| run["trigger_context"]["type"] == kind))
        .filter(|run| has_error.is_none_or(|wanted| run["error"].is_null() != wanted))
        .filter(|run| created.holds(&run["created_at"]))
        .cloned()
        .collect();
    page(shown, request, UP_TO_1000, sim.setup.page_size)
}

/// `GET /v1/deployment_runs/{id}`.
pub(crate) fn retrieve_run(sim: &Arc<Sim>, request: &Request) -> Reply {
    let objects = locked(&sim.objects);
    let found = objects.runs.iter().find(|run| run["id"] == request.id());
    found
        .map(Answer::json)
        .ok_or_else(|| Refusal::not_found("deployment run", request.id()))
}
