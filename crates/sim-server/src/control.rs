//! Controls of a simulator beside its API, for tests and scripts: clock, faults and journal, as
//! functions and below `/__sim/`. These calls meet no fault and are not in the journal.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri, request::Parts},
    response::{IntoResponse, Response},
    routing::{any, get, post, put},
};
use chrono::TimeDelta;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use tokio::sync::watch;

use crate::{
    Call, Clock, Fault, Options, Order, StartError,
    fault::{Armed, At},
    journal::Journal,
    locked,
};

/// A simulator's clock, faults and journal.
#[derive(Debug)]
pub struct Control<F> {
    pub clock: Arc<Clock>,
    faults: Mutex<Vec<Armed<F>>>,
    pub(crate) journal: Mutex<Journal>,
    /// The number of the newest request that is not held any longer.
    released: watch::Sender<u32>,
}

impl<F: Fault> Control<F> {
    /// Fails when the clock's time is not RFC 3339.
    pub fn new(options: &Options<F>) -> Result<Arc<Self>, StartError> {
        let clock = Clock::default();
        if let Some(now) = &options.now {
            clock.set(now)?;
        }
        let orders = options.faults.iter().cloned();
        Ok(Arc::new(Self {
            clock: Arc::new(clock),
            faults: Mutex::new(orders.map(|order| Armed::new(order, 0)).collect()),
            journal: Mutex::new(Journal {
                log: options.log,
                ..Journal::default()
            }),
            released: watch::Sender::default(),
        }))
    }

    /// Every request so far, in order of arrival.
    pub fn calls(&self) -> Vec<Call> {
        locked(&self.journal).calls.clone()
    }

    /// Adds a fault; earlier ones come first.
    pub fn push_fault(&self, order: impl Into<Order<F>>) {
        let calls_before = locked(&self.journal).next_number() - 1;
        locked(&self.faults).push(Armed::new(order.into(), calls_before));
    }

    pub fn clear_faults(&self) {
        locked(&self.faults).clear();
    }

    /// Lets all requests go on that have arrived and are held by a fault.
    pub fn release_held(&self) {
        let newest = locked(&self.journal).next_number() - 1;
        self.released.send_replace(newest);
    }

    pub(crate) async fn await_release(&self, number: u32) {
        let mut released = self.released.subscribe();
        // The sender lives as long as this does.
        let _ = released.wait_for(|newest| *newest >= number).await;
    }

    /// Makes dropping the simulator fail its test.
    pub fn note_panic(&self, message: String) {
        locked(&self.journal).panics.push(message);
    }

    /// Notes a request; returns its number and the fault that strikes it, the earliest that does.
    pub(crate) fn note_request(&self, parts: &Parts, connection: u64) -> (u32, Option<F>) {
        let mut journal = locked(&self.journal);
        let number = journal.note_request(parts, connection);
        let place = F::place(parts);
        let fault = locked(&self.faults)
            .iter_mut()
            .find_map(|armed| armed.strike(number, parts.method.as_str(), &place));
        if let Some(call) = journal.call_mut(number) {
            call.fault = fault.map(|fault| fault.to_string());
        }
        (number, fault)
    }
}

/// Body of `POST /__sim/faults`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultOrder {
    fault: String,
    /// In place of `@WHERE`.
    path: Option<String>,
    /// In place of `*TIMES`.
    times: Option<u32>,
}

/// Body of `PUT /__sim/clock`: one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockOrder {
    now: Option<String>,
    advance_seconds: Option<u32>,
}

pub(crate) fn routes<F: Fault>(control: Arc<Control<F>>) -> Router {
    Router::new()
        .route(
            "/__sim/faults",
            post(add_fault::<F>).delete(clear_faults::<F>),
        )
        .route("/__sim/release", post(release_held::<F>))
        .route("/__sim/calls", get(list_calls::<F>))
        .route("/__sim/clock", put(set_clock::<F>))
        .route("/__sim/{*path}", any(refuse_path))
        .with_state(control)
}

async fn add_fault<F: Fault>(State(control): State<Arc<Control<F>>>, body: Bytes) -> Response {
    let order = read_json(&body).and_then(|order: FaultOrder| {
        let mut parsed: Order<F> = order.fault.parse().map_err(to_text)?;
        parsed.at = order.path.map(At::Path).or(parsed.at);
        parsed.times = order.times.or(parsed.times);
        Ok(parsed)
    });
    reply(order.map(|order| control.push_fault(order)))
}

async fn clear_faults<F: Fault>(State(control): State<Arc<Control<F>>>) -> StatusCode {
    control.clear_faults();
    StatusCode::NO_CONTENT
}

async fn release_held<F: Fault>(State(control): State<Arc<Control<F>>>) -> StatusCode {
    control.release_held();
    StatusCode::NO_CONTENT
}

async fn list_calls<F: Fault>(State(control): State<Arc<Control<F>>>) -> Json<Vec<Call>> {
    Json(control.calls())
}

async fn set_clock<F: Fault>(State(control): State<Arc<Control<F>>>, body: Bytes) -> Response {
    let order = read_json(&body);
    reply(order.and_then(
        |order: ClockOrder| match (order.now, order.advance_seconds) {
            (Some(now), None) => control.clock.set(&now).map_err(to_text),
            (None, Some(seconds)) => {
                control.clock.advance(TimeDelta::seconds(seconds.into()));
                Ok(())
            }
            _ => Err("either `now` or `advance_seconds`".to_owned()),
        },
    ))
}

async fn refuse_path(uri: Uri) -> Response {
    refuse(StatusCode::NOT_FOUND, &format!("no control endpoint {uri}"))
}

fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(to_text)
}

#[expect(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn to_text(reason: impl ToString) -> String {
    reason.to_string()
}

fn reply(done: Result<(), String>) -> Response {
    match done {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(message) => refuse(StatusCode::BAD_REQUEST, &message),
    }
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": {"message": message}}))).into_response()
}
