//! One HTTP exchange: sends a request once and turns everything but a success into an [`Error`].

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use bytes::{Bytes, BytesMut};
use http_edge::Secrets;
use reqwest::{Response, StatusCode, header::HeaderMap};
use serde_json::Value;

use crate::{Error, Kind, Limits, clock, connections::Connections, text};

/// The largest answer to a failed request that is read.
const ERROR_LIMIT: usize = 64 * 1024;

/// One request that was sent, for logs. Holds no secret and no query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Such as `POST`.
    pub method: String,
    /// The host that it went to, which is another one when an identity token is fetched.
    pub host: String,
    /// The encoded path.
    pub path: String,
    /// The answer's status; none when no answer came.
    pub status: Option<u16>,
    /// From the first byte sent to the last one read.
    pub elapsed: Duration,
    /// The service's request id.
    pub request_id: Option<String>,
}

/// Called after every exchange.
pub(crate) type Observer = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) connections: Connections,
    pub(crate) limits: Limits,
    pub(crate) observer: Option<Observer>,
}

/// A success.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    pub(crate) body: Bytes,
    /// Of its request, so that no text of it is shown with one.
    pub(crate) secrets: Secrets,
}

/// What is known about a request besides itself.
pub(crate) struct About<'a> {
    /// Method and path, for errors.
    pub(crate) operation: &'a str,
    /// The largest answer in bytes.
    pub(crate) limit: usize,
    /// A secret in the body, so that no message repeats it.
    pub(crate) secret: Option<&'a str>,
}

impl Transport {
    pub(crate) fn new(limits: Limits) -> Result<Self, Error> {
        Ok(Self {
            connections: Connections::new(&limits)?,
            limits,
            observer: None,
        })
    }

    /// Sends `request` once.
    pub(crate) async fn exchange(
        &self,
        request: reqwest::Request,
        about: &About<'_>,
    ) -> Result<Answer, Error> {
        let started = Instant::now();
        let (method, url) = (request.method().to_string(), request.url().clone());
        let secrets = Secrets::of_request(request.headers(), about.secret);
        let mut exchange = Exchange {
            method,
            host: url.host_str().unwrap_or_default().to_owned(),
            path: url.path().to_owned(),
            status: None,
            elapsed: Duration::ZERO,
            request_id: None,
        };
        let outcome = match self.connections.execute(request).await {
            Ok(response) => {
                exchange.status = Some(response.status().as_u16());
                exchange.request_id = request_id(response.headers(), &secrets);
                Self::read(response, about, &secrets).await
            }
            Err(error) => Err(broken(&error, &exchange.host)),
        };
        exchange.elapsed = started.elapsed();
        if let Some(observer) = &self.observer {
            observer(&exchange);
        }
        match outcome {
            Ok(body) => Ok(Answer {
                status: exchange.status,
                request_id: exchange.request_id,
                body,
                secrets,
            }),
            Err(mut error) => {
                about.operation.clone_into(&mut error.operation);
                error.request_id = exchange.request_id.or(error.request_id);
                Err(error)
            }
        }
    }

    /// The body of a success; the failure that every other answer is.
    async fn read(
        response: Response,
        about: &About<'_>,
        secrets: &Secrets,
    ) -> Result<Bytes, Error> {
        let (status, headers) = (response.status(), response.headers().clone());
        let host = response.url().host_str().unwrap_or_default().to_owned();
        if status.is_success() {
            let answer = |error: Error| Error {
                status: Some(status.as_u16()),
                ..error
            };
            let body = body(response, about.limit)
                .await
                .map_err(|error| answer(broken(&error, &host)))?;
            return body.ok_or_else(|| {
                let message = format!("the answer is larger than {} MiB", about.limit >> 20);
                answer(Error::early(Kind::Malformed, message))
            });
        }
        // Half of a failure's body does as well.
        let body = body(response, ERROR_LIMIT)
            .await
            .ok()
            .flatten()
            .unwrap_or_default();
        let (message, id) = said(&body, status);
        let kind = if is_unrecognized(&headers, &body) {
            Kind::Rejected
        } else {
            kind(status)
        };
        let mut error = Error::early(kind, secrets.clean_line(&message, text::MESSAGE));
        if status.is_redirection() {
            error.message =
                "the service redirects to another address, and redirects are not followed"
                    .to_owned();
        }
        error.status = Some(status.as_u16());
        error.request_id =
            request_id(&headers, secrets).or(id.map(|id| secrets.clean_line(&id, text::SHORT)));
        error.retry_after = retry_after(&headers);
        error.should_retry = match headers
            .get("x-should-retry")
            .and_then(|value| value.to_str().ok())
        {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        Err(error)
    }
}

/// The whole body; `None` when it is larger than `limit`.
pub(crate) async fn body(
    mut response: Response,
    limit: usize,
) -> Result<Option<Bytes>, reqwest::Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}

