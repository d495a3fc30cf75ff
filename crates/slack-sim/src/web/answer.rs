//! Answers: `ok`, or why not. Nearly all of them have status 200.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};

use crate::json::encode_json;

/// A method's answer, `ok` left out.
pub(crate) type Reply = Result<Value, Refusal>;

#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    pub(crate) body: String,
    headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(super) fn success(mut body: Value) -> Self {
        body["ok"] = json!(true);
        Self::json(200, &body)
    }

    fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            body: encode_json(body),
            headers: Vec::new(),
        }
    }

    /// Adds what Slack warns of.
    pub(super) fn note_warning(&mut self, warning: Option<&'static str>) {
        let Some(warning) = warning else { return };
        let Ok(mut body) = serde_json::from_str::<Value>(&self.body) else {
            return;
        };
        body["warning"] = json!(warning);
        body["response_metadata"]["warnings"] = json!([warning]);
        self.body = encode_json(&body);
    }

    /// Adds the headers with the scopes that the token has, and the one that was needed.
    pub(super) fn note_scopes(&mut self, scopes: &str, accepted: &str) {
        self.headers.push(("x-oauth-scopes", scopes.to_owned()));
        if !accepted.is_empty() {
            let accepted = accepted.to_owned();
            self.headers.push(("x-accepted-oauth-scopes", accepted));
        }
    }

    pub(crate) fn add_header(&mut self, name: &'static str, value: String) {
        self.headers.push((name, value));
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// An error in Slack's words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    error: &'static str,
    status: u16,
    retry_after: Option<u64>,
    more: Vec<(&'static str, Value)>,
}

impl Refusal {
    pub(crate) fn new(error: &'static str) -> Self {
        Self {
            error,
            status: 200,
            retry_after: None,
            more: Vec::new(),
        }
    }

    /// 429, with the seconds after which to come back.
    pub(crate) fn rate_limited(seconds: u64) -> Self {
        let mut refusal = Self::new("ratelimited").with_status(429);
        refusal.retry_after = Some(seconds);
        refusal
    }

    pub(super) fn missing_scope(needed: &str, provided: &str) -> Self {
        Self::new("missing_scope")
            .with("needed", json!(needed))
            .with("provided", json!(provided))
    }

    /// An argument that must be there. The sentence is assumed.
    pub(super) fn missing_argument(name: &str) -> Self {
        Self::invalid_argument(&format!("missing required field: {name}"))
    }

    pub(super) fn invalid_argument(message: &str) -> Self {
        let messages = json!({"messages": [format!("[ERROR] {message}")]});
        Self::new("invalid_arguments").with("response_metadata", messages)
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.more.push((name, value));
        self
    }

    pub(crate) fn into_answer(self) -> Answer {
        let mut body = json!({"ok": false, "error": self.error});
        for (name, value) in self.more {
            body[name] = value;
        }
        let mut answer = Answer::json(self.status, &body);
        if let Some(seconds) = self.retry_after {
            answer.add_header("retry-after", seconds.to_string());
        }
        answer
    }
}
