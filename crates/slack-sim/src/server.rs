//! From an arrival to the workspace's answer: its fault, then a method or a WebSocket.

use std::sync::Arc;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use sim_server::Arrival;

use crate::{
    fault::{self, Fault},
    sim::Sim,
    socket,
    web::{self, Call},
};

pub(crate) async fn answer(sim: Arc<Sim>, arrival: Arrival<Fault>) -> Response {
    let Arrival {
        number,
        peer,
        fault,
        parts,
        body,
    } = arrival;
    match fault {
        #[expect(clippy::panic, reason = "that is what this fault is")]
        Some(Fault::Panic) => panic!("the fault `panic` struck call {number}"),
        Some(Fault::LostBefore) => {
            peer.close();
            return StatusCode::BAD_REQUEST.into_response();
        }
        _ => {}
    }
    if let Some(answer) = fault.and_then(Fault::replace) {
        return answer.into_response();
    }
    let path = parts.uri.path();
    if path == "/link/" {
        fault::delay(fault).await;
        return socket::open_connection(sim, parts).await;
    }
    let Some(method) = path.strip_prefix("/api/") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let call = Call {
        method: method.to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    let mut answer = web::call_method(&sim, &call);
    answer.add_header("x-slack-req-id", format!("sim{number:08}"));
    fault::delay(fault).await;
    fault::spoil(fault, answer, &peer)
}
