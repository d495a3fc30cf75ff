//! The server: a runtime of its own, and what surrounds every call: its number, its fault, its
//! body, its panic.

use std::{
    future::Future,
    net::{Ipv4Addr, TcpListener},
    pin::Pin,
    sync::Arc,
    thread,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use tokio::runtime::{self, Runtime};

use crate::{
    Authority, Control, Fault, Options, StartError, Upload, control,
    journal::panic_message,
    locked,
    tls::leaf_params,
    wire::{Arrivals, Peer},
};

/// A request that has arrived whole, and what is to go wrong with it.
#[derive(Debug)]
pub struct Arrival<F> {
    pub number: u32,
    pub peer: Peer,
    pub fault: Option<F>,
    pub parts: Parts,
    pub body: Bytes,
}

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

struct Shared<F> {
    control: Arc<Control<F>>,
    answer: Box<dyn Fn(Arrival<F>) -> Answering + Send + Sync>,
}

/// A listening server. Dropping it stops it at once, calls without an answer included, and panics
/// when a handler did.
#[derive(Debug)]
pub struct Server<F> {
    control: Arc<Control<F>>,
    port: u16,
    authority: Option<Authority>,
    runtime: Option<Runtime>,
}

impl<F: Fault> Server<F> {
    /// Listens, and answers with `answer`; `routes` come beside the control endpoint's and go
    /// around journal and faults like them. Fails when the port is taken, or no certificate can be
    /// made.
    pub fn start<A: Future<Output = Response> + Send + 'static>(
        options: &Options<F>,
        control: Arc<Control<F>>,
        routes: Router,
        answer: impl Fn(Arrival<F>) -> A + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        let (authority, tls) = match options.certificate {
            None => (None, None),
            Some(kind) => {
                let authority = Authority::new()?;
                let tls = authority.issue(&leaf_params(kind)?)?;
                (Some(authority), Some(tls))
            }
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("simulator")
            .enable_all()
            .build()?;
        let shared = Arc::new(Shared {
            control: Arc::clone(&control),
            answer: Box::new(move |arrival| Box::pin(answer(arrival))),
        });
        let service = Router::new()
            .fallback(receive::<F>)
            .with_state(shared)
            .merge(control::routes(Arc::clone(&control)))
            .merge(routes)
            .into_make_service_with_connect_info::<Peer>();
        let within = runtime.enter();
        let arrivals = Arrivals::new(tokio::net::TcpListener::from_std(listener)?, tls);
        runtime.spawn(async move { axum::serve(arrivals, service).await });
        drop(within);
        Ok(Self {
            control,
            port,
            authority,
            runtime: Some(runtime),
        })
    }

    pub fn control(&self) -> &Control<F> {
        &self.control
    }

    /// For example `http://127.0.0.1:40001`.
    pub fn url(&self) -> String {
        let scheme = if self.authority.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// The throw-away CA, where it serves https.
    pub fn authority(&self) -> Option<&Authority> {
        self.authority.as_ref()
    }

    /// The runtime it serves on, for what a simulator does by itself; `None` once it is stopped.
    pub fn runtime(&self) -> Option<&Runtime> {
        self.runtime.as_ref()
    }
}

impl<F> Server<F> {
    /// Stops at once; allowed inside somebody else's runtime.
    pub fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl<F> Drop for Server<F> {
    fn drop(&mut self) {
        self.stop();
        let panics = locked(&self.control.journal).panics.join("; ");
        // A second panic would only hide the first.
        assert!(
            panics.is_empty() || thread::panicking(),
            "a handler of the simulator panicked: {panics}"
        );
    }
}

async fn receive<F: Fault>(
    State(shared): State<Arc<Shared<F>>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: Request,
) -> Response {
    let control = &shared.control;
    let (parts, body) = request.into_parts();
    let (number, fault) = control.note_request(&parts, peer.connection);
    let upload = fault.map_or(Upload::Whole, F::upload);
    if upload == Upload::Held {
        control.await_release(number).await;
    }
    let answer = match take_body(upload, body, &peer).await {
        // The client went away, or was made to.
        None => StatusCode::BAD_REQUEST.into_response(),
        Some(body) => {
            if let Some(call) = locked(&control.journal).call_mut(number) {
                call.body = body.to_vec();
            }
            let arrival = Arrival {
                number,
                peer: peer.clone(),
                fault,
                parts,
                body,
            };
            // A task of its own catches the panic.
            let answer = tokio::spawn((shared.answer)(arrival)).await;
            answer.unwrap_or_else(|error| {
                if let Ok(panic) = error.try_into_panic() {
                    control.note_panic(panic_message(panic.as_ref()));
                }
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            })
        }
    };
    let status = (!peer.is_cut()).then(|| answer.status());
    locked(&control.journal).note_answer(number, status);
    answer
}

async fn take_body(upload: Upload, mut body: Body, peer: &Peer) -> Option<Bytes> {
    match upload {
        Upload::Whole | Upload::Held => {}
        Upload::After(pause) => tokio::time::sleep(pause).await,
        Upload::Reset => {
            // So that it is in the middle of the upload, where there is one.
            let _ = body.frame().await;
            peer.reset();
            return None;
        }
    }
    let body = body.collect().await.ok()?;
    Some(body.to_bytes())
}
