//! The control endpoint `/__sim/`, for scripts that cannot hold a `Platform`, and the GitHub-like
//! token endpoint. Their calls meet no fault and are not in the journal.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal, Reply},
    fault::Order,
    federation,
    request::Request,
    sim::{Sim, locked},
};

/// What all paths here begin with.
pub(crate) const PREFIX: &str = "/__sim/";

/// What `POST /__sim/faults` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Orders {
    fault: String,
}

/// Answers one call.
pub(crate) fn answer(sim: &Arc<Sim>, request: &Request) -> Answer {
    let reply = match (request.method.as_str(), request.uri.path()) {
        ("GET", "/__sim/calls") => Ok(Answer::json(&json!(locked(&sim.journal).calls))),
        ("GET", "/__sim/state") => Ok(Answer::json(&state(sim))),
        ("POST", "/__sim/faults") => order(sim, request),
        ("DELETE", "/__sim/faults") => {
            locked(&sim.faults).clear();
            Ok(nothing())
        }
        ("GET", "/__sim/github/token") => federation::identity(sim, request),
        (_, path) => Err(Refusal::not_found("control", path)),
    };
    reply.unwrap_or_else(|refusal| refusal.into_answer("none"))
}

fn order(sim: &Sim, request: &Request) -> Reply {
    let orders: Orders = serde_json::from_slice(&request.body)
        .map_err(|error| Refusal::invalid(format!("no order: {error}")))?;
    let order: Order = orders
        .fault
        .parse()
        .map_err(|error| Refusal::invalid(format!("{error}")))?;
    sim.push(order);
    Ok(nothing())
}

fn nothing() -> Answer {
    Answer::bytes("application/json", Vec::new()).with_status(204)
}

/// Everything there is, without the bytes.
fn state(sim: &Sim) -> Value {
    let world = locked(&sim.world);
    let skills = world.skills.iter().map(|skill| {
        let versions: Vec<_> = skill
            .versions
            .iter()
            .rev()
            .map(|version| version.object(&skill.id))
            .collect();
        json!({"skill": skill.object(), "versions": versions})
    });
    let agents = world
        .agents
        .values()
        .map(|agent| json!({"agent": agent.now(), "history": agent.history}));
    let sessions = world
        .sessions
        .iter()
        .map(|session| json!({"session": session.object(), "events": session.events}));
    let files = world.files.iter().map(crate::files::StoredObject::object);
    json!({
        "skills": skills.collect::<Vec<_>>(),
        "agents": agents.collect::<Vec<_>>(),
        "sessions": sessions.collect::<Vec<_>>(),
        "files": files.collect::<Vec<_>>(),
    })
}
