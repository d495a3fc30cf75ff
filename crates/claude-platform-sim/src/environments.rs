//! Environments, as far as sessions need them: known ids, some of them archived.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal, Reply},
    request::Request,
    sim::Sim,
};

/// An archived environment's time: only that there is one counts.
const ARCHIVED_AT: &str = "2026-01-01T00:00:00Z";

/// `GET /v1/environments/{id}`.
pub(crate) fn retrieve(sim: &Arc<Sim>, request: &Request) -> Reply {
    let id = request.id();
    let is_archived = sim
        .setup
        .environments
        .get(id)
        .ok_or_else(|| Refusal::not_found("environment", id))?;
    Ok(Answer::json(&json!({
        "id": id, "type": "environment", "name": id, "description": null, "metadata": {},
        "scope": "organization",
        "config": {"type": "cloud", "networking": networking(sim, id)},
        "archived_at": is_archived.then_some(ARCHIVED_AT),
    })))
}

/// The network of a sandbox that starts there now.
pub(crate) fn networking(_sim: &Sim, _id: &str) -> Value {
    json!({"type": "limited", "allowed_hosts": []})
}

/// Refuses an environment where no session may start.
pub(crate) fn require_open(sim: &Sim, id: &str) -> Result<(), Refusal> {
    match sim.setup.environments.get(id) {
        None => Err(Refusal::not_found("environment", id)),
        Some(true) => Err(Refusal::invalid(format!(
            "the environment `{id}` is archived"
        ))),
        Some(false) => Ok(()),
    }
}
