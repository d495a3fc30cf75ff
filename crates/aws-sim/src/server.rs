//! From an arrival to the region's answer: its fault, then a service.

use std::{borrow::Cow, sync::Arc};

use axum::{
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use sim_server::{Arrival, machine_time};

use crate::{
    answer::{Answer, Refusal, Reply},
    dynamodb::DynamoDb,
    fault::{self, Fault},
    gate,
    service::Service,
    signature::SignedRequest,
    sim::Sim,
    ssm::Parameters,
};

/// What the fault's `@WHERE` is compared with: service and operation.
pub(crate) fn find_place(parts: &Parts) -> Cow<'_, str> {
    match find_target(parts) {
        Some((service, operation)) => format!("/{}/{operation}", service.name()).into(),
        None => parts.uri.path().into(),
    }
}

fn find_target(parts: &Parts) -> Option<(Service, &str)> {
    let target = parts.headers.get("x-amz-target")?;
    Service::from_target(target.to_str().ok()?)
}

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
        Some(Fault::Silent) => std::future::pending().await,
        Some(Fault::Status(status)) => {
            return Answer::new(status, "text/plain", "").into_response();
        }
        _ => {}
    }
    let request = SignedRequest {
        method: &parts.method,
        uri: &parts.uri,
        headers: &parts.headers,
        body: &body,
    };
    let Some((service, operation)) = find_target(&parts) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let refusal = |name: &str| Refusal::new(name, "the simulator was told to answer so");
    let reply = match fault {
        Some(Fault::Error(name)) => Err(refusal(name.0)),
        Some(Fault::ErrorAfter(name)) => {
            let _ = call_operation(&sim, service, operation, &request);
            Err(refusal(name.0))
        }
        _ => call_operation(&sim, service, operation, &request),
    };
    let mut answer = service.answer(reply);
    answer.add_header("x-amzn-requestid", sim.request_id(number));
    fault::delay(fault).await;
    fault::spoil(fault, answer, &peer)
}

/// Calls an operation of a service with `X-Amz-Target`.
fn call_operation(
    sim: &Sim,
    service: Service,
    operation: &str,
    request: &SignedRequest<'_>,
) -> Reply {
    let caller = gate::identify_caller(sim, service, request)?;
    let body = serde_json::from_slice(request.body)
        .map_err(|error| Refusal::serialization(&error.to_string()))?;
    let setup = &sim.setup;
    let permissions = match service {
        Service::DynamoDb => vec![DynamoDb::permission(setup, operation, &body)],
        Service::Ssm | Service::Lambda => Parameters::permissions(setup, operation, &body),
    };
    gate::admit_caller(sim, caller, &permissions)?;
    // A client counts expiry, leases and lags with its own clock.
    match service {
        Service::DynamoDb => sim.dynamodb.call(setup, operation, &body, machine_time()),
        Service::Ssm | Service::Lambda => sim.parameters.call(setup, operation, &body),
    }
}
