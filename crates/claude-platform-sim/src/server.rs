//! From an arrival to the platform's answer: its id, its fault, and the operation.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use sim_server::Arrival;

use crate::{
    deployments,
    fault::{self, Fault},
    gate,
    request::Request,
    sim::Sim,
};

pub(crate) async fn answer(sim: Arc<Sim>, arrival: Arrival<Fault>) -> Response {
    let id = format!("req_sim{:08}", arrival.number);
    let mut answer = play_fault(&sim, arrival, &id);
    let names: &[&'static str] = if sim.setup.on_aws() {
        &["request-id", "x-amzn-requestid"]
    } else {
        &["request-id"]
    };
    for name in names {
        if let Ok(id) = HeaderValue::try_from(&id) {
            answer.headers_mut().insert(*name, id);
        }
    }
    answer
}

fn play_fault(sim: &Arc<Sim>, arrival: Arrival<Fault>, id: &str) -> Response {
    let Arrival {
        fault, parts, peer, ..
    } = arrival;
    match fault {
        #[expect(clippy::panic, reason = "that is what this fault is")]
        Some(Fault::Panic) => panic!("the fault `panic` struck call {}", arrival.number),
        Some(Fault::LostBefore) => {
            peer.close();
            return StatusCode::BAD_REQUEST.into_response();
        }
        _ => {}
    }
    if let Some(answer) = fault.and_then(|fault| fault.replace(id)) {
        return answer.into_response();
    }
    let request = Request::new(parts.method, parts.uri, parts.headers, arrival.body);
    let reply = gate::admit_request(sim, &request).and_then(|route| {
        deployments::run_due(sim);
        (route.handler)(sim, &request)
    });
    let answer = reply.unwrap_or_else(|refusal| refusal.into_answer(id));
    fault::spoil(fault, answer, &peer)
}
