//! What can go wrong between us and the portal, and how it is told to the caller.

use std::error::Error as _;

use chrono::{DateTime, SecondsFormat, Utc};
use thiserror::Error;

use crate::{
    error::{Code, Error},
    text,
};

/// One failed exchange with the portal. Nothing in it is secret: endpoints are paths, text from outside is cleaned.
#[derive(Debug, Error)]
pub enum Failure {
    /// 401, even with a new session.
    #[error("the portal at {host} does not let anonymous visitors see this (401)")]
    Unauthorized {
        /// The portal's host.
        host: String,
    },
    /// The club does not know this e-mail and password.
    #[error("{host} rejected the e-mail and password from {source_name}")]
    Rejected {
        /// The portal's host.
        host: String,
        /// Where the credentials came from.
        source_name: String,
    },
    /// The club has locked the account.
    #[error("{host} has locked this account for a while (the e-mail and password are from {source_name})")]
    Locked {
        /// The portal's host.
        host: String,
        /// Where the credentials came from.
        source_name: String,
    },
    /// Something of the member's side is not as it is assumed to be.
    #[error("{endpoint} is not what is assumed of the members' side of the portal: {got}")]
    Unverified {
        /// Path of the request.
        endpoint: String,
        /// What came, cleaned and shortened.
        got: String,
    },
    /// 403, even at the second try, or a firewall's page in place of an answer.
    #[error("{host} refuses this address: {}", if *firewall { "its firewall answered instead of the portal" } else { "403 twice" })]
    Refused {
        /// The portal's host.
        host: String,
        /// Whether the answer was a firewall's page.
        firewall: bool,
    },
    /// 404.
    #[error("{host} has no {endpoint} (404)")]
    Absent {
        /// The portal's host.
        host: String,
        /// Path of the request.
        endpoint: String,
    },
    /// An answer that is not what is known of the portal.
    #[error("{endpoint} answered something unexpected: expected {expected}{}, got {got}", at(path))]
    Changed {
        /// Path of the request.
        endpoint: String,
        /// What is known of the portal.
        expected: String,
        /// What came, cleaned and shortened.
        got: String,
        /// JSON path of the place, such as `[3].locations[0]`; empty for the whole answer.
        path: String,
    },
    /// The portal's profile cannot be used.
    #[error("{0}")]
    Settings(Box<Error>),
    /// The host name has no address.
    #[error("no such host: {host}")]
    UnknownHost {
        /// The portal's host.
        host: String,
    },
    /// A proxy between us and the portal says no.
    #[error("the proxy refuses {host}{}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    ProxyRefused {
        /// The host to allow.
        host: String,
        /// The proxy's own words.
        reason: Option<String>,
    },
    /// No connection, or a broken one.
    #[error("{host}: {reason}")]
    Network {
        /// The portal's host.
        host: String,
        /// In words.
        reason: String,
        /// Whether another try may help.
        passing: bool,
    },
    /// 429.
    #[error("{host} says that there were too many requests (429)")]
    RateLimited {
        /// The portal's host.
        host: String,
        /// When it may be asked again, where it says so.
        retry_at: Option<DateTime<Utc>>,
    },
}

fn at(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(" at `{path}`") }
}

impl Failure {
    /// The portal's answer is not what is known of it.
    pub(super) fn changed(endpoint: &str, expected: &str, got: &str, path: &str) -> Self {
        Self::Changed {
            endpoint: endpoint.to_owned(),
            expected: expected.to_owned(),
            got: text::line(got, 160),
            path: text::line(path, 160),
        }
    }

    /// Puts the client library's error into words.
    pub(super) fn from_reqwest(error: &reqwest::Error, host: &str) -> Self {
        let host = host.to_owned();
        let mut chain = Vec::new();
        let mut source = error.source();
        while let Some(error) = source {
            if let Some(reason) = tls_reason(error) {
                return Self::Network { host, reason, passing: false };
            }
            chain.push(error.to_string());
            source = error.source();
        }
        let chain = chain.join(": ");
        if chain.contains("proxy authorization required") {
            let reason = Some("it wants a user name and password in the proxy URL (407)".to_owned());
            return Self::ProxyRefused { host, reason };
        }
        if chain.contains("tunnel error: unsuccessful") {
            return Self::ProxyRefused { host, reason: None };
        }
        // EAI_NONAME in the words of glibc and of musl; anything else of the resolver may pass.
        if chain.contains("Name or service not known") || chain.contains("Name does not resolve") {
            return Self::UnknownHost { host };
        }
        let reason = if chain.contains("dns error") {
            "its name could not be looked up".to_owned()
        } else if chain.contains("Connection refused") {
            "nothing answers there (connection refused)".to_owned()
        } else if error.is_connect() {
            format!("no connection ({})", text::line(last_cause(&chain), 100))
        } else {
            format!("the connection broke off in the midst of the answer ({})", text::line(last_cause(&chain), 100))
        };
        Self::Network { host, reason, passing: true }
    }
}