/// A connection that was not made, broke off, or took too long.
fn broken(error: &reqwest::Error, host: &str) -> Error {
    let reason = text::cause(error, text::SHORT);
    // Connecting first: a connection that was not made in time is no lost request.
    if error.is_connect() {
        let through = if text::chain(error).any(|cause| cause.starts_with("tunnel error")) {
            " through the proxy"
        } else {
            ""
        };
        // That is all that is kept of a proxy's answer.
        let reason = if reason == "tunnel error: unsuccessful" {
            "the proxy refuses it"
        } else {
            &reason
        };
        Error::early(
            Kind::Connect,
            format!("no connection to {host}{through}: {reason}"),
        )
    } else if error.is_timeout() {
        Error::early(Kind::Timeout, format!("{host} did not answer in time"))
    } else {
        Error::early(
            Kind::Lost,
            format!("the connection to {host} broke off: {reason}"),
        )
    }
}

fn kind(status: StatusCode) -> Kind {
    match status.as_u16() {
        // Nothing else redirects than an address that is not the API's.
        300..=399 => Kind::Config,
        401 => Kind::Rejected,
        403 => Kind::Denied,
        404 => Kind::NotFound,
        408 => Kind::Timeout,
        409 => Kind::Conflict,
        429 => Kind::RateLimited,
        400..=499 => Kind::Invalid,
        _ => Kind::Unavailable,
    }
}

/// Whether AWS does not take the signature itself, which it says with 403 or 400 (its common
/// errors; assumed for this service).
fn is_unrecognized(headers: &HeaderMap, body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let header = headers
        .get("x-amzn-errortype")
        .and_then(|value| value.to_str().ok());
    let places = ["/__type", "/code", "/error/type"]
        .iter()
        .filter_map(|place| body.pointer(place)?.as_str());
    let signs = [
        "ExpiredToken",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignature",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClient",
    ];
    header
        .into_iter()
        .chain(places)
        .any(|name| signs.iter().any(|sign| name.contains(sign)))
}

/// The message of a failure and the request id in its body: the platform's form, AWS's, OAuth's, or
/// none of them.
fn said(body: &[u8], status: StatusCode) -> (String, Option<String>) {
    let reason = || {
        status
            .canonical_reason()
            .unwrap_or("no reason given")
            .to_owned()
    };
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        let text = String::from_utf8_lossy(body);
        let usable = !text.trim().is_empty() && !text.trim_start().starts_with('<');
        return (if usable { text.into_owned() } else { reason() }, None);
    };
    let places = [
        "/error/message",
        "/message",
        "/Message",
        "/error_description",
        "/error",
    ];
    let message = places
        .iter()
        .find_map(|place| json.pointer(place)?.as_str());
    let id = json
        .get("request_id")
        .and_then(Value::as_str)
        .map(str::to_owned);
    (message.map_or_else(reason, str::to_owned), id)
}

fn request_id(headers: &HeaderMap, secrets: &Secrets) -> Option<String> {
    let id = headers
        .get("request-id")
        .or_else(|| headers.get("x-amzn-requestid"))?;
    Some(secrets.clean_line(&String::from_utf8_lossy(id.as_bytes()), text::SHORT))
        .filter(|id| !id.is_empty())
}

/// `retry-after-ms`, else `retry-after` in seconds or as a date, which is measured on the service's
/// own clock. `padel` reads it alike: a number that would be a wait of 31 years or more is a time
/// since 1970, in seconds or milliseconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name: &str| text(name)?.parse::<f64>().ok();
    let date = |name: &str| httpdate::parse_http_date(text(name)?).ok();
    let now = date("date").unwrap_or_else(clock::now);
    let seconds = number("retry-after-ms")
        .map(|ms| ms / 1000.0)
        .or_else(|| number("retry-after"));
    if let Some(seconds) = seconds {
        let since_1970 = if seconds >= 1e12 {
            seconds / 1000.0
        } else {
            seconds
        };
        let elapsed = now
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs_f64();
        return Duration::try_from_secs_f64(if seconds >= 1e9 {
            since_1970 - elapsed
        } else {
            seconds
        })
        .ok();
    }
    Some(date("retry-after")?.duration_since(now).unwrap_or_default())
}
