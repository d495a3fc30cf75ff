//! The control endpoint `/__sim`, for scripts that cannot hold a `Club`. Its calls need no session,
//! meet no fault and are not in the journal.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;

use crate::{
    Call, Fault,
    fault::Armed,
    sim::{Sim, locked},
};

/// What `POST /__sim/faults` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    fault: Fault,
    /// Prefix of the paths it covers; the fault's own default without.
    path: Option<String>,
    /// How often it strikes; always without.
    times: Option<u32>,
}

/// The control endpoint's routes.
pub(super) fn routes() -> Router<Arc<Sim>> {
    Router::new()
        .route("/__sim/faults", post(add).delete(clear))
        .route("/__sim/calls", get(calls))
}

async fn add(State(sim): State<Arc<Sim>>, Json(order): Json<Order>) -> StatusCode {
    locked(&sim.faults).push(Armed::new(order.fault, order.path, order.times));
    StatusCode::NO_CONTENT
}

async fn clear(State(sim): State<Arc<Sim>>) -> StatusCode {
    locked(&sim.faults).clear();
    StatusCode::NO_CONTENT
}

async fn calls(State(sim): State<Arc<Sim>>) -> Json<Vec<Call>> {
    Json(locked(&sim.journal).calls.clone())
}
