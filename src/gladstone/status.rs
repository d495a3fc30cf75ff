//! What an answer of the portal that is no success means, by its status. Knows no endpoint, and
//! nothing of retries.

use chrono::DateTime;
use http_edge::{Proxy, ProxyTrouble, explain_refusal, name_proxy};
use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName},
};

use super::{body::refuser, failure::Failure};
use crate::{text, zone::Zone};

/// Header in which a sandbox's egress proxy says why it refuses, in the portal's stead.
pub(super) const DENY_REASON: HeaderName = HeaderName::from_static("x-deny-reason");

/// An answer that is no success.
pub(super) struct Refusal<'a> {
    pub(super) host: &'a str,
    /// The path that was asked.
    pub(super) endpoint: &'a str,
    pub(super) proxy: Option<&'a Proxy>,
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// When the portal may be asked again, where it says so.
    pub(super) retry_at: Option<DateTime<Zone>>,
}

impl Refusal<'_> {
    /// Returns what it means.
    pub(super) fn explain(&self) -> Failure {
        let host = self.host.to_owned();
        let retry_at = self.retry_at;
        match self.status.as_u16() {
            401 => Failure::Unauthorized { host },
            403 => match self.headers.get(DENY_REASON) {
                Some(reason) => {
                    let reason = text::line(&String::from_utf8_lossy(reason.as_bytes()), 80);
                    self.of_proxy(match self.proxy {
                        Some(proxy) => proxy.without_secrets(reason),
                        None => reason,
                    })
                }
                None => Failure::Refused {
                    host,
                    by: refuser(self.body),
                    times: 1,
                    retry_at,
                },
            },
            404 => Failure::Absent {
                host,
                endpoint: self.endpoint.to_owned(),
            },
            407 => self.of_proxy(String::new()),
            429 => Failure::RateLimited { host, retry_at },
            408 | 500..=599 => Failure::Server {
                host,
                status: self.status.to_string(),
                retry_at,
            },
            status => Failure::Status {
                endpoint: self.endpoint.to_owned(),
                status,
                got: text::line(&format!("{} {}", self.status, self.quote_body()), 160),
            },
        }
    }

    /// An answer of the proxy's own.
    fn of_proxy(&self, reason: String) -> Failure {
        let trouble: ProxyTrouble = explain_refusal(self.status, self.proxy, reason);
        Failure::Proxy {
            host: self.host.to_owned(),
            proxy: name_proxy(self.proxy),
            trouble,
        }
    }

    /// Returns the start of the body, unless an e-mail or a token that was sent may be in it.
    fn quote_body(&self) -> String {
        let start = String::from_utf8_lossy(&self.body[..self.body.len().min(400)]);
        if start.contains('@') || start.contains("eyJ") {
            "…".to_owned()
        } else {
            start.into_owned()
        }
    }
}
