//! Why a proxy refuses a tunnel. The HTTP client keeps nothing of such an answer, so the proxy is
//! asked once more.

use std::time::Duration;

use printable::line;
use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::{Proxy, ProxyTrouble, resolver};

/// The longest that an explanation is waited for: it is worth less than the next try.
const PATIENCE: Duration = Duration::from_secs(2);
/// The largest answer that is read.
const LIMIT: usize = 16 * 1024;
/// The most characters of a reason that are shown.
const REASON: usize = 160;
/// Headers in which proxies say why, by names that are in use: a cloud sandbox's, Squid's, RFC
/// 9209's.
const REASONS: [&str; 5] = [
    "x-deny-reason",
    "x-squid-error",
    "proxy-status",
    "x-proxy-error",
    "x-error",
];

/// A proxy's answer to CONNECT.
#[derive(Debug)]
pub struct Refusal {
    /// Its status; a success where the proxy lets the next try through.
    pub status: StatusCode,
    /// Its headers, which may state a wait.
    pub headers: HeaderMap,
    /// The start of its body.
    body: Vec<u8>,
}

impl Refusal {
    /// Returns what the answer of `proxy` means.
    #[must_use]
    pub fn explain(&self, proxy: &Proxy) -> ProxyTrouble {
        explain_refusal(self.status, Some(proxy), self.describe(proxy))
    }

    /// Returns the status and the proxy's reason in its own words, cleaned and shortened.
    fn describe(&self, proxy: &Proxy) -> String {
        let reason = self
            .stated_reason()
            .map(|reason| proxy.without_secrets(line(&reason, REASON)));
        match reason.filter(|reason| !reason.is_empty()) {
            Some(reason) => format!("{}: {reason}", self.status),
            None => self.status.to_string(),
        }
    }

    /// Returns a header's words; else a short text, or an HTML page's title.
    fn stated_reason(&self) -> Option<String> {
        let header = REASONS.iter().find_map(|name| self.headers.get(*name));
        if let Some(value) = header {
            return Some(String::from_utf8_lossy(value.as_bytes()).into_owned());
        }
        let body = String::from_utf8_lossy(&self.body);
        if !body.trim_start().starts_with('<') {
            return Some(body.into_owned());
        }
        let lower = body.to_ascii_lowercase();
        let start = lower.find("<title")?;
        let start = start + lower[start..].find('>')? + 1;
        let end = start + lower[start..].find('<')?;
        Some(body[start..end].to_owned())
    }
}

/// Returns what a proxy's answer means; `reason` is the proxy's own.
#[must_use]
pub fn explain_refusal(status: StatusCode, proxy: Option<&Proxy>, reason: String) -> ProxyTrouble {
    match status.as_u16() {
        // It may have thought better of it meanwhile.
        200..=299 => ProxyTrouble::Fails {
            reason: "it refused once and let the next try through".to_owned(),
            passing: true,
        },
        407 => ProxyTrouble::WantsUser {
            given: proxy.is_some_and(Proxy::has_user),
        },
        408 | 429 | 500..=599 => ProxyTrouble::Errs(reason),
        _ => ProxyTrouble::Refuses(Some(reason)),
    }
}

/// Asks `proxy` for a tunnel to `host` as the HTTP client does, and reads the answer; `None` where
/// none comes within two seconds.
pub async fn ask_for_reason(proxy: &Proxy, host: &str, port: u16) -> Option<Refusal> {
    timeout(PATIENCE, request_tunnel(proxy, host, port))
        .await
        .ok()
        .flatten()
}

