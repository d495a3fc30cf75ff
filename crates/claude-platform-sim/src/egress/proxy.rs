//! The proxy's connections: who calls, which host is meant, and the exchange with it.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
        header::{
            CONNECTION, CONTENT_LENGTH, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TRANSFER_ENCODING,
        },
    },
    response::IntoResponse,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http_body_util::BodyExt;
use hyper::{
    body::Incoming,
    client,
    rt::{Read, Write},
    server,
    service::service_fn,
    upgrade::OnUpgrade,
};
use hyper_util::rt::TokioIo;
use sim_server::{Authority, locked};
use tokio::net::{TcpListener, TcpStream};

use super::{Access, Upstream, swap};

/// Headers between two neighbours only; the body's form is hyper's own on each side.
const HOP_BY_HOP: [HeaderName; 4] = [
    CONNECTION,
    PROXY_AUTHORIZATION,
    TRANSFER_ENCODING,
    HeaderName::from_static("proxy-connection"),
];

/// Out of file descriptors: that may be over in a moment.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(super) struct Proxy {
    pub(super) authority: Authority,
    pub(super) upstreams: Vec<Upstream>,
    pub(super) escapes: bool,
    /// By user name and password, with a colon between.
    pub(super) sessions: Mutex<BTreeMap<String, Access>>,
}

/// An answer, or the reason why the client's connection ends without one.
type Reply = Result<Response<Body>, io::Error>;

pub(super) async fn accept_clients(listener: TcpListener, proxy: Arc<Proxy>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let proxy = Arc::clone(&proxy);
                let answer = move |request| answer_client(Arc::clone(&proxy), request);
                tokio::spawn(serve_stream(TokioIo::new(stream), answer));
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Answers all requests of a connection.
async fn serve_stream<A: Future<Output = Reply> + Send + 'static>(
    stream: impl Read + Write + Unpin + Send + 'static,
    answer: impl Fn(Request<Incoming>) -> A + Send + 'static,
) {
    let server = server::conn::http1::Builder::new();
    let connection = server.serve_connection(stream, service_fn(answer));
    // A client that goes away needs no answer.
    let _ = connection.with_upgrades().await;
}

/// Answers what is said to the proxy itself.
async fn answer_client(proxy: Arc<Proxy>, mut request: Request<Incoming>) -> Reply {
    let Some(user_info) = read_user_info(request.headers())
        .filter(|user_info| locked(&proxy.sessions).contains_key(user_info))
    else {
        let challenge = [(PROXY_AUTHENTICATE, "Basic realm=\"egress\"")];
        return Ok((StatusCode::PROXY_AUTHENTICATION_REQUIRED, challenge).into_response());
    };
    let Some(host) = request.uri().host().map(str::to_ascii_lowercase) else {
        let said = "this is a proxy: name a host";
        return Ok((StatusCode::BAD_REQUEST, said).into_response());
    };
    if request.method() != Method::CONNECT {
        return proxy.forward_request(&user_info, &host, request).await;
    }
    if !proxy.find_access(&user_info).reaches_host(&host) {
        return Ok(deny_host());
    }
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(inspect_tunnel(proxy, user_info, host, upgrade));
    Ok(StatusCode::OK.into_response())
}

/// Answers the requests in a tunnel, in the host's name.
async fn inspect_tunnel(
    proxy: Arc<Proxy>,
    user_info: String,
    host: String,
    upgrade: OnUpgrade,
) -> Option<()> {
    let stream = upgrade.await.ok()?;
    let acceptor = proxy.authority.issue_for(&host).ok()?;
    // A client that does not trust the certificate ends here.
    let stream = acceptor.accept(TokioIo::new(stream)).await.ok()?;
    let answer = move |request| {
        let (proxy, user_info, host) = (Arc::clone(&proxy), user_info.clone(), host.clone());
        async move { proxy.forward_request(&user_info, &host, request).await }
    };
    serve_stream(TokioIo::new(stream), answer).await;
    Some(())
}

impl Proxy {
    /// The session's access as it is now: it may change while a tunnel is open.
    fn find_access(&self, user_info: &str) -> Access {
        let sessions = locked(&self.sessions);
        sessions.get(user_info).cloned().unwrap_or_default()
    }

    /// Sends a request on to the host, with the secrets that it is given.
    async fn forward_request(
        &self,
        user_info: &str,
        host: &str,
        request: Request<Incoming>,
    ) -> Reply {
        let access = self.find_access(user_info);
        if !access.reaches_host(host) {
            return Ok(deny_host());
        }
        let Some(upstream) = self.upstreams.iter().find(|known| known.host == host) else {
            let said = format!("the simulated egress does not know where {host} is");
            return Ok((StatusCode::BAD_GATEWAY, said).into_response());
        };
        let injections = access.injections_for(host);
        let (mut parts, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let body = swap::swap_body(&parts.headers, body, &injections, self.escapes);
        remove_hop_by_hop(&mut parts.headers);
        swap::swap_headers(&mut parts.headers, &injections);
        if parts.headers.contains_key(CONTENT_LENGTH) || !body.is_empty() {
            parts.headers.insert(CONTENT_LENGTH, body.len().into());
        }
        if let Some(target) = parts.uri.path_and_query() {
            parts.uri = Uri::from(target.clone());
        }
        match TcpStream::connect(&upstream.address).await {
            Ok(stream) => exchange_once(stream, Request::from_parts(parts, body.into())).await,
            Err(error) => Ok((StatusCode::BAD_GATEWAY, error.to_string()).into_response()),
        }
    }
}

/// One request on a connection of its own. An answer that breaks off breaks off here, too.
async fn exchange_once(stream: TcpStream, request: Request<http_body_util::Full<Bytes>>) -> Reply {
    let handshake = client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let answer = sender
        .send_request(request)
        .await
        .map_err(io::Error::other)?;
    let mut answer = answer.map(Body::new);
    remove_hop_by_hop(answer.headers_mut());
    Ok(answer)
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

fn read_user_info(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(PROXY_AUTHORIZATION)?.to_str().ok()?;
    let pair = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    String::from_utf8(pair).ok()
}

/// Answers for a host that is not allowed, as the cloud sandbox's proxy does. A field report.
fn deny_host() -> Response<Body> {
    let reason = HeaderValue::from_static("host_not_allowed");
    (StatusCode::FORBIDDEN, [("x-deny-reason", reason)]).into_response()
}
