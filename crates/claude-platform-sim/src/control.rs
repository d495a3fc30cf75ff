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

use crate::{federation, objects::UploadedFile, request::Request, sim::Sim};

pub const CONTROL_HELP: &str = "
  GET    /__sim/state   skills, agents, sessions and files, as JSON
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

/// Everything there is, without the bytes.
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
    let sessions = objects
        .sessions
        .iter()
        .map(|session| json!({"session": session.to_json(), "events": session.events}));
    let files = objects.files.iter().map(UploadedFile::to_json);
    json!({
        "skills": skills.collect::<Vec<_>>(),
        "agents": agents.collect::<Vec<_>>(),
        "sessions": sessions.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
    })
}
