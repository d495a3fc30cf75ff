//! Why an exchange failed on the way, in words: what the HTTP client's errors are made of.

use std::{error::Error, net::UdpSocket};

use chrono::DateTime;

use super::{
    failure::{Failure, ProxyTrouble},
    proxy::Proxy,
};
use crate::{limits, text};

/// The longest text of a library that is told.
const SHORT: usize = 100;

impl Failure {
    /// Puts the client library's error into words. An authority that is not trusted may be in a
    /// file that could not be read: `trust_warnings` say so.
    pub(super) fn from_reqwest(
        error: &reqwest::Error,
        host: &str,
        proxy: Option<&Proxy>,
        trust_warnings: &[String],
    ) -> Self {
        let host = host.to_owned();
        if let Some(limit) = limits::cause(error, "no connection could be made") {
            return Self::Settings(Box::new(limit));
        }
        let chain = causes(error);
        let words = chain
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ");
        if let Some((_, tunnel)) = words.split_once("tunnel error: ") {
            let given = proxy.is_some_and(Proxy::has_user);
            let trouble = match tunnel {
                "unsuccessful" => ProxyTrouble::Refuses(None),
                "proxy authorization required" => ProxyTrouble::WantsUser { given },
                _ => trouble_of_proxy(&chain, &words, trust_warnings),
            };
            return Self::Proxy {
                host,
                proxy: named(proxy),
                trouble,
            };
        }
        if let Some(reason) = chain
            .iter()
            .find_map(|cause| tls_reason(*cause, trust_warnings))
        {
            return Self::Network {
                host,
                reason,
                passing: false,
            };
        }
        if is_unknown_name(&words) && !is_offline() {
            return Self::UnknownHost { host };
        }
        let reason = match connect_reason(&words) {
            Some(reason) => reason,
            None if error.is_connect() => {
                let way = proxy.map_or_else(String::new, |_| format!(" through {}", named(proxy)));
                format!(
                    "no connection{way} ({})",
                    text::line(last_cause(&words), SHORT)
                )
            }
            None => format!(
                "the connection broke off before the answer was complete ({})",
                text::line(last_cause(&words), SHORT)
            ),
        };
        Self::Network {
            host,
            reason,
            passing: true,
        }
    }
}

/// The proxy and where it is from, within a sentence.
pub(super) fn named(proxy: Option<&Proxy>) -> String {
    proxy.map_or_else(
        || "the proxy".to_owned(),
        |proxy| format!("the proxy {} (from {})", proxy.shown(), proxy.variable()),
    )
}

/// Why a proxy cannot be talked to.
fn trouble_of_proxy(
    chain: &[&(dyn Error + 'static)],
    words: &str,
    trust_warnings: &[String],
) -> ProxyTrouble {
    if let Some(reason) = chain
        .iter()
        .find_map(|cause| tls_reason(*cause, trust_warnings))
    {
        return ProxyTrouble::Fails {
            reason,
            passing: false,
        };
    }
    let reason = if is_unknown_name(words) && !is_offline() {
        "there is no such host".to_owned()
    } else if words.ends_with("unexpected end of file") {
        "it closed the connection without an answer".to_owned()
    } else {
        connect_reason(words)
            .unwrap_or_else(|| format!("no connection ({})", text::line(last_cause(words), SHORT)))
    };
    ProxyTrouble::Fails {
        reason,
        passing: true,
    }
}

/// What is behind an error, outermost first.
fn causes(error: &reqwest::Error) -> Vec<&(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source()).collect()
}

/// Why there is no connection, where it is one of the usual reasons.
fn connect_reason(words: &str) -> Option<String> {
    let reason = if words.contains("dns error") {
        if is_offline() {
            "its name could not be looked up, because this machine is not connected to any network"
        } else {
            "its name could not be looked up: this machine may be offline, or its name server does not answer"
        }
    } else if words.contains("Connection refused") {
        "nothing answers there (connection refused)"
    } else if words.contains("Network is unreachable") || words.contains("Network unreachable") {
        "this machine has no way to it (network is unreachable): it may be offline"
    } else {
        return None;
    };
    Some(reason.to_owned())
}

/// Whether the resolver knows that there is no such name, in the words of glibc and of musl;
/// anything else may pass.
fn is_unknown_name(words: &str) -> bool {
    words.contains("Name or service not known") || words.contains("Name does not resolve")
}

/// Whether this machine has no way to anywhere. Connecting a datagram socket sends nothing, it only
/// looks for a route; the addresses are for documentation.
fn is_offline() -> bool {
    let has_route = |from: &str, to: &str| {
        UdpSocket::bind(from)
            .and_then(|socket| socket.connect(to))
            .is_ok()
    };
    !has_route("0.0.0.0:0", "203.0.113.1:9") && !has_route("[::]:0", "[2001:db8::1]:9")
}

fn last_cause(words: &str) -> &str {
    words.rsplit(": ").next().unwrap_or(words)
}

/// Why a TLS handshake failed, if that is what `error` is.
fn tls_reason(error: &(dyn Error + 'static), trust_warnings: &[String]) -> Option<String> {
    use rustls::{CertificateError as Certificate, Error as Tls};
    // I/O errors hold the cause without naming it as their source, and hold each other.
    let mut inner = error;
    while let Some(next) = inner
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
    {
        inner = next;
    }
    let inner = inner.downcast_ref::<Tls>()?;
    let day = |time: &rustls::pki_types::UnixTime| {
        let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        DateTime::from_timestamp(seconds, 0)
            .map_or_else(String::new, |time| time.format("%Y-%m-%d").to_string())
    };
    Some(match inner {
        Tls::InvalidCertificate(Certificate::UnknownIssuer) => {
            let reason =
                "its TLS certificate comes from an authority that this machine does not trust";
            [&[reason.to_owned()], trust_warnings].concat().join("; ")
        }
        Tls::InvalidCertificate(Certificate::ExpiredContext { time, not_after }) => {
            format!(
                "its TLS certificate ended on {}, and this machine's clock says {}",
                day(not_after),
                day(time)
            )
        }
        Tls::InvalidCertificate(Certificate::NotValidYetContext { time, not_before }) => {
            format!(
                "its TLS certificate starts on {}, but this machine's clock says {}",
                day(not_before),
                day(time)
            )
        }
        Tls::InvalidCertificate(
            Certificate::NotValidForNameContext { .. } | Certificate::NotValidForName,
        ) => "its TLS certificate is for another host".to_owned(),
        Tls::InvalidMessage(_) => "it does not speak TLS at this port".to_owned(),
        other => format!("TLS failed ({})", text::line(&other.to_string(), 100)),
    })
}
