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
use sim_server::locked;

use super::{
    gate::SignedIn,
    payload::{answer_json, not_found},
};
use crate::{
    dialect::{self, Credentials, Dialect, NewSession},
    envelope::numbered_iv,
    headers::host_name,
    members::{LoginOutcome, TOKEN_LIFE},
    parameters::Parameters,
    shape::Shape,
    sim::Sim,
    tokens::Holder,
};

/// The member side's routes; none when there is no such side.
pub(super) fn routes(shape: Shape) -> Router<Arc<Sim>> {
    let Some(dialect) = dialect::of_shape(shape) else {
        return Router::new();
    };
    let by_method = if dialect.logs_in_by_get() {
        get(log_in)
    } else {
        post(log_in)
    };
    let login = Router::new().route(dialect.login_path, by_method);
    let paths = dialect.bookings_paths().iter();
    paths.fold(login, |routes, path| routes.route(path, get(list_bookings)))
}

async fn log_in(
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let Some(dialect) = dialect::of_shape(sim.behaviour.shape) else {
        return not_found();
    };
    let sent = if dialect.logs_in_by_get() {
        uri.query().unwrap_or_default().as_bytes()
    } else {
        &body
    };
    let Credentials { email, password } = match dialect.read_login(&headers, sent) {
        Ok(credentials) => credentials,
        Err(status) => {
            return (status, Json(json!({"message": "The request is invalid."}))).into_response();
        }
    };
    let outcome = locked(&sim.logins).attempt_login(&sim.members, &email, &password, sim.now());
    match outcome {
        LoginOutcome::Accepted(member) => accept(&sim, dialect, member, host_name(&headers)),
        LoginOutcome::Wrong => dialect.refuse_login(false),
        LoginOutcome::Locked => dialect.refuse_login(true),
    }
}

fn accept(sim: &Sim, dialect: &Dialect, member: usize, host: &str) -> Response {
    let mut tokens = locked(&sim.tokens);
    let token = tokens.issue_token(Holder::Member(member), sim.now(), TOKEN_LIFE);
    dialect.accept_login(&NewSession {
        token: &token,
        host,
        iv: numbered_iv(tokens.count_issued()),
        cookie_attributes: sim.behaviour.cookie_attributes(),
    })
}

async fn list_bookings(
    SignedIn(member): SignedIn,
    State(sim): State<Arc<Sim>>,
    headers: HeaderMap,
    uri: Uri,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let dialect = dialect::of_shape(sim.behaviour.shape);
    let (Some(dialect), Some(diary)) = (dialect, sim.diaries.get(member)) else {
        return not_found();
    };
    if let Some(text) = &sim.behaviour.replaced.bookings {
        return answer_json(&sim, &headers, text.clone());
    }
    match dialect.read_query(uri.path(), &Parameters::new(pairs), sim.now()) {
        Ok(query) => {
            let mut bookings: Vec<_> = diary.within(query.span).collect();
            if query.latest_first {
                bookings.reverse();
            }
            let text = dialect.write_bookings(&bookings).to_string();
            answer_json(&sim, &headers, text.into())
        }
        Err(message) => {
            (StatusCode::BAD_REQUEST, Json(json!({"message": message}))).into_response()
        }
    }
}
