//! The member side: login and bookings, whatever shape they have.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;

use super::{
    dialect::{Credentials, Dialect, Pass, of},
    gate::{SignedIn, host_name},
    iv, not_found,
    parameters::Parameters,
    payload::json_answer,
    token::Holder,
};
use crate::{
    members::{TOKEN_LIFE, Verdict},
    shape::Shape,
    sim::{Sim, locked},
};

/// The member side's routes; none when there is no such side.
pub(super) fn routes(shape: Shape) -> Router<Arc<Sim>> {
    let Some(dialect) = of(shape) else {
        return Router::new();
    };
    let by_method = if dialect.by_get() {
        get(login)
    } else {
        post(login)
    };
    let login = Router::new().route(dialect.login_path(), by_method);
    dialect
        .bookings_paths()
        .iter()
        .fold(login, |routes, path| routes.route(path, get(bookings)))
}

async fn login(State(sim): State<Arc<Sim>>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let Some(dialect) = of(sim.conduct.shape) else {
        return not_found();
    };
    let said = if dialect.by_get() {
        uri.query().unwrap_or_default().as_bytes()
    } else {
        &body
    };
    let credentials = match dialect.read(&headers, said) {
        Ok(credentials) => credentials,
        Err(status) => {
            return (status, Json(json!({"message": "The request is invalid."}))).into_response();
        }
    };
    let Credentials { email, password } = credentials;
    let verdict = locked(&sim.door).knock(&sim.members, &email, &password, sim.now());
    match verdict {
        Verdict::Welcome(member) => welcome(&sim, dialect, member, host_name(&headers)),
        Verdict::Wrong => dialect.refuse(false),
        Verdict::Locked => dialect.refuse(true),
    }
}

fn welcome(sim: &Sim, dialect: &dyn Dialect, member: usize, host: &str) -> Response {
    let now = sim.now();
    let mut tokens = locked(&sim.tokens);
    let token = tokens.issue(Holder::Member(member), now, TOKEN_LIFE);
    let (iv, cookie_attributes) = (iv(tokens.issued()), sim.conduct.cookie_attributes());
    dialect.welcome(&Pass {
        token: &token,
        host,
        iv,
        cookie_attributes,
    })
}

async fn bookings(
    SignedIn(member): SignedIn,
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
    uri: Uri,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let (Some(dialect), Some(diary)) = (of(sim.conduct.shape), sim.diaries.get(member)) else {
        return not_found();
    };
    if let Some(text) = &sim.conduct.bookings {
        return json_answer(&sim, &headers, text.clone());
    }
    match dialect.asked(uri.path(), &Parameters::new(pairs), sim.now()) {
        Ok(asked) => {
            let mut chosen: Vec<_> = diary.within(asked.span).collect();
            if asked.latest_first {
                chosen.reverse();
            }
            json_answer(&sim, &headers, dialect.bookings(&chosen).to_string().into())
        }
        Err(message) => {
            (StatusCode::BAD_REQUEST, Json(json!({"message": message}))).into_response()
        }
    }
}
