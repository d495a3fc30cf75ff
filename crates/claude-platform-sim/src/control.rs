//! What the control endpoint tells besides journal and faults: everything there is, and identity
//! tokens as GitHub gives them to jobs.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
    routing::get,
};
use serde_json::{Value, json};
use sim_server::locked;

use crate::{
    federation,
    objects::{Credential, UploadedFile},
    request::Request,
    sim::Sim,
};

pub const CONTROL_HELP: &str = "
  GET    /__sim/state   everything there is, without bytes and secrets, as JSON
  GET    /__sim/github/token?audience=https://api.anthropic.com
                        an identity token, as GitHub gives them to jobs";

pub(crate) fn routes(sim: &Arc<Sim>) -> Router {
    Router::new()
        .route("/__sim/state", get(tell_state))
        .route("/__sim/github/token", get(give_identity))
        .with_state(Arc::clone(sim))
}

async fn tell_state(State(sim): State<Arc<Sim>>) -> Json<Value> {
    Json(describe_all(&sim))
}

async fn give_identity(
    State(sim): State<Arc<Sim>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let request = Request::new(method, uri, headers, axum::body::Bytes::new());
    federation::give_identity(&sim, &request)
        .unwrap_or_else(|refusal| refusal.into_answer("none"))
        .into_response()
}

/// Everything there is, without bytes and secrets.
fn describe_all(sim: &Sim) -> Value {
    let objects = locked(&sim.objects);
    let skills = objects.skills.iter().map(|skill| {
        let versions: Vec<_> = skill
            .versions
            .iter()
            .rev()
            .map(|version| version.to_json(&skill.id))
            .collect();
        json!({"skill": skill.to_json(), "versions": versions})
    });
    let agents = objects
        .agents
        .values()
        .map(|agent| json!({"agent": agent.current(), "history": agent.history}));
    let sessions = objects.sessions.iter().map(|session| {
        let (object, events) = (session.to_json(), &session.events);
        json!({"session": object, "events": events, "networking": session.networking})
    });
    let vaults = objects.vaults.iter().map(|vault| {
        let credentials: Vec<_> = vault.credentials.iter().map(Credential::to_json).collect();
        json!({"vault": vault.object, "credentials": credentials})
    });
    let files = objects.files.iter().map(UploadedFile::to_json);
    let now = sim.stamps.time();
    let deployments = objects.deployments.iter().map(|one| one.to_json(now));
    json!({
        "environments": objects.environments,
        "vaults": vaults.collect::<Vec<_>>(),
        "skills": skills.collect::<Vec<_>>(),
        "agents": agents.collect::<Vec<_>>(),
        "sessions": sessions.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
        "deployments": deployments.collect::<Vec<_>>(),
        "deployment_runs": objects.runs,
    })
}
