//! The portal: its endpoints, as the reference describes them.

mod anonymous;
mod catalogue;
mod element;
mod envelope;
mod gate;
mod parameters;
mod payload;
mod sessions;
mod token;

use std::sync::Arc;

use axum::{
    Json, Router,
    http::{StatusCode, Uri},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use crate::sim::Sim;

pub(crate) use payload::Cache;
pub(crate) use token::Tokens;

/// The page of the single-page app, which its host sends for whatever is not the API.
const APP: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Gladstone Go</title>\
                   <base href=\"/\"></head><body><app-root></app-root></body></html>";

/// Every endpoint.
pub(crate) fn routes() -> Router<Arc<Sim>> {
    Router::new()
        .route("/api/samlauthentication/anonymous", get(anonymous::cookie))
        .route("/api/samlauthentication/authentication-status", get(anonymous::status))
        .route("/validate/tenant/anonymous", get(anonymous::envelope))
        .route("/api/availability/V2/sessions", get(sessions::sessions))
        .route("/api/search/activities", get(catalogue::activities))
        .route("/api/search/activities/", get(catalogue::activities))
        .route("/api/configuration/activity-groups", get(catalogue::groups))
        .route("/api/configuration/sites", get(catalogue::sites))
        .fallback(get(elsewhere))
}

async fn elsewhere(uri: Uri) -> Response {
    if uri.path().starts_with("/api/") { not_found() } else { Html(APP).into_response() }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"title": "Not Found", "status": 404}))).into_response()
}
