//! Every call the platform received, in order.

use std::collections::BTreeMap;

use axum::http::request::Parts;
use serde::{Serialize, Serializer};

use crate::fault::Fault;

/// A request as it came in, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The first call of the platform is 1.
    pub number: u32,
    /// `GET`, `POST` or `DELETE`.
    pub method: String,
    /// Path and query as they came over the wire.
    pub target: String,
    /// Headers by lower-case name; several of one name are joined with `, `. The control endpoint
    /// hides credentials.
    #[serde(serialize_with = "without_credentials")]
    pub headers: BTreeMap<String, String>,
    /// The body as it came over the wire; empty until all of it arrived. Not part of what the
    /// control endpoint tells.
    #[serde(skip)]
    pub body: Vec<u8>,
    /// The status answered; `None` while it is not, and for good when the connection was cut.
    pub status: Option<u16>,
    /// The fault that struck it.
    pub fault: Option<Fault>,
}

impl Call {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }
}

/// The calls so far, and the panics of their handlers.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// In order of arrival.
    pub(crate) calls: Vec<Call>,
    /// What the handlers said when they panicked.
    pub(crate) panics: Vec<String>,
}

impl Journal {
    /// Notes a request and gives it its number.
    pub(crate) fn arrived(&mut self, parts: &Parts) -> u32 {
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let joined = headers
                .get(name.as_str())
                .map(|before| format!("{before}, {value}"));
            headers.insert(
                name.to_string(),
                joined.unwrap_or_else(|| value.into_owned()),
            );
        }
        let number = u32::try_from(self.calls.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        self.calls.push(Call {
            number,
            method: parts.method.to_string(),
            target: parts
                .uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            headers,
            body: Vec::new(),
            status: None,
            fault: None,
        });
        number
    }

    /// The call with that number, to be completed.
    pub(crate) fn call(&mut self, number: u32) -> Option<&mut Call> {
        self.calls.get_mut((number as usize).checked_sub(1)?)
    }
}

fn without_credentials<S: Serializer>(
    headers: &BTreeMap<String, String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let hide = |(name, value): (&String, &String)| {
        let shown = match name.as_str() {
            // The scheme stays.
            "authorization" => format!("{} …", value.split(' ').next().unwrap_or_default()),
            "x-api-key" | "x-amz-security-token" => "…".to_owned(),
            _ => value.clone(),
        };
        (name.clone(), shown)
    };
    serializer.collect_map(headers.iter().map(hide))
}
