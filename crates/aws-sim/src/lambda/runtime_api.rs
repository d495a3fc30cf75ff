//! The Runtime API of one environment, on a port of its own, as AWS documents it.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;
use sim_server::locked;
use tokio::net::TcpListener;

use super::environment::{Environment, Phase};

/// The largest answer of a function.
const LARGEST: usize = 6 << 20;

/// Serves until the region is dropped.
pub(super) fn serve(listener: TcpListener, environment: &Arc<Environment>) {
    // The address lives as long as its process, and must not keep that alive.
    let service = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/response",
            post(respond),
        )
        .route("/2018-06-01/runtime/invocation/{id}/error", post(fail))
        .route("/2018-06-01/runtime/init/error", post(fail_start))
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST + (1 << 20)))
        .with_state(Arc::downgrade(environment));
    tokio::spawn(async move { axum::serve(listener, service).await });
}

type Shared = std::sync::Weak<Environment>;

async fn next(State(environment): State<Shared>) -> Response {
    let Some(environment) = environment.upgrade() else {
        return StatusCode::GONE.into_response();
    };
    let mut jobs = environment.next.lock().await;
    environment.wait();
    let Some(job) = jobs.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("lambda-runtime-aws-request-id", job.request_id.clone()),
        ("lambda-runtime-deadline-ms", job.deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            environment.arn.clone(),
        ),
        (
            "lambda-runtime-trace-id",
            format!("Root=1-{}", job.request_id),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    let mut response = job.payload.clone().into_response();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            let name = HeaderName::from_static(name);
            response.headers_mut().insert(name, value);
        }
    }
    *locked(&environment.current) = Some(job);
    environment.thaw();
    response
}

async fn respond(
    State(environment): State<Shared>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    if body.len() > LARGEST {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge");
    }
    finish(&environment, &id, Ok(body.to_vec()))
}

async fn fail(State(environment): State<Shared>, Path(id): Path<String>, body: Bytes) -> Response {
    finish(&environment, &id, Err(body.to_vec()))
}

async fn fail_start(State(environment): State<Shared>, body: Bytes) -> Response {
    if let Some(environment) = environment.upgrade() {
        *locked(&environment.init_error) = Some(body.to_vec());
    }
    accept()
}

fn finish(environment: &Shared, id: &str, answer: Result<Vec<u8>, Vec<u8>>) -> Response {
    let job = environment.upgrade().and_then(|environment| {
        let mut current = locked(&environment.current);
        let is_current = current.as_ref().is_some_and(|job| job.request_id == id);
        let is_alive = environment.phase() != Phase::Dead;
        current.take_if(|_| is_current && is_alive)
    });
    match job {
        None => refuse(StatusCode::BAD_REQUEST, "InvalidRequestID"),
        Some(job) => {
            // Whoever waited may have given up.
            let _ = job.answer.send(answer);
            accept()
        }
    }
}

fn accept() -> Response {
    (StatusCode::ACCEPTED, Json(json!({"status": "OK"}))).into_response()
}

fn refuse(status: StatusCode, kind: &str) -> Response {
    let body = json!({"errorType": kind, "errorMessage": kind});
    (status, Json(body)).into_response()
}
