//! Why an exchange failed on the way, in words: what the HTTP client's errors are made of.

use std::{error::Error, net::UdpSocket};

use chrono::DateTime;
use printable::line;
use rustls::pki_types::UnixTime;

use crate::{Proxy, ProxyTrouble, name_proxy};

/// The most characters of a library's own words.
const SHORT: usize = 100;

/// The cause why no answer came, or no whole one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The name server knows no such host.
    UnknownHost,
    /// Trouble between us and the proxy, or between it and the host.
    Proxy(ProxyTrouble),
    /// No connection to the host, or one that broke off.
    Connection {
        /// The reason, within a sentence that names the host.
        reason: String,
        /// Another try may help.
        passing: bool,
    },
}

impl Cause {
    /// Returns whether another try may help.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Proxy(ProxyTrouble::Fails { passing, .. }) | Self::Connection { passing, .. } => {
                *passing
            }
            Self::Proxy(_) | Self::UnknownHost => false,
        }
    }
}

/// Puts the client library's error into words. An authority that is not trusted may be in a file
/// that could not be read: `trust_warnings` say so.
#[must_use]
pub fn find_cause(
    error: &reqwest::Error,
    proxy: Option<&Proxy>,
    trust_warnings: &[String],
) -> Cause {
    let chain: Vec<&(dyn Error + 'static)> =
        std::iter::successors(error.source(), |&cause| cause.source()).collect();
    let words = chain
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ");
    let tls = chain
        .iter()
        .find_map(|cause| tls_reason(*cause, trust_warnings));
    if let Some((_, tunnel)) = words.split_once("tunnel error: ") {
        return Cause::Proxy(match (tunnel, tls) {
            ("unsuccessful", _) => ProxyTrouble::Refuses(None),
            ("proxy authorization required", _) => ProxyTrouble::WantsUser {
                given: proxy.is_some_and(Proxy::has_user),
            },
            (_, Some(reason)) => ProxyTrouble::Fails {
                reason,
                passing: false,
            },
            (_, None) => ProxyTrouble::Fails {
                reason: proxy_reason(&words),
                passing: true,
            },
        });
    }
    if let Some(reason) = tls {
        return Cause::Connection {
            reason,
            passing: false,
        };
    }
    if error.is_connect() && proxy.is_some() && error.is_timeout() {
        return Cause::Proxy(ProxyTrouble::Fails {
            reason: "it opened no connection to the host in time".to_owned(),
            passing: true,
        });
    }
    if is_unknown_name(&words) && !is_offline() {
        return Cause::UnknownHost;
    }
    let last = line(last_cause(&words), SHORT);
    let reason = match connect_reason(&words) {
        Some(reason) => reason.to_owned(),
        None if error.is_connect() => match proxy {
            Some(_) => format!("no connection through {} ({last})", name_proxy(proxy)),
            None => format!("no connection ({last})"),
        },
        None => format!("the connection broke off before the answer was complete ({last})"),
    };
    Cause::Connection {
        reason,
        passing: true,
    }
}

/// Returns why a proxy cannot be talked to.
fn proxy_reason(words: &str) -> String {
    if is_unknown_name(words) && !is_offline() {
        "there is no such host".to_owned()
    } else if words.ends_with("unexpected end of file") {
        "it closed the connection without an answer".to_owned()
    } else {
        connect_reason(words).map_or_else(
            || format!("no connection ({})", line(last_cause(words), SHORT)),
            str::to_owned,
        )
    }
}

/// Returns why there is no connection, where it is one of the usual reasons.
fn connect_reason(words: &str) -> Option<&'static str> {
    if words.contains("dns error") {
        Some(if is_offline() {
            "its name could not be looked up, because this machine is not connected to any network"
        } else {
            "its name could not be looked up: this machine may be offline, or its name server does \
                not answer"
        })
    } else if words.contains("Connection refused") {
        Some("nothing answers there (connection refused)")
    } else if words.contains("Network is unreachable") || words.contains("Network unreachable") {
        Some("this machine has no way to it (network is unreachable): it may be offline")
    } else {
        None
    }
}

/// Returns whether the resolver knows that there is no such name, in the words of glibc and of musl;
/// anything else may pass.
fn is_unknown_name(words: &str) -> bool {
    words.contains("Name or service not known") || words.contains("Name does not resolve")
}

/// Returns whether this machine has no way to anywhere. Connecting a datagram socket sends nothing,
/// it only looks for a route; the addresses are for documentation.
fn is_offline() -> bool {
    let routes = [
        ("0.0.0.0:0", "203.0.113.1:9"),
        ("[::]:0", "[2001:db8::1]:9"),
    ];
    !routes.iter().any(|(from, to)| {
        let socket = UdpSocket::bind(from);
        socket.and_then(|socket| socket.connect(to)).is_ok()
    })
}

fn last_cause(words: &str) -> &str {
    words.rsplit(": ").next().unwrap_or(words)
}

/// Returns why a TLS handshake failed, if that is what `error` is.
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
    Some(match inner {
        Tls::InvalidCertificate(Certificate::UnknownIssuer) => {
            let reason =
                "its TLS certificate comes from an authority that this machine does not trust";
            [&[reason.to_owned()], trust_warnings].concat().join("; ")
        }
        Tls::InvalidCertificate(Certificate::ExpiredContext { time, not_after }) => {
            format!(
                "its TLS certificate ended on {}, and this machine's clock says {}",
                format_day(not_after),
                format_day(time)
            )
        }
        Tls::InvalidCertificate(Certificate::NotValidYetContext { time, not_before }) => {
            format!(
                "its TLS certificate starts on {}, but this machine's clock says {}",
                format_day(not_before),
                format_day(time)
            )
        }
        Tls::InvalidCertificate(
            Certificate::NotValidForNameContext { .. } | Certificate::NotValidForName,
        ) => "its TLS certificate is for another host".to_owned(),
        Tls::InvalidMessage(_) => "it does not speak TLS at this port".to_owned(),
        other => format!("TLS failed ({})", line(&other.to_string(), SHORT)),
    })
}

fn format_day(time: &UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    DateTime::from_timestamp(seconds, 0)
        .map_or_else(String::new, |time| time.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_by_the_words_of_either_libc() {
        for (words, told) in [
            (
                "dns error: failed to lookup address information",
                "could not be looked up",
            ),
            (
                "tcp connect error: Connection refused (os error 111)",
                "connection refused",
            ),
            (
                "tcp connect error: Network is unreachable (os error 101)",
                "may be offline",
            ),
            (
                "tcp connect error: Network unreachable (os error 101)",
                "may be offline",
            ),
        ] {
            let reason = connect_reason(words).unwrap();
            assert!(reason.contains(told), "{words}: {reason}");
        }
        assert_eq!(connect_reason("connection reset"), None);
        assert!(is_unknown_name("dns error: Name or service not known"));
        assert!(is_unknown_name("dns error: Name does not resolve"));
        assert!(!is_unknown_name(
            "dns error: Temporary failure in name resolution"
        ));
        assert_eq!(
            last_cause("error sending: client error: reset by peer"),
            "reset by peer"
        );
        assert_eq!(last_cause("reset"), "reset");
    }
}
