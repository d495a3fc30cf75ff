//! Requests about models.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    answer::{Answer, Refusal, Reply},
    pages::{UP_TO_1000, page},
    request::Request,
    sim::Sim,
};

/// Models that agents may have, as the SDK of November 2026 names them.
const MODELS: [&str; 16] = [
    "claude-fable-5-2",
    "claude-opus-5-5",
    "claude-sonnet-5-5",
    "claude-haiku-5-5",
    "claude-fable-5-1",
    "claude-opus-5",
    "claude-sonnet-5",
    "claude-fable-5",
    "claude-opus-4-8",
    "claude-opus-4-7",
    "claude-opus-4-6",
    "claude-sonnet-4-6",
    "claude-haiku-4-5",
    "claude-haiku-4-5-20251001",
    "claude-opus-4-5",
    "claude-sonnet-4-5",
];

/// `GET /v1/models`.
pub(crate) fn list(sim: &Arc<Sim>, request: &Request) -> Reply {
    let models = MODELS.map(describe).to_vec();
    page(models, request, UP_TO_1000, sim.setup.page_size)
}

/// `GET /v1/models/{id}`.
pub(crate) fn retrieve(_: &Arc<Sim>, request: &Request) -> Reply {
    let id = request.id();
    match MODELS.contains(&id) {
        true => Ok(Answer::json(&describe(id))),
        false => Err(Refusal::not_found("model", id)),
    }
}

/// Its fields are read in the SDK's types, their values assumed.
fn describe(id: &str) -> Value {
    json!({
        "id": id, "type": "model", "display_name": id, "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
    })
}
