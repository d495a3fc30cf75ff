//! Answers of the JSON services: a body, or an error in AWS's words.

use std::borrow::Cow;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Map, Value, json};

/// An operation's answer.
pub(crate) type Reply = Result<Value, Refusal>;

/// An answer before it is bytes on the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) headers: Vec<(Cow<'static, str>, String)>,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            body: body.into(),
            headers: vec![("content-type".into(), content_type.to_owned())],
        }
    }

    pub(crate) fn add_header(&mut self, name: &'static str, value: impl Into<String>) {
        self.headers.push((name.into(), value.into()));
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(&*name), HeaderValue::try_from(value))
            {
                headers.append(name, value);
            }
        }
        headers
            .entry(header::CONTENT_TYPE)
            .or_insert(HeaderValue::from_static("application/json"));
        response
    }
}

/// An error of a service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) error: String,
    pub(crate) message: String,
    /// Fields beside type and message.
    pub(crate) more: Map<String, Value>,
}

impl Refusal {
    pub(crate) fn new(error: &str, message: &str) -> Self {
        Self {
            error: error.to_owned(),
            message: message.to_owned(),
            more: Map::new(),
        }
    }

    pub(crate) fn validation(message: &str) -> Self {
        Self::new("ValidationException", message)
    }

    /// A validation error in the usual frame of DynamoDB.
    pub(crate) fn invalid(message: &str) -> Self {
        Self::validation(&format!(
            "One or more parameter values were invalid: {message}"
        ))
    }

    pub(crate) fn serialization(message: &str) -> Self {
        Self::new("SerializationException", message)
    }

    pub(crate) fn access_denied(who: &str, action: &str, resource: &str) -> Self {
        Self::new(
            "AccessDeniedException",
            &format!(
                "User: {who} is not authorized to perform: {action} on resource: {resource} \
                 because no identity-based policy allows the {action} action"
            ),
        )
    }

    pub(crate) fn with(mut self, field: &str, value: Value) -> Self {
        self.more.insert(field.to_owned(), value);
        self
    }

    /// The error as the services with `X-Amz-Target` tell it.
    pub(crate) fn into_json(self, prefix: &str) -> Value {
        let mut body = json!({"__type": format!("{prefix}{}", self.error)});
        // Some of the services' parts write it with a capital (documented nowhere).
        let field = match self.error.as_str() {
            "AccessDeniedException" | "TransactionCanceledException" => "Message",
            _ => "message",
        };
        body[field] = json!(self.message);
        for (name, value) in self.more {
            body[name] = value;
        }
        body
    }
}