async fn request_tunnel(proxy: &Proxy, host: &str, port: u16) -> Option<Refusal> {
    let address = proxy.address();
    // A proxy that is spoken to over TLS is believed without a reason.
    if address.scheme() != "http" {
        return None;
    }
    let name = address.host_str()?.trim_matches(['[', ']']);
    let addresses = resolver::look_up(name, address.port_or_known_default()?)
        .await
        .ok()?;
    let mut stream = TcpStream::connect(addresses.as_slice()).await.ok()?;
    let mut head =
        format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").into_bytes();
    if let Some(value) = proxy.authorization() {
        head.extend_from_slice(PROXY_AUTHORIZATION.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    stream.write_all(&head).await.ok()?;
    let mut received = Vec::new();
    let mut answer = None;
    while received.len() < LIMIT && !answer.as_ref().is_some_and(is_complete) {
        let mut part = [0; 4096];
        // A proxy may keep the connection open behind an answer without a length.
        match timeout(PATIENCE / 4, stream.read(&mut part)).await {
            Ok(Ok(count @ 1..)) => received.extend_from_slice(&part[..count]),
            Err(_) if answer.is_none() => continue,
            _ => break,
        }
        answer = parse_answer(&received);
    }
    answer
}

/// Returns whether the body is as long as its header says, or is none: behind a 200 comes the tunnel.
fn is_complete(answer: &Refusal) -> bool {
    let stated = answer
        .headers
        .get("content-length")
        .and_then(|value| value.to_str().ok()?.parse().ok());
    answer.status.is_success() || stated.is_some_and(|length: usize| answer.body.len() >= length)
}

/// Reads an answer whose head is complete.
fn parse_answer(received: &[u8]) -> Option<Refusal> {
    let end = received.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&received[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?;
    let status = StatusCode::from_bytes(status.as_bytes()).ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if let (Ok(name), Ok(value)) = (
            name.trim().parse::<HeaderName>(),
            HeaderValue::try_from(value.trim()),
        ) {
            headers.append(name, value);
        }
    }
    Some(Refusal {
        status,
        headers,
        body: received[end + 4..].to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn reason(answer: &str) -> String {
        let proxy =
            Proxy::parse("https_proxy", OsStr::new("http://agent:s3cret@proxy:3128")).unwrap();
        parse_answer(answer.as_bytes()).unwrap().describe(&proxy)
    }

    #[test]
    fn the_reason_is_a_headers_or_a_texts_or_a_pages_title() {
        for (rest, told) in [
            (
                "X-Deny-Reason: host_not_allowed\r\n\r\n",
                "403 Forbidden: host_not_allowed",
            ),
            (
                "x-squid-error: ERR_ACCESS_DENIED 0\r\n\r\n<html>",
                "403 Forbidden: ERR_ACCESS_DENIED 0",
            ),
            (
                "Proxy-Status: p; error=destination_ip_prohibited\r\n\r\n",
                "403 Forbidden: p; error=destination_ip_prohibited",
            ),
            (
                "\r\nhost is not\non the list\n",
                "403 Forbidden: host is not on the list",
            ),
            (
                "\r\n <html><TITLE lang=en>Not here</title>",
                "403 Forbidden: Not here",
            ),
            ("\r\n<html>no title", "403 Forbidden"),
            ("\r\n", "403 Forbidden"),
            ("\r\na\u{1b}[31mb", "403 Forbidden: ab"),
            ("x-deny-reason: s3cret is wrong\r\n\r\n", "403 Forbidden: …"),
            ("\r\nBasic YWdlbnQ6czNjcmV0 is wrong", "403 Forbidden: …"),
        ] {
            assert_eq!(
                reason(&format!("HTTP/1.1 403 No\r\n{rest}")),
                told,
                "{rest}"
            );
        }
        assert!(
            reason(&format!("HTTP/1.1 403 No\r\n\r\n{}", "x".repeat(9000)))
                .chars()
                .count()
                < 200
        );
    }

    #[test]
    fn what_is_no_answer_is_none() {
        for answer in [
            "",
            "HTTP/1.1 403 No\r\n",
            "SSH-2.0-x\r\n\r\n",
            "HTTP/1.1\r\n\r\n",
            "HTTP/1.1 9x No\r\n\r\n",
        ] {
            assert!(parse_answer(answer.as_bytes()).is_none(), "{answer}");
        }
    }

    #[test]
    fn an_answer_is_complete_at_its_stated_length() {
        for (answer, complete) in [
            ("403 No\r\ncontent-length: 3\r\n\r\nab", false),
            ("403 No\r\ncontent-length: 3\r\n\r\nabc", true),
            ("403 No\r\ncontent-length: 3\r\n\r\nabcd", true),
            ("403 No\r\ncontent-length: 0\r\n\r\n", true),
            ("403 No\r\n\r\nabc", false),
            ("403 No\r\ncontent-length: many\r\n\r\nabc", false),
            ("200 OK\r\n\r\n", true),
        ] {
            let parsed = parse_answer(format!("HTTP/1.1 {answer}").as_bytes()).unwrap();
            assert_eq!(is_complete(&parsed), complete, "{answer}");
        }
    }
}
