//! Every request that a simulator received, in order, and what became of it.

use std::{any::Any, collections::BTreeMap, io::Write};

use axum::http::{StatusCode, request::Parts};
use serde::{Serialize, Serializer};

/// Headers whose values the control endpoint does not tell.
const CREDENTIALS: [&str; 4] = ["cookie", "x-amz-security-token", "x-api-key", "x-password"];

/// A request as it came in, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The first call is 1.
    pub number: u32,
    /// Number of the connection that it came on; the first one is 1.
    pub connection: u64,
    pub method: String,
    /// Path and query as they came over the wire.
    pub target: String,
    pub path: String,
    /// Without `?`; may be empty.
    pub query: String,
    /// By lower-case name; several of one name are joined with `, `. The control endpoint hides
    /// credentials.
    #[serde(serialize_with = "without_credentials")]
    pub headers: BTreeMap<String, String>,
    /// Empty until all of it has arrived. The control endpoint does not tell it.
    #[serde(skip)]
    pub body: Vec<u8>,
    /// The status answered; `None` while it is not, and for good when the connection was cut.
    pub status: Option<u16>,
    /// The fault that struck it, as text.
    pub fault: Option<String>,
}

impl Call {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn new(number: u32, parts: &Parts, connection: u64) -> Self {
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            headers
                .entry(name.to_string())
                .and_modify(|before| *before = format!("{before}, {value}"))
                .or_insert_with(|| value.to_string());
        }
        let target = parts.uri.path_and_query().map(ToString::to_string);
        Self {
            number,
            connection,
            method: parts.method.to_string(),
            target: target.unwrap_or_default(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers,
            body: Vec::new(),
            status: None,
            fault: None,
        }
    }
}

/// The calls so far, and the panics of their handlers.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// In order of arrival.
    pub(crate) calls: Vec<Call>,
    pub(crate) panics: Vec<String>,
    /// Each answered call goes to stderr as well.
    pub(crate) log: bool,
}

impl Journal {
    pub(crate) fn next_number(&self) -> u32 {
        u32::try_from(self.calls.len() + 1).unwrap_or(u32::MAX)
    }

    /// Notes a request and returns its number.
    pub(crate) fn note_request(&mut self, parts: &Parts, connection: u64) -> u32 {
        let number = self.next_number();
        self.calls.push(Call::new(number, parts, connection));
        number
    }

    /// The call with that number.
    pub(crate) fn call_mut(&mut self, number: u32) -> Option<&mut Call> {
        self.calls.get_mut((number as usize).checked_sub(1)?)
    }

    /// Notes the answer to a request: none when the connection was cut.
    pub(crate) fn note_answer(&mut self, number: u32, status: Option<StatusCode>) {
        let log = self.log;
        let Some(call) = self.call_mut(number) else {
            return;
        };
        call.status = status.map(|status| status.as_u16());
        if log {
            let status = call
                .status
                .map_or("cut".to_owned(), |status| status.to_string());
            let (method, target, connection) = (&call.method, &call.target, call.connection);
            // Nobody reads the log any more: no reason to stop serving.
            let _ = writeln!(
                std::io::stderr(),
                "{method} {target} {status} (connection {connection})"
            );
        }
    }
}

/// The message of a panic.
pub fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
        .to_owned()
}

fn without_credentials<S: Serializer>(
    headers: &BTreeMap<String, String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(headers.iter().map(|(name, value)| {
        let shown = match name.as_str() {
            // The scheme stays.
            "authorization" => format!("{} …", value.split(' ').next().unwrap_or_default()),
            name if CREDENTIALS.contains(&name) => "…".to_owned(),
            _ => value.clone(),
        };
        (name, shown)
    }))
}
