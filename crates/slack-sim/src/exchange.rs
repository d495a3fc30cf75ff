//! One request over a connection of its own, plain HTTP: deliveries, and the command line's calls.

use axum::{
    body::Bytes,
    http::{
        HeaderMap, Method, Request, Uri,
        header::{HOST, LOCATION},
    },
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};

/// Documented: redirects are followed at most twice.
const MOST_REDIRECTS: usize = 2;

/// Bytes of an answer that are read; answers to deliveries are small, transcripts are not.
const MOST_BYTES: usize = 16 << 20;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The reason that no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error("`{0}` is no http:// address; this simulator speaks plain HTTP only")]
    Address(String),
    #[error("no connection: {0}")]
    Connection(String),
    #[error("more than {MOST_REDIRECTS} redirects")]
    Redirects,
    #[error("the answer broke off: {0}")]
    Broken(String),
}

/// Sends a request and reads its answer whole. Dropping it closes the connection.
pub(crate) async fn send_request(
    method: Method,
    url: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Answer, Failure> {
    let mut uri = parse_address(url)?;
    for _ in 0..=MOST_REDIRECTS {
        let answer = send_once(&method, &uri, headers, body).await?;
        let location = answer.headers.get(LOCATION).and_then(|at| at.to_str().ok());
        match location {
            Some(location) if (300..400).contains(&answer.status) => {
                uri = resolve_location(&uri, location)?;
            }
            _ => return Ok(answer),
        }
    }
    Err(Failure::Redirects)
}

fn parse_address(url: &str) -> Result<Uri, Failure> {
    let uri = url.parse::<Uri>().ok();
    uri.filter(|uri| uri.scheme_str() == Some("http") && uri.host().is_some())
        .ok_or_else(|| Failure::Address(url.to_owned()))
}

fn resolve_location(from: &Uri, location: &str) -> Result<Uri, Failure> {
    match (location.starts_with('/'), from.authority()) {
        (true, Some(authority)) => parse_address(&format!("http://{authority}{location}")),
        _ => parse_address(location),
    }
}

async fn send_once(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Answer, Failure> {
    let host = uri.host().unwrap_or_default();
    let address = (host.trim_matches(['[', ']']), uri.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| Failure::Connection(error.to_string()))?;
    let (mut sender, connection) = http1::Builder::new()
        // `X-Slack-Signature`, as Slack itself writes it.
        .title_case_headers(true)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| Failure::Connection(error.to_string()))?;
    // Ends with this function, also when it is dropped.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder().method(method).uri(path);
    if let Some(head) = request.headers_mut() {
        head.extend(headers.clone());
        if let Some(authority) = uri.authority().and_then(|name| name.as_str().parse().ok()) {
            head.insert(HOST, authority);
        }
    }
    let request = request
        .body(Full::new(body.clone()))
        .map_err(|error| Failure::Address(error.to_string()))?;
    let answer = sender
        .send_request(request)
        .await
        .map_err(|error| Failure::Broken(error.to_string()))?;
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, MOST_BYTES)
        .collect()
        .await
        .map_err(|error| Failure::Broken(error.to_string()))?;
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: body.to_bytes(),
    })
}
