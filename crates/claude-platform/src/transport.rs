//! One HTTP exchange: sends a request once and turns everything but a success into an [`Error`].

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_edge::{Secrets, read_body};
use reqwest::{Response, header::HeaderMap};

use crate::{
    Error, Limits,
    connections::{Connections, NetworkSettings},
    refusal, text,
};

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
    /// From the first byte sent to the last one read; of a stream, to its first.
    pub elapsed: Duration,
    /// The service's request id.
    pub request_id: Option<String>,
}

/// Called after every exchange.
pub(crate) type Observer = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// The parts that all requests share.
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
    /// The body that is still to come, when the request wants to read it as it comes.
    pub(crate) stream: Option<Response>,
    /// Of its request, so that no text of it is shown with one.
    pub(crate) secrets: Secrets,
}

/// Facts about a request besides itself.
pub(crate) struct RequestFacts<'a> {
    /// Method and path, for errors.
    pub(crate) operation: &'a str,
    /// The largest answer in bytes.
    pub(crate) limit: usize,
    /// The body is handed on unread.
    pub(crate) streams: bool,
    /// Secrets in the body, so that no message repeats them.
    pub(crate) secrets: Secrets,
}

impl Transport {
    pub(crate) fn new(limits: Limits, network: &NetworkSettings) -> Result<Self, Error> {
        Ok(Self {
            connections: Connections::new(&limits, network)?,
            limits,
            observer: None,
        })
    }

    /// Sends `request` once.
    pub(crate) async fn exchange(
        &self,
        request: reqwest::Request,
        facts: &RequestFacts<'_>,
    ) -> Result<Answer, Error> {
        let started = Instant::now();
        let (method, url) = (request.method().to_string(), request.url().clone());
        let secrets = facts.secrets.clone().with_headers(request.headers());
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
                self.read_answer(response, facts, &secrets).await
            }
            Err(error) => Err(self.connections.explain(error, &url).await),
        };
        exchange.elapsed = started.elapsed();
        if let Some(observer) = &self.observer {
            observer(&exchange);
        }
        match outcome {
            Ok((body, stream)) => Ok(Answer {
                status: exchange.status,
                request_id: exchange.request_id,
                body,
                stream,
                secrets,
            }),
            Err(error) => Err(Error {
                operation: facts.operation.to_owned(),
                status: exchange.status,
                request_id: exchange.request_id.or(error.request_id),
                ..error
            }),
        }
    }

    /// Returns the body of a success, read or unread; the failure that every other answer is.
    async fn read_answer(
        &self,
        response: Response,
        facts: &RequestFacts<'_>,
        secrets: &Secrets,
    ) -> Result<(Bytes, Option<Response>), Error> {
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() && facts.streams {
            return Ok((Bytes::new(), Some(response)));
        }
        if status.is_success() {
            let url = response.url().clone();
            return match read_body(response, facts.limit).await {
                Ok(body) => Ok((body.into(), None)),
                Err(error) => Err(self
                    .connections
                    .explain_body(error, facts.limit, &url)
                    .await),
            };
        }
        // Without a failure's body its status does as well.
        let body = read_body(response, ERROR_LIMIT).await.unwrap_or_default();
        Err(refusal::explain(status, &headers, &body, secrets))
    }
}

fn request_id(headers: &HeaderMap, secrets: &Secrets) -> Option<String> {
    let id = headers
        .get("request-id")
        .or_else(|| headers.get("x-amzn-requestid"))?;
    Some(secrets.clean_line(&String::from_utf8_lossy(id.as_bytes()), text::SHORT))
        .filter(|id| !id.is_empty())
}
