//! The server: a runtime of its own, and what surrounds every call: its number, its id, its faults,
//! its panics.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request as Incoming, State},
    http::{HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use tokio::runtime::{self, Runtime};

use crate::{
    control,
    fault::{self, Fault},
    gate,
    journal::Call,
    request::Request,
    sim::{Sim, locked, said},
    wire::{Arrivals, Peer},
};

/// A listening server.
#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    runtime: Option<Runtime>,
}

impl Server {
    /// Listens on 127.0.0.1; on a free port for 0.
    pub(crate) fn start(sim: &Arc<Sim>, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("platform-sim")
            .enable_all()
            .build()?;
        let within = runtime.enter();
        let arrivals = Arrivals(tokio::net::TcpListener::from_std(listener)?);
        let router = Router::new().fallback(receive).with_state(Arc::clone(sim));
        let service = router.into_make_service_with_connect_info::<Peer>();
        runtime.spawn(async move { axum::serve(arrivals, service).await });
        drop(within);
        Ok(Self {
            port,
            runtime: Some(runtime),
        })
    }

    /// The port it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Stops at once, calls without an answer included; allowed inside somebody else's runtime.
    pub(crate) fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn receive(
    State(sim): State<Arc<Sim>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    incoming: Incoming,
) -> Response {
    let (parts, body) = incoming.into_parts();
    if parts.uri.path().starts_with(control::PREFIX) {
        return match fault::before(None, body, &peer).await {
            Ok(body) => control::answer(&sim, &request(parts, body)).into_response(),
            Err(()) => StatusCode::BAD_REQUEST.into_response(),
        };
    }
    let number = locked(&sim.journal).arrived(&parts);
    let id = request_id(number);
    // A task of its own catches the panic.
    let answer = tokio::spawn(serve(Arc::clone(&sim), peer.clone(), number, parts, body)).await;
    let mut answer = answer.unwrap_or_else(|error| {
        if let Ok(panic) = error.try_into_panic() {
            locked(&sim.journal).panics.push(said(panic.as_ref()));
        }
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
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
    note(&sim, number, |call| {
        call.status = (!peer.is_cut()).then(|| answer.status().as_u16());
    });
    answer
}

async fn serve(sim: Arc<Sim>, peer: Peer, number: u32, parts: Parts, body: Body) -> Response {
    let fault = sim.strike(number, parts.method.as_str(), parts.uri.path());
    note(&sim, number, |call| call.fault = fault);
    let Ok(body) = fault::before(fault, body, &peer).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    note(&sim, number, |call| call.body = body.to_vec());
    let id = request_id(number);
    match fault {
        #[expect(clippy::panic, reason = "that is what this fault is")]
        Some(Fault::Panic) => panic!("the fault `panic` struck call {number}"),
        Some(Fault::LostBefore) => {
            peer.close();
            return StatusCode::BAD_REQUEST.into_response();
        }
        _ => {}
    }
    if let Some(answer) = fault.and_then(|fault| fault.instead(&id)) {
        return answer.into_response();
    }
    let request = request(parts, body);
    let reply = gate::admit(&sim, &request).and_then(|route| (route.handler)(&sim, &request));
    fault::after(
        fault,
        reply.unwrap_or_else(|refusal| refusal.into_answer(&id)),
        &peer,
    )
}

fn request(parts: Parts, body: axum::body::Bytes) -> Request {
    Request::new(parts.method, parts.uri, parts.headers, body)
}

fn request_id(number: u32) -> String {
    format!("req_sim{number:08}")
}

fn note(sim: &Sim, number: u32, what: impl FnOnce(&mut Call)) {
    if let Some(call) = locked(&sim.journal).call(number) {
        what(call);
    }
}
