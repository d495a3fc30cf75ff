//! Sessions of anonymous visitors: the cookie, or the older sealed token.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::{Value, json};

use sim_server::locked;

use super::{assets::APP, gate::Visitor, payload::not_found};
use crate::{
    behaviour::Flow,
    envelope::{Seal, numbered_iv},
    headers::host_name,
    sim::Sim,
    tokens::Holder,
};

/// `GET /api/samlauthentication/anonymous`: sets the cookie `Jwt`, with no body or on a redirect.
pub(super) async fn give_cookie(State(sim): State<Arc<Sim>>) -> Response {
    if sim.behaviour.flow != Flow::Cookie {
        return not_found();
    }
    let set_cookie = set_cookie(&sim);
    if sim.behaviour.redirect_anonymous {
        (StatusCode::FOUND, set_cookie, [(header::LOCATION, "/book")]).into_response()
    } else {
        set_cookie.into_response()
    }
}

/// `GET /api/samlauthentication/authentication-status`: it exists; its fields are not known, these
/// are made up.
pub(super) async fn tell_status(Visitor(holder): Visitor) -> Json<Value> {
    Json(json!({"isAuthenticated": true, "isAnonymous": holder == Holder::Anonymous}))
}

/// `GET /validate/tenant/anonymous`: the sealed token as text; under the cookie flow the path means
/// nothing to the API, and the app's page comes.
pub(super) async fn give_envelope(State(sim): State<Arc<Sim>>, headers: HeaderMap) -> Response {
    if sim.behaviour.flow != Flow::Envelope {
        return Html(APP).into_response();
    }
    let (token, number) = issue_token(&sim);
    let inner = json!({"Token": token}).to_string();
    Seal::Cbc
        .close(host_name(&headers), numbered_iv(number), &inner)
        .into_response()
}

/// The header that gives a visitor a new session.
pub(super) fn set_cookie(sim: &Sim) -> [(HeaderName, String); 1] {
    let token = issue_token(sim).0;
    [(
        header::SET_COOKIE,
        format!("Jwt={token}{}", sim.behaviour.cookie_attributes()),
    )]
}

/// A new token and its number.
fn issue_token(sim: &Sim) -> (String, u64) {
    let now = sim.now();
    let mut tokens = locked(&sim.tokens);
    (
        tokens.issue_token(Holder::Anonymous, now, sim.behaviour.anonymous_token_life),
        tokens.count_issued(),
    )
}
