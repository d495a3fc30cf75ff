//! The control endpoint's part of a region: what it holds, and what was done.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use serde_json::{Value, json};
use sim_server::locked;

use crate::{gate::UsedPermission, sim::Sim};

/// Its part of `--help`.
pub const CONTROL_HELP: &str = "\n  \
    GET    /__sim/tables/NAME  every item of a table, in DynamoDB's JSON\n  \
    POST   /__sim/expiry       removes the items that have expired by the region's clock\n  \
    GET    /__sim/permissions  every permission that somebody needed, and whether it was allowed\n  \
    GET    /__sim/capacity     the units that DynamoDB billed";

pub(crate) fn routes(sim: &Arc<Sim>) -> Router {
    Router::new()
        .route("/__sim/tables/{name}", get(list_items))
        .route("/__sim/expiry", post(remove_expired))
        .route("/__sim/permissions", get(list_permissions))
        .route("/__sim/capacity", get(tell_capacity))
        .with_state(Arc::clone(sim))
}

async fn list_items(State(sim): State<Arc<Sim>>, Path(name): Path<String>) -> Json<Vec<Value>> {
    Json(sim.dynamodb.items(&name))
}

async fn remove_expired(State(sim): State<Arc<Sim>>) -> Json<Value> {
    let removed = sim.dynamodb.remove_expired(sim.control.clock.now());
    Json(json!({ "removed": removed }))
}

async fn list_permissions(State(sim): State<Arc<Sim>>) -> Json<Vec<UsedPermission>> {
    Json(locked(&sim.used).iter().cloned().collect())
}

async fn tell_capacity(State(sim): State<Arc<Sim>>) -> Json<Value> {
    let capacity = sim.dynamodb.capacity();
    Json(json!({
        "read_units": capacity.read_units,
        "write_units": capacity.write_units,
    }))
}
