//! Answers, and the platform's shape of an error.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};
use sim_server::Pieces;

pub(crate) type Reply = Result<Answer, Refusal>;

/// A body and what it is.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Content,
    /// `Retry-After` and the like.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// A body that is there, or one that comes piece by piece.
pub(crate) enum Content {
    Whole(Vec<u8>),
    Stream(Pieces),
}

impl Answer {
    pub(crate) fn json(value: &Value) -> Self {
        Self::bytes("application/json", value.to_string().into_bytes())
    }

    pub(crate) fn bytes(content_type: &'static str, body: Vec<u8>) -> Self {
        Self::new(content_type, Content::Whole(body))
    }

    /// Server-sent events.
    pub(crate) fn events(pieces: Pieces) -> Self {
        let mut answer = Self::new("text/event-stream", Content::Stream(pieces));
        answer
            .headers
            .push(("cache-control", "no-cache".to_owned()));
        answer
    }

    fn new(content_type: &'static str, body: Content) -> Self {
        Self {
            status: 200,
            content_type,
            body,
            headers: Vec::new(),
        }
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// On the wire, body included.
    pub(crate) fn into_response(self) -> Response {
        let (head, body) = self.split();
        head.map(|()| match body {
            Content::Whole(bytes) => Body::from(bytes),
            Content::Stream(pieces) => Body::from_stream(pieces),
        })
    }

    /// The head alone, for faults that play with the body.
    pub(crate) fn split(self) -> (Response<()>, Content) {
        let mut head = Response::new(());
        *head.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        head.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                head.headers_mut().insert(name, value);
            }
        }
        (head, self.body)
    }
}

/// An error of the platform. Clients branch on the status; the type strings are documented for
/// most, assumed for 409 and 503.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
    /// In the header that AWS's own front ends tell it in, of what they refuse themselves.
    pub(crate) aws: Option<&'static str>,
    /// Below `details`, of those that the SDK names.
    pub(crate) code: Option<&'static str>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            aws: None,
            code: None,
        }
    }

    pub(crate) fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(crate) fn not_found(kind: &str, id: &str) -> Self {
        Self::new(404, format!("{kind} `{id}` not found"))
    }

    fn error_type(&self) -> &'static str {
        match self.status {
            401 => "authentication_error",
            402 => "billing_error",
            403 => "permission_error",
            404 => "not_found_error",
            409 => "conflict_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            504 => "timeout_error",
            529 => "overloaded_error",
            500.. => "api_error",
            _ => "invalid_request_error",
        }
    }

    /// As JSON, with the id that the header `request-id` tells as well.
    pub(crate) fn into_answer(self, request_id: &str) -> Answer {
        let mut error = json!({"type": self.error_type(), "message": self.message});
        if let Some(code) = self.code {
            error["details"] = json!({"error_code": code});
        }
        let body = json!({"type": "error", "error": error, "request_id": request_id});
        let mut answer = Answer::json(&body).with_status(self.status);
        answer
            .headers
            .extend(self.aws.map(|name| ("x-amzn-errortype", name.to_owned())));
        answer
    }
}
