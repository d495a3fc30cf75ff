//! A request as Lambda's fronts write it: HTTP APIs of version 2, Function URLs, HTTP and REST APIs
//! of version 1, load balancers (documented). One lenient reader for all of them: fields that are
//! missing or of another type count as not there.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

/// The largest body: Slack's events have a few kilobytes.
const LARGEST_BODY: usize = 1024 * 1024;

/// A request to the function.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// `POST` and the like.
    pub method: String,
    /// The path, with a stage's name before it where the front has one.
    pub path: String,
    /// All headers; each value of one that came twice.
    pub headers: HeaderMap,
    /// The body's bytes as they were sent.
    pub body: Vec<u8>,
    /// The shape of the answer that this front takes.
    answer: AnswerShape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AnswerShape {
    /// Version 2, where a field may be missing; an emulator wants `cookies`.
    Version2,
    /// Any other field makes a REST API refuse the answer (seen in reports).
    Version1,
    /// A load balancer that was told to pass on each value of a header.
    ManyValues,
}

/// An event that is no request, or one with a body that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Nothing in it names a method.
    #[error("no_request")]
    NoRequest,
    /// The body is no text, or no base64 although it should be.
    #[error("body_unreadable")]
    Body,
    /// The body is larger than 1 MiB.
    #[error("body_too_large")]
    TooLarge,
}

impl Unreadable {
    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NoRequest | Self::Body => 400,
            Self::TooLarge => 413,
        }
    }
}

impl Delivery {
    /// Reads an event.
    ///
    /// # Errors
    ///
    /// As [`Unreadable`] says.
    pub fn read(event: &Value) -> Result<Self, Unreadable> {
        let context = &event["requestContext"]["http"];
        let method = context["method"].as_str().or(event["httpMethod"].as_str());
        let path = event["rawPath"].as_str().or(event["path"].as_str());
        let many = event["multiValueHeaders"].as_object();
        let single = event["headers"].as_object();
        let answer = match (&event["version"], many, single) {
            (Value::String(version), _, _) if version == "2.0" => AnswerShape::Version2,
            (_, Some(_), None) => AnswerShape::ManyValues,
            _ => AnswerShape::Version1,
        };
        Ok(Self {
            method: method.ok_or(Unreadable::NoRequest)?.to_owned(),
            path: path.unwrap_or_default().to_owned(),
            headers: match (many, single) {
                (Some(many), _) if !many.is_empty() => read_headers(many),
                (_, Some(single)) => read_headers(single),
                _ => HeaderMap::new(),
            },
            body: read_body(&event["body"], &event["isBase64Encoded"])?,
            answer,
        })
    }

    /// Writes the answer.
    #[must_use]
    pub fn respond(&self, status: u16, body: &str) -> Value {
        respond(self.answer, status, body)
    }
}

/// Writes the answer to an event that is no request.
#[must_use]
pub fn respond_unreadable(unreadable: Unreadable) -> Value {
    respond(AnswerShape::Version1, unreadable.status(), "")
}

fn respond(shape: AnswerShape, status: u16, body: &str) -> Value {
    let kind = "text/plain; charset=utf-8";
    let mut answer = json!({"statusCode": status, "body": body, "isBase64Encoded": false});
    match shape {
        AnswerShape::ManyValues => answer["multiValueHeaders"] = json!({"content-type": [kind]}),
        AnswerShape::Version1 => answer["headers"] = json!({"content-type": kind}),
        AnswerShape::Version2 => {
            answer["headers"] = json!({"content-type": kind});
            answer["cookies"] = json!([]);
        }
    }
    answer
}

/// Reads names in any case, with one value or a list of them. What HTTP does not allow was not sent.
fn read_headers(found: &Map<String, Value>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, values) in found {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            continue;
        };
        let values = match values {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values.iter().filter_map(Value::as_str) {
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                // More than a map holds, which no front passes on, are left out.
                let _ = headers.try_append(&name, value);
            }
        }
    }
    headers
}

fn read_body(body: &Value, is_base64: &Value) -> Result<Vec<u8>, Unreadable> {
    let text = match body {
        Value::Null => "",
        Value::String(text) => text,
        _ => return Err(Unreadable::Body),
    };
    // Four characters for three bytes.
    if text.len() > LARGEST_BODY / 3 * 4 + 4 {
        return Err(Unreadable::TooLarge);
    }
    let body = if *is_base64 == true {
        BASE64_STANDARD.decode(text).map_err(|_| Unreadable::Body)?
    } else {
        text.as_bytes().to_vec()
    };
    if body.len() > LARGEST_BODY {
        return Err(Unreadable::TooLarge);
    }
    Ok(body)
}
