//! The address for Slack: `POST /slack/events`, and `GET /health` for whoever watches over the
//! process. Knows HTTP and nothing of a question.
//!
//! A client that is slow or sends too much loses its connection; one whose headers cannot be
//! Slack's does not get to send a body.

use std::{convert::Infallible, sync::Arc, time::Duration};

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};

use crate::{
    accept::{Intake, Verdict},
    clock::Clock,
    handover::Handover,
    ledger::Ledger,
    log::{Entry, Level, Log},
    signature::{SigningSecrets, read_headers},
};

/// The largest body: Slack's events have a few kilobytes.
const LARGEST_BODY: usize = 1024 * 1024;
/// The longest time for a request's headers, and for its body: Slack itself gives up after three
/// seconds.
const READ_TIME: Duration = Duration::from_secs(5);
/// Connections at once; Slack opens a few, and everybody else shall not use up our descriptors.
const CONNECTIONS: usize = 256;
/// The longest time that a stop waits for requests that have begun.
const STOP_TIME: Duration = Duration::from_secs(5);

/// Everything that the address needs.
pub struct Address<L, H> {
    /// Intake that deliveries go to.
    pub intake: Arc<Intake<L, H>>,
    /// The signing secrets; without any there is only `/health`.
    pub secrets: Option<SigningSecrets>,
    /// The time.
    pub clock: Clock,
    /// Log for lines about requests.
    pub log: Log,
}

/// Serves until `stop` is over, and then until the requests that have begun are answered.
pub async fn serve_address<L: Ledger, H: Handover>(
    listener: TcpListener,
    address: Arc<Address<L, H>>,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepting = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, stream) = tokio::select! {
            () = &mut stop => break,
            (place, accepted) = accepting => match accepted {
                Ok((stream, _)) => (place, stream),
                // Out of descriptors, or the client gave up: either may be over in a moment.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        // Without it answers would wait for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
        let address = Arc::clone(&address);
        let service = service_fn(move |request| {
            let address = Arc::clone(&address);
            async move { Ok::<_, Infallible>(respond(&address, request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(READ_TIME)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that went away is nobody's trouble.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = timeout(STOP_TIME, graceful.shutdown()).await;
}

async fn respond<L: Ledger, H: Handover>(
    address: &Address<L, H>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    match (request.method(), request.uri().path(), &address.secrets) {
        (&Method::POST, "/slack/events", Some(secrets)) => {
            let verdict = receive(address, secrets, request).await;
            (address.log)(&verdict.entry);
            make_response(verdict.status, verdict.body)
        }
        (_, "/slack/events", Some(_)) => make_response(405, "POST only\n".to_owned()),
        (&Method::GET | &Method::HEAD, "/health", _) => report_health(address).await,
        _ => make_response(404, "no such address\n".to_owned()),
    }
}

async fn receive<L: Ledger, H: Handover>(
    address: &Address<L, H>,
    secrets: &SigningSecrets,
    request: Request<Incoming>,
) -> Verdict {
    let started = (address.clock)();
    let (parts, body) = request.into_parts();
    let seconds = u64::try_from(started / 1000).unwrap_or(0);
    if let Err(rejection) = read_headers(&parts.headers, seconds) {
        return reject(401, &rejection.to_string());
    }
    let body = match read_body(&parts.headers, body).await {
        Ok(body) => body,
        Err((status, reason)) => return reject(status, reason),
    };
    let accepting = address
        .intake
        .accept(secrets, &parts.headers, &body, started);
    let mut verdict = accepting.await;
    let elapsed = (address.clock)() - started;
    verdict.entry = verdict.entry.with("ms", elapsed);
    verdict
}

async fn read_body(headers: &HeaderMap, body: Incoming) -> Result<Bytes, (u16, &'static str)> {
    let stated = headers.get(header::CONTENT_LENGTH);
    let stated = stated.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if stated.is_some_and(|length| length > LARGEST_BODY) {
        return Err((413, "body_too_large"));
    }
    match timeout(READ_TIME, Limited::new(body, LARGEST_BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err((413, "body_too_large"))
        }
        Ok(Err(_)) => Err((400, "body_broke_off")),
        Err(_) => Err((408, "body_too_slow")),
    }
}

fn reject(status: u16, reason: &str) -> Verdict {
    Verdict {
        status,
        body: String::new(),
        entry: Entry::new(Level::Warning, "rejected").with("reason", reason),
    }
}

/// Answers 200 while questions can be recorded.
async fn report_health<L: Ledger, H: Handover>(address: &Address<L, H>) -> Response<Full<Bytes>> {
    let now = (address.clock)();
    match timeout(READ_TIME, address.intake.ledger.find_waiting(now, now)).await {
        Ok(Ok(_)) => make_response(200, "ok\n".to_owned()),
        _ => make_response(503, "the ledger cannot be used\n".to_owned()),
    }
}

fn make_response(status: u16, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let plain = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}