fn last_cause(chain: &str) -> &str {
    chain.rsplit(": ").next().unwrap_or(chain)
}

/// Why a TLS handshake failed, if that is what `error` is.
fn tls_reason(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    use rustls::{CertificateError as Certificate, Error as Tls};
    // I/O errors hold the cause without naming it as their source, and hold each other.
    let mut inner = error;
    while let Some(next) = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        inner = next;
    }
    let inner = inner.downcast_ref::<Tls>()?;
    let day = |time: &rustls::pki_types::UnixTime| {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        DateTime::from_timestamp(seconds, 0).map_or_else(String::new, |time| time.format("%Y-%m-%d").to_string())
    };
    Some(match inner {
        Tls::InvalidCertificate(Certificate::UnknownIssuer) => {
            "its TLS certificate comes from an authority that this machine does not trust".to_owned()
        }
        Tls::InvalidCertificate(Certificate::ExpiredContext { time, not_after }) => {
            format!("its TLS certificate ended on {}, and this machine's clock says {}", day(not_after), day(time))
        }
        Tls::InvalidCertificate(Certificate::NotValidYetContext { time, not_before }) => {
            format!("its TLS certificate starts on {}, but this machine's clock says {}", day(not_before), day(time))
        }
        Tls::InvalidCertificate(Certificate::NotValidForNameContext { .. } | Certificate::NotValidForName) => {
            "its TLS certificate is for another host".to_owned()
        }
        Tls::InvalidMessage(_) => "it does not speak TLS at this port".to_owned(),
        other => format!("TLS failed ({})", text::line(&other.to_string(), 100)),
    })
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let (code, hint) = advice(&failure);
        let message = match &failure {
            Failure::Absent { host, .. } => {
                format!("{host} is not a Gladstone Go club, or its portal has moved: {failure}")
            }
            failure => failure.to_string(),
        };
        let error = Self::new(code, message, hint);
        match failure {
            Failure::Settings(error) => *error,
            Failure::Unauthorized { host }
            | Failure::Absent { host, .. }
            | Failure::UnknownHost { host }
            | Failure::ProxyRefused { host, .. }
            | Failure::Network { host, .. } => error.with("host", host),
            Failure::Rejected { host, source_name } | Failure::Locked { host, source_name } => {
                error.with("host", host).with("source", source_name)
            }
            Failure::Refused { host, firewall } => error.with("host", host).with("firewall", firewall),
            Failure::RateLimited { host, retry_at } => error.with("host", host).with("retry_at", retry_at.map(stamp)),
            Failure::Unverified { endpoint, got } => error.with("endpoint", endpoint).with("got", got),
            Failure::Changed { endpoint, expected, got, path } => {
                error.with("endpoint", endpoint).with("expected", expected).with("got", got).with("path", path)
            }
        }
    }
}

/// The caller's code for a failure, and the hint with the next step.
fn advice(failure: &Failure) -> (Code, String) {
    let (code, hint) = match failure {
        Failure::Unauthorized { .. } => (
            Code::LoginRequired,
            "this club shows it to signed-in members only: run `padel setup`, or see `padel doctor`",
        ),
        Failure::Rejected { source_name, .. } => {
            let hint = format!(
                "check {source_name}; do not try again and again, the club locks accounts after a few failures"
            );
            return (Code::LoginRejected, hint);
        }
        Failure::Locked { .. } => (
            Code::AccountLocked,
            "wait for half an hour, or reset the password at the club; trying again makes it longer",
        ),
        Failure::Unverified { .. } => (
            Code::ProfileUnverified,
            "teach padel this portal: capture your own sign-in as a HAR file, then `padel portal learn FILE.har`",
        ),
        Failure::Refused { .. } => (
            Code::PortalRefused,
            "some clubs block data-centre addresses: try from a home line, or later; `padel doctor` tells more",
        ),
        Failure::Absent { .. } | Failure::UnknownHost { .. } => (
            Code::NotFound,
            "check `club`: it is the first part of the booking page's address, <club>.gladstonego.cloud",
        ),
        Failure::Changed { .. } => (
            Code::PortalChanged,
            "the portal may have changed; see `padel doctor`, and report this with the output of the command with -vv",
        ),
        Failure::Settings(error) => (error.code, &*error.hint),
        Failure::ProxyRefused { host, .. } => {
            let hint = format!("allow the host `{host}` in the proxy's or the environment's network settings");
            return (Code::Network, hint);
        }
        Failure::Network { .. } => {
            (Code::Network, "`padel doctor` shows the proxy, the trust roots and what was reached")
        }
        Failure::RateLimited { retry_at: Some(at), .. } => {
            return (Code::RateLimited, format!("come back at {}", stamp(*at)));
        }
        Failure::RateLimited { retry_at: None, .. } => (Code::RateLimited, "come back in a few minutes"),
    };
    (code, hint.to_owned())
}

fn stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
