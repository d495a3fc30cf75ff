//! The portal's host: what it means by an answer that is no success, or what stands before it by
//! none. Sends nothing but a proxy's question, and knows no endpoint.

use chrono::{DateTime, TimeDelta, Utc};
use http_edge::{
    BodyError, Cause, Proxy, ProxyTrouble, ask_for_reason, explain_refusal, find_cause, name_proxy,
    read_pieces, read_wait,
};
use reqwest::{
    Response, StatusCode, Url,
    header::{HeaderMap, HeaderName},
};

use super::{
    body::{self, Extent, Intake, refuser},
    failure::Failure,
    retry::Trouble,
};
use crate::{limits, log::Log, text, zone::Zone};

/// Header in which a sandbox's egress proxy says why it refuses, in the portal's stead.
pub(super) const DENY_REASON: HeaderName = HeaderName::from_static("x-deny-reason");

/// A try that brought no success, and what another one may bring.
pub(super) type Failed = (Failure, Option<Trouble>);

/// The host of one club, and the way to it.
pub(super) struct Peer {
    pub(super) base: Url,
    /// Its name, for messages.
    pub(super) host: String,
    pub(super) proxy: Option<Proxy>,
    pub(super) trust_warnings: Vec<String>,
    pub(super) zone: Zone,
    pub(super) now: DateTime<Utc>,
    pub(super) log: Log,
}

impl Peer {
    /// Reads the whole body of an answer to a request for `endpoint` into `intake`, and returns its
    /// size.
    pub(super) async fn read_body(
        &self,
        response: Response,
        endpoint: &str,
        intake: &mut dyn Intake,
    ) -> Result<usize, Failed> {
        intake.restart();
        let mut extent = Extent::default();
        let take = |piece: &[u8]| {
            extent.add(piece);
            // What is refused in the end is not worth reading.
            if extent.check_count(endpoint).is_ok() {
                intake.push(piece);
            }
        };
        match read_pieces(response, body::LIMIT, take).await {
            Ok(()) => match extent.check_count(endpoint) {
                Ok(()) => Ok(extent.size),
                Err(failure) => Err((failure, None)),
            },
            Err(BodyError::Broken(error)) => Err(self.explain_error(&error)),
            Err(BodyError::TooLarge) => {
                let most = "at most 64 MiB";
                Err((Failure::changed(endpoint, most, "more than that", ""), None))
            }
            Err(BodyError::Packed(error)) => {
                let failure = Failure::Network {
                    host: self.host.clone(),
                    reason: format!("its answer cannot be unpacked ({error})"),
                    passing: true,
                };
                Err((failure, Some(Trouble::Connection)))
            }
        }
    }

    /// Explains a connection that was not made, or broke off.
    pub(super) fn explain_error(&self, error: &reqwest::Error) -> Failed {
        if let Some(limit) = limits::find_limit(error, "no connection could be made") {
            return (Failure::Settings(Box::new(limit)), None);
        }
        let cause = find_cause(error, self.proxy.as_ref(), &self.trust_warnings);
        let may_pass = cause.may_pass();
        let host = self.host.clone();
        let failure = match cause {
            Cause::UnknownHost => Failure::UnknownHost { host },
            Cause::Proxy(trouble) => self.proxy_failure(trouble),
            Cause::Connection { reason, passing } => Failure::Network {
                host,
                reason,
                passing,
            },
        };
        (failure, may_pass.then_some(Trouble::Connection))
    }

    /// Explains a request that was not answered: a proxy that refuses is asked why.
    pub(super) async fn explain_no_answer(&self, error: &reqwest::Error) -> Failed {
        let (failure, trouble) = self.explain_error(error);
        let (
            Failure::Proxy {
                trouble: ProxyTrouble::Refuses(None),
                ..
            },
            Some(proxy),
        ) = (&failure, &self.proxy)
        else {
            return (failure, trouble);
        };
        self.log
            .decision(|| "the proxy refuses: asked once more for its reason".to_owned());
        let port = self.base.port_or_known_default().unwrap_or(443);
        let Some(refusal) = ask_for_reason(proxy, &self.host, port).await else {
            return (failure, trouble);
        };
        let trouble = match refusal.status.as_u16() {
            200..=299 => Some(Trouble::Connection),
            status @ (408 | 429 | 500..=599) => {
                let stated = read_wait(&refusal.headers, self.now);
                Some(Trouble::Status(status, stated))
            }
            _ => None,
        };
        (self.proxy_failure(refusal.explain(proxy)), trouble)
    }

    fn proxy_failure(&self, trouble: ProxyTrouble) -> Failure {
        Failure::Proxy {
            host: self.host.clone(),
            proxy: name_proxy(self.proxy.as_ref()),
            trouble,
        }
    }

    /// Explains an answer that is no success.
    pub(super) fn explain_status(
        &self,
        endpoint: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Failed {
        let host = self.host.clone();
        let stated = read_wait(headers, self.now);
        let retry_at = stated
            .and_then(|wait| self.now.checked_add_signed(TimeDelta::from_std(wait).ok()?))
            .map(|at| at.with_timezone(&self.zone));
        let endpoint = endpoint.to_owned();
        let failure = match status.as_u16() {
            401 => Failure::Unauthorized { host },
            403 if headers.contains_key(DENY_REASON) => {
                let reason = headers[DENY_REASON].as_bytes();
                let reason = text::line(&String::from_utf8_lossy(reason), 80);
                let reason = match &self.proxy {
                    Some(proxy) => proxy.without_secrets(reason),
                    None => reason,
                };
                return (self.refused_by_proxy(status, reason), None);
            }
            403 => Failure::Refused {
                host,
                by: refuser(body),
                times: 1,
                retry_at,
            },
            404 => Failure::Absent { host, endpoint },
            407 => return (self.refused_by_proxy(status, String::new()), None),
            429 => Failure::RateLimited { host, retry_at },
            408 | 500..=599 => Failure::Server {
                host,
                status: status.to_string(),
                retry_at,
            },
            number => Failure::Status {
                endpoint,
                status: number,
                got: text::line(&format!("{status} {}", quote_body(body)), 160),
            },
        };
        (failure, Some(Trouble::Status(status.as_u16(), stated)))
    }

    fn refused_by_proxy(&self, status: StatusCode, reason: String) -> Failure {
        self.proxy_failure(explain_refusal(status, self.proxy.as_ref(), reason))
    }
}

/// Returns the start of a body, unless an e-mail or a token that was sent may be in it.
fn quote_body(body: &[u8]) -> String {
    let start = String::from_utf8_lossy(&body[..body.len().min(400)]);
    if start.contains('@') || start.contains("eyJ") {
        "…".to_owned()
    } else {
        start.into_owned()
    }
}
