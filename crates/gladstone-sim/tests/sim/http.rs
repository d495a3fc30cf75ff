//! A client just large enough to see on the wire what a real one would hide.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use gladstone_sim::Club;
use serde_json::Value;
use tokio_rustls::rustls::{
    self, ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

pub(crate) const ANONYMOUS: &str = "/api/samlauthentication/anonymous";
pub(crate) const SESSIONS: &str = "/api/availability/V2/sessions";

/// An answer, its body as it was before the transfer encoding.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// The body came to its proper end.
    pub(crate) whole: bool,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// `Jwt=…` without its attributes.
    pub(crate) fn cookie(&self) -> &str {
        self.headers["set-cookie"].split(';').next().unwrap()
    }
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// One request on a connection of its own.
pub(crate) fn request(
    club: &Club,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> io::Result<Answer> {
    exchange(connect(club)?, method, target, headers, "")
}

/// A POST with a JSON body.
pub(crate) fn post(club: &Club, target: &str, json: &str) -> io::Result<Answer> {
    exchange(
        connect(club)?,
        "POST",
        target,
        &[("Content-Type", "application/json")],
        json,
    )
}

/// A request with a body.
pub(crate) fn send(
    club: &Club,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    exchange(connect(club)?, method, target, headers, body)
}

/// The same as `request`, over TLS.
pub(crate) fn request_tls(club: &Club, roots: &str, target: &str) -> io::Result<Answer> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(roots.as_bytes()) {
        store
            .add(certificate.map_err(io::Error::other)?)
            .map_err(io::Error::other)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(store)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").map_err(io::Error::other)?;
    let connection: ClientConnection =
        rustls::ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    exchange(
        StreamOwned::new(connection, connect(club)?),
        "GET",
        target,
        &[],
        "",
    )
}

/// A request with a fresh anonymous session.
pub(crate) fn visit(club: &Club, target: &str) -> Answer {
    try_visit(club, target, &[]).unwrap()
}

/// The same, if it comes to an answer at all.
pub(crate) fn try_visit(club: &Club, target: &str, more: &[(&str, &str)]) -> io::Result<Answer> {
    let anonymous = request(club, "GET", ANONYMOUS, &[])?;
    request(
        club,
        "GET",
        target,
        &[&[("Cookie", anonymous.cookie()), ("X-Use-Sso", "1")], more].concat(),
    )
}

/// A connection that says nothing yet.
pub(crate) fn connect(club: &Club) -> io::Result<TcpStream> {
    let url = club.url();
    let stream = TcpStream::connect(url.rsplit('/').next().unwrap())?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    Ok(stream)
}

fn exchange(
    mut stream: impl Read + Write,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = body.len();
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:1\r\nConnection: close\r\n\
         Content-Length: {length}\r\n{headers}\r\n{body}"
    )?;
    let mut raw = Vec::new();
    match stream.read_to_end(&mut raw) {
        // A TLS connection that breaks off without saying so is still worth looking at.
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
        _ => parse(&raw).ok_or_else(|| io::ErrorKind::UnexpectedEof.into()),
    }
}

fn parse(raw: &[u8]) -> Option<Answer> {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&raw[..end]).unwrap();
    let (first, rest) = head.split_once("\r\n").unwrap_or((head, ""));
    let headers: BTreeMap<_, _> = rest
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let body = &raw[end + 4..];
    let (body, whole) = match headers.get("content-length") {
        Some(length) => (body.to_vec(), length.parse() == Ok(body.len())),
        None => unchunk(body),
    };
    Some(Answer {
        status: first.split(' ').nth(1)?.parse().ok()?,
        headers,
        body,
        whole,
    })
}

fn unchunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(line) = rest.windows(2).position(|two| two == b"\r\n") else {
            return (body, false);
        };
        let length =
            usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        if length == 0 {
            return (body, true);
        }
        let Some(chunk) = rest.get(line + 2..line + 2 + length) else {
            return (body, false);
        };
        body.extend_from_slice(chunk);
        rest = &rest[line + 2 + length + 2..];
    }
}
