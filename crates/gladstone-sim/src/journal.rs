//! Every call the club received, in order.

use std::{collections::BTreeMap, io::Write};

use axum::http::{StatusCode, request::Parts};
use serde::Serialize;

/// A request as it came in, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// `GET`, or `POST` for a login.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query as it came over the wire, without `?`; may be empty.
    pub query: String,
    /// Headers by lower-case name; several of one name are joined with `, `.
    pub headers: BTreeMap<String, String>,
    /// The body as it came over the wire. Not part of what the control endpoint tells.
    #[serde(skip)]
    pub body: Vec<u8>,
    /// Which connection it came on; the first of the club is 1.
    pub connection: u64,
    /// The status answered; `None` while it is not, and for good when the connection was reset.
    pub status: Option<u16>,
}

impl Call {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn new(parts: &Parts, connection: u64) -> Self {
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            headers
                .entry(name.to_string())
                .and_modify(|before| *before = format!("{before}, {value}"))
                .or_insert_with(|| value.to_string());
        }
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers,
            body: Vec::new(),
            connection,
            status: None,
        }
    }
}

/// The calls so far, and the panics of their handlers.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// In order of arrival.
    pub(crate) calls: Vec<Call>,
    /// What the handlers said when they panicked.
    pub(crate) panics: Vec<String>,
    /// Whether each answered call goes to stderr as well.
    pub(crate) log: bool,
}

impl Journal {
    /// Notes a request; the answer belongs to the number it returns.
    pub(crate) fn arrived(&mut self, parts: &Parts, connection: u64) -> usize {
        self.calls.push(Call::new(parts, connection));
        self.calls.len() - 1
    }

    /// Notes the body of a request.
    pub(crate) fn brought(&mut self, number: usize, body: &[u8]) {
        if let Some(call) = self.calls.get_mut(number) {
            call.body = body.to_vec();
        }
    }

    /// Notes the answer to a request: none when the connection was reset.
    pub(crate) fn answered(&mut self, number: usize, status: Option<StatusCode>) {
        let Some(call) = self.calls.get_mut(number) else {
            return;
        };
        call.status = status.map(|status| status.as_u16());
        if self.log {
            let status = call
                .status
                .map_or_else(|| "reset".to_owned(), |status| status.to_string());
            let Call {
                method,
                path,
                query,
                connection,
                ..
            } = call;
            let mark = if query.is_empty() { "" } else { "?" };
            // Nobody reads the log any more: no reason to stop serving.
            let _ = writeln!(
                std::io::stderr(),
                "{method} {path}{mark}{query} {status} (connection {connection})"
            );
        }
    }
}
