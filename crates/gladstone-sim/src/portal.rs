//! The portal: its endpoints, as the reference describes them.

mod anonymous;
mod assets;
mod catalogue;
mod element;
mod gate;
mod member;
mod payload;
mod sessions;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{Next, from_fn_with_state},
    response::{Html, IntoResponse, Response},
    routing::{any, get},
};

use crate::{behaviour::Flow, sim::Sim};

pub(crate) fn routes(sim: &Arc<Sim>) -> Router {
    Router::new()
        .route(
            "/api/samlauthentication/anonymous",
            get(anonymous::give_cookie),
        )
        .route(
            "/api/samlauthentication/authentication-status",
            get(anonymous::tell_status),
        )
        .route("/validate/tenant/anonymous", get(anonymous::give_envelope))
        .route(
            "/api/availability/V2/sessions",
            get(sessions::list_sessions),
        )
        .route("/api/search/activities", get(catalogue::list_activities))
        .route("/api/search/activities/", get(catalogue::list_activities))
        .route(
            "/api/configuration/activity-groups",
            get(catalogue::list_groups),
        )
        .route("/api/configuration/sites", get(catalogue::list_sites))
        .merge(assets::routes())
        .merge(member::routes(sim.behaviour.shape))
        .fallback(any(answer_other))
        .with_state(Arc::clone(sim))
}

/// The endpoints, with the club's own time in the header `Date`.
pub(crate) fn dated_routes(sim: &Arc<Sim>) -> Router {
    routes(sim).layer(from_fn_with_state(Arc::clone(sim), add_date))
}

async fn add_date(State(sim): State<Arc<Sim>>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let date = sim.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.headers_mut().insert(header::DATE, date);
    }
    answer
}

/// Answers what is not the API with the app's page. On those for booking a browser gets its
/// visitor's cookie, unless it has a session.
async fn answer_other(
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
    method: Method,
    uri: Uri,
) -> Response {
    let books = uri.path() == "/book" || uri.path().starts_with("/book/");
    let gives_cookie = books && sim.behaviour.flow == Flow::Cookie;
    match method {
        _ if uri.path().starts_with("/api/") => payload::not_found(),
        Method::GET if gives_cookie && !gate::has_session(&sim, &headers) => {
            (anonymous::set_cookie(&sim), Html(assets::APP)).into_response()
        }
        Method::GET | Method::HEAD => Html(assets::APP).into_response(),
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}
