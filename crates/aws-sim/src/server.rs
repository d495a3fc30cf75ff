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
    gate, lambda,
    service::Service,
    signature::{Authorization, SignedRequest},
    sim::Sim,
    ssm::Parameters,
};

/// What the fault's `@WHERE` is compared with: service and operation, or the function.
pub(crate) fn find_place(parts: &Parts) -> Cow<'_, str> {
    if let Some((service, operation)) = find_target(parts) {
        return format!("/{}/{operation}", service.name()).into();
    }
    match lambda::invoked_name(parts.uri.path()) {
        Some(function) => format!("/lambda/{function}").into(),
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
    let request = SignedRequest {
        method: &parts.method,
        uri: &parts.uri,
        headers: &parts.headers,
        body: &body,
    };
    match fault {
        #[expect(clippy::panic, reason = "that is what this fault is")]
        Some(Fault::Panic) => panic!("the fault `panic` struck call {number}"),
        Some(Fault::LostBefore) => {
            peer.close();
            return StatusCode::BAD_REQUEST.into_response();
        }
        Some(Fault::KillBefore) => {
            kill_caller(&sim, &request);
            peer.close();
            return StatusCode::BAD_REQUEST.into_response();
        }
        Some(Fault::Silent) => std::future::pending().await,
        Some(Fault::Status(status)) => {
            return Answer::new(status, "text/plain", "").into_response();
        }
        _ => {}
    }
    let Some(mut answer) = call(&sim, &parts, &request, fault).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    answer.add_header("x-amzn-requestid", sim.next_request_id());
    if fault == Some(Fault::KillAfter) {
        kill_caller(&sim, &request);
        peer.close();
    }
    fault::delay(fault).await;
    fault::spoil(fault, answer, &peer)
}

/// Kills the process that sent a request, if it is a function's.
fn kill_caller(sim: &Sim, request: &SignedRequest<'_>) {
    let caller = Authorization::read(request.headers).ok();
    let caller = caller.and_then(|authorization| sim.setup.find_principal(authorization.key_id));
    if let Some(role) = caller.and_then(|caller| caller.role.as_ref()) {
        sim.lambda.kill_busy(role);
    }
}

/// Calls a service or a front; none where the path is nobody's.
async fn call(
    sim: &Arc<Sim>,
    parts: &Parts,
    request: &SignedRequest<'_>,
    fault: Option<Fault>,
) -> Option<Answer> {
    let told = |name: &str| Refusal::new(name, "the simulator was told to answer so");
    let (before, after) = match fault {
        Some(Fault::Error(name)) => (Some(told(name.0)), None),
        Some(Fault::ErrorAfter(name)) => (None, Some(told(name.0))),
        _ => (None, None),
    };
    if let Some((service, operation)) = find_target(parts) {
        let reply = match before {
            Some(refusal) => Err(refusal),
            None => call_operation(sim, service, operation, request),
        };
        return Some(service.answer(after.map_or(reply, Err)));
    }
    let Some(function) = lambda::invoked_name(parts.uri.path()) else {
        return lambda::answer_request(sim, parts, request.body).await;
    };
    let answer = match before {
        Some(refusal) => Err(refusal),
        None => call_function(sim, &function, request).await,
    };
    let answer = match after {
        Some(refusal) => Err(refusal),
        None => answer,
    };
    Some(answer.unwrap_or_else(|refusal| Service::Lambda.answer(Err(refusal))))
}

/// Invokes a function over the service's API.
async fn call_function(
    sim: &Arc<Sim>,
    function: &str,
    request: &SignedRequest<'_>,
) -> Result<Answer, Refusal> {
    let caller = gate::identify_caller(sim, Service::Lambda, request)?;
    let resource = sim.setup.arn("lambda", &format!("function:{function}"));
    let permission = ("lambda:InvokeFunction".to_owned(), resource);
    gate::admit_caller(sim, caller, &[permission])?;
    let kind = request.headers.get("x-amz-invocation-type");
    let kind = kind.and_then(|kind| kind.to_str().ok());
    lambda::answer_invoke(sim, function, kind, request.body).await
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
