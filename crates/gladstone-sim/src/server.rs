//! The server: a runtime of its own, what surrounds every call, and the control endpoint.

mod control;

use std::{
    any::Any,
    io,
    net::{Ipv4Addr, TcpListener},
    sync::Arc,
};

use axum::{
    Router,
    body::to_bytes,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tokio::runtime::{self, Runtime};
use tokio_rustls::TlsAcceptor;

use crate::{
    fault, portal,
    sim::{Sim, locked},
    wire::{Arrivals, Peer},
};

/// Nobody has more to say to a club; a longer body counts as none.
const BODY_LIMIT: usize = 1 << 20;

/// A listening server.
#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    runtime: Option<Runtime>,
}

impl Server {
    /// Listens on 127.0.0.1; on a free port for 0.
    pub(crate) fn start(sim: &Arc<Sim>, port: u16, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("gladstone-sim")
            .enable_all()
            .build()?;
        let within = runtime.enter();
        let arrivals = Arrivals::new(tokio::net::TcpListener::from_std(listener)?, tls);
        let service = router(sim).into_make_service_with_connect_info::<Peer>();
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

fn router(sim: &Arc<Sim>) -> Router {
    portal::routes(sim.conduct.shape)
        .layer(from_fn_with_state(Arc::clone(sim), tell_time))
        .layer(from_fn_with_state(Arc::clone(sim), sabotage))
        .layer(from_fn_with_state(Arc::clone(sim), record))
        .merge(control::routes())
        .with_state(Arc::clone(sim))
}

/// Notes the call, its answer, and the panic of its handler.
async fn record(
    State(sim): State<Arc<Sim>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let number = locked(&sim.journal).arrived(&parts, peer.connection);
    let body = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    locked(&sim.journal).brought(number, &body);
    // A task of its own catches the panic.
    let answer = tokio::spawn(next.run(Request::from_parts(parts, body.into()))).await;
    let mut journal = locked(&sim.journal);
    let answer = answer.unwrap_or_else(|error| {
        if let Ok(panic) = error.try_into_panic() {
            journal.panics.push(said(panic.as_ref()));
        }
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
    journal.answered(number, (!peer.is_reset()).then(|| answer.status()));
    answer
}

/// Puts the club's own time into the header `Date`.
async fn tell_time(State(sim): State<Arc<Sim>>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let date = sim.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        answer.headers_mut().insert(header::DATE, date);
    }
    answer
}

/// Lets the fault strike that is due, if any.
async fn sabotage(
    State(sim): State<Arc<Sim>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(fault) = sim.strike(request.uri().path()) else {
        return next.run(request).await;
    };
    if let Some(answer) = fault::replacement(fault, &peer).await {
        return answer;
    }
    // Damage is done to plain text.
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    fault::damage(fault, next.run(request).await).await
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
        .to_owned()
}
