//! How an anonymous visitor gets a session: the cookie, or the older sealed token.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{APP, envelope, gate::Visitor, not_found};
use crate::{
    builder::Flow,
    sim::{Sim, locked},
    timetable::mix,
};

/// `GET /api/samlauthentication/anonymous`: sets the cookie `Jwt`, with no body or on a redirect.
pub(super) async fn cookie(State(sim): State<Arc<Sim>>) -> Response {
    if sim.conduct.flow != Flow::Cookie {
        return not_found();
    }
    let secure = if sim.conduct.https { "; Secure" } else { "" };
    let token = issue(&sim).0;
    let set_cookie = [(header::SET_COOKIE, format!("Jwt={token}; Path=/; HttpOnly{secure}"))];
    if sim.conduct.redirect_anonymous {
        (StatusCode::FOUND, set_cookie, [(header::LOCATION, "/book")]).into_response()
    } else {
        set_cookie.into_response()
    }
}

/// `GET /api/samlauthentication/authentication-status`: it exists; its fields are not known, these are made up.
pub(super) async fn status(_: Visitor) -> Json<Value> {
    Json(json!({"isAuthenticated": true, "isAnonymous": true}))
}

/// `GET /validate/tenant/anonymous`: the sealed token as text; under the cookie flow the path means nothing to the
/// API, and the app's page comes.
pub(super) async fn envelope(State(sim): State<Arc<Sim>>, headers: HeaderMap) -> Response {
    if sim.conduct.flow != Flow::Envelope {
        return Html(APP).into_response();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let (token, number) = issue(&sim);
    let iv = (u128::from(mix(number)) << 64 | u128::from(mix(!number))).to_be_bytes();
    envelope::seal(name, iv, &json!({"Token": token}).to_string()).into_response()
}

/// A new token and its number.
fn issue(sim: &Sim) -> (String, u64) {
    let now = sim.now();
    let mut tokens = locked(&sim.tokens);
    (tokens.issue(now, sim.conduct.token_life), tokens.issued())
}
