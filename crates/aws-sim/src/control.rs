//! The control endpoint's part of a region: what it holds, and what was done.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use sim_server::{Order, locked};

use crate::{
    gate::UsedPermission,
    lambda::{Invocation, Mishap},
    sim::Sim,
};

/// Its part of `--help`.
pub const CONTROL_HELP: &str = "\n  \
    GET    /__sim/tables/NAME  every item of a table, in DynamoDB's JSON\n  \
    POST   /__sim/expiry       removes the items that have expired by the region's clock\n  \
    GET    /__sim/permissions  every permission that somebody needed, and whether it was allowed\n  \
    GET    /__sim/capacity     the units that DynamoDB billed\n  \
    GET    /__sim/invocations  every invocation that has ended, as JSON\n  \
    GET    /__sim/failures     what the failure destinations received\n  \
    GET    /__sim/log/NAME     what a function's processes wrote\n  \
    POST   /__sim/kill/NAME    kills a function's processes\n  \
    POST   /__sim/mishaps      {\"mishap\":\"doubled=1@/padel-answer\"}\n  \
    DELETE /__sim/mishaps      no more mishaps";

pub(crate) fn routes(sim: &Arc<Sim>) -> Router {
    Router::new()
        .route("/__sim/tables/{name}", get(list_items))
        .route("/__sim/expiry", post(remove_expired))
        .route("/__sim/permissions", get(list_permissions))
        .route("/__sim/capacity", get(tell_capacity))
        .route("/__sim/invocations", get(list_invocations))
        .route("/__sim/failures", get(list_failures))
        .route("/__sim/log/{name}", get(tell_log))
        .route("/__sim/kill/{name}", post(kill_function))
        .route("/__sim/mishaps", post(add_mishap).delete(clear_mishaps))
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

async fn list_invocations(State(sim): State<Arc<Sim>>) -> Json<Vec<Invocation>> {
    Json(sim.lambda.invocations())
}

async fn list_failures(State(sim): State<Arc<Sim>>) -> Json<Vec<Value>> {
    Json(sim.lambda.failures())
}

async fn tell_log(State(sim): State<Arc<Sim>>, Path(name): Path<String>) -> Response {
    match sim.lambda.function(&name) {
        Some(deployed) => deployed.log().into_response(),
        None => refuse(&format!("there is no function `{name}`")),
    }
}

async fn kill_function(State(sim): State<Arc<Sim>>, Path(name): Path<String>) -> Response {
    match sim.lambda.function(&name) {
        Some(deployed) => Json(json!({"killed": deployed.kill(false)})).into_response(),
        None => refuse(&format!("there is no function `{name}`")),
    }
}

/// Body of `POST /__sim/mishaps`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MishapOrder {
    mishap: String,
}

async fn add_mishap(State(sim): State<Arc<Sim>>, body: Bytes) -> Response {
    let wanted = serde_json::from_slice(&body).map_err(|error| error.to_string());
    let order = wanted.and_then(|wanted: MishapOrder| {
        let order = wanted.mishap.parse::<Order<Mishap>>();
        order.map_err(|error| error.to_string())
    });
    match order {
        Ok(order) => {
            sim.lambda.push_mishap(order);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(message) => refuse(&message),
    }
}

async fn clear_mishaps(State(sim): State<Arc<Sim>>) -> StatusCode {
    sim.lambda.clear_mishaps();
    StatusCode::NO_CONTENT
}

fn refuse(message: &str) -> Response {
    let body = json!({"error": {"message": message}});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
