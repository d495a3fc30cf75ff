//! The portal: its endpoints, as the reference describes them.

mod anonymous;
mod assets;
mod catalogue;
mod dialect;
mod element;
mod envelope;
mod fields;
mod gate;
mod member;
mod parameters;
mod payload;
mod sessions;
mod token;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{Html, IntoResponse, Response},
    routing::{any, get},
};
use serde_json::json;

use crate::{builder::Flow, shape::Shape, sim::Sim, timetable::mix};

pub(crate) use payload::Cache;
pub(crate) use token::Tokens;
pub(crate) use {
    dialect::{AppCall, Dialect, of as dialect},
    envelope::open,
};

/// The page of the single-page app, which its host sends for whatever is not the API.
const APP: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Gladstone Go</title>\
                   <base href=\"/\"></head><body><app-root></app-root><script src=\"main.js\"></script></body></html>";

/// Every endpoint of a club whose member side has this shape.
pub(crate) fn routes(shape: Shape) -> Router<Arc<Sim>> {
    Router::new()
        .route("/api/samlauthentication/anonymous", get(anonymous::cookie))
        .route(
            "/api/samlauthentication/authentication-status",
            get(anonymous::status),
        )
        .route("/validate/tenant/anonymous", get(anonymous::envelope))
        .route("/api/availability/V2/sessions", get(sessions::sessions))
        .route("/api/search/activities", get(catalogue::activities))
        .route("/api/search/activities/", get(catalogue::activities))
        .route("/api/configuration/activity-groups", get(catalogue::groups))
        .route("/api/configuration/sites", get(catalogue::sites))
        .merge(assets::routes())
        .merge(member::routes(shape))
        .fallback(any(elsewhere))
}

/// What is not the API is the app's page. On those for booking a browser gets its visitor's cookie,
/// unless it has a session.
async fn elsewhere(
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
    method: Method,
    uri: Uri,
) -> Response {
    let books = uri.path() == "/book" || uri.path().starts_with("/book/");
    match method {
        _ if uri.path().starts_with("/api/") => not_found(),
        Method::GET
            if books && sim.conduct.flow == Flow::Cookie && !gate::has_session(&sim, &headers) =>
        {
            (anonymous::set_cookie(&sim), Html(APP)).into_response()
        }
        Method::GET | Method::HEAD => Html(APP).into_response(),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn not_found() -> Response {
    (
        StatusCode::NOT_FOUND,
        Json(json!({"title": "Not Found", "status": 404})),
    )
        .into_response()
}

/// An IV that nobody else has.
fn iv(number: u64) -> [u8; 16] {
    (u128::from(mix(number)) << 64 | u128::from(mix(!number))).to_be_bytes()
}
