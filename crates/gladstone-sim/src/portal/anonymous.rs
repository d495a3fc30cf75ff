//! How an anonymous visitor gets a session: the cookie, or the older sealed token.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    APP, envelope,
    gate::{Visitor, host_name},
    iv, not_found,
    token::Holder,
};
use crate::{
    builder::Flow,
    sim::{Sim, locked},
};

/// `GET /api/samlauthentication/anonymous`: sets the cookie `Jwt`, with no body or on a redirect.
pub(super) async fn cookie(State(sim): State<Arc<Sim>>) -> Response {
    if sim.conduct.flow != Flow::Cookie {
        return not_found();
    }
    let set_cookie = set_cookie(&sim);
    if sim.conduct.redirect_anonymous {
        (StatusCode::FOUND, set_cookie, [(header::LOCATION, "/book")]).into_response()
    } else {
        set_cookie.into_response()
    }
}

/// `GET /api/samlauthentication/authentication-status`: it exists; its fields are not known, these
/// are made up.
pub(super) async fn status(Visitor(holder): Visitor) -> Json<Value> {
    Json(json!({"isAuthenticated": true, "isAnonymous": holder == Holder::Anonymous}))
}

/// `GET /validate/tenant/anonymous`: the sealed token as text; under the cookie flow the path means
/// nothing to the API, and the app's page comes.
pub(super) async fn envelope(State(sim): State<Arc<Sim>>, headers: HeaderMap) -> Response {
    if sim.conduct.flow != Flow::Envelope {
        return Html(APP).into_response();
    }
    let (token, number) = issue(&sim);
    envelope::seal(
        host_name(&headers),
        iv(number),
        &json!({"Token": token}).to_string(),
    )
    .into_response()
}

/// The header that gives a visitor a new session.
pub(super) fn set_cookie(sim: &Sim) -> [(HeaderName, String); 1] {
    let token = issue(sim).0;
    [(
        header::SET_COOKIE,
        format!("Jwt={token}{}", sim.conduct.cookie_attributes()),
    )]
}

/// A new token and its number.
fn issue(sim: &Sim) -> (String, u64) {
    let now = sim.now();
    let mut tokens = locked(&sim.tokens);
    (
        tokens.issue(Holder::Anonymous, now, sim.conduct.token_life),
        tokens.issued(),
    )
}
