//! A delivery over HTTP: its headers, its signature, and what the app's answer means.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
};
use serde_json::Value;
use sim_server::{locked, machine_time};

use super::Outcome;
use crate::{
    exchange::{self, Answer, Failure},
    json::encode_json,
    signature::sign_body,
    sim::Sim,
};

/// A body and the signature that goes with it.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    payload: Value,
    body: Bytes,
    timestamp: String,
    signature: String,
}

impl Signed {
    /// Signs a body with the time that the clock shows now.
    pub(crate) fn new(sim: &Sim, payload: &Value) -> Self {
        // What a client compares with its own clock is the machine's time, unless they share one.
        let now = if sim.setup.signs_by_own_clock {
            sim.stamps.now()
        } else {
            machine_time()
        };
        let timestamp = now.timestamp().to_string();
        let body = Bytes::from(encode_json(payload));
        let signature = sign_body(&locked(&sim.app).signing_secret, &timestamp, &body);
        Self {
            payload: payload.clone(),
            body,
            timestamp,
            signature,
        }
    }

    pub(super) fn payload(&self) -> &Value {
        &self.payload
    }

    /// Posts it. The headers of a retry come in `more`.
    pub(crate) async fn post(&self, url: &str, more: HeaderMap) -> Result<Answer, Failure> {
        let mut headers = HeaderMap::new();
        let fixed = [
            (header::CONTENT_TYPE, "application/json"),
            (header::ACCEPT, "*/*"),
            (
                header::USER_AGENT,
                "Slackbot 1.0 (+https://api.slack.com/robots)",
            ),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        insert(
            &mut headers,
            "x-slack-request-timestamp",
            self.timestamp.clone(),
        );
        insert(&mut headers, "x-slack-signature", self.signature.clone());
        headers.extend(more);
        exchange::send_request(Method::POST, url, &headers, &self.body).await
    }
}

/// Posts an event once; true when the app wants no retry.
pub(super) async fn post_event(
    url: &str,
    signed: &Signed,
    retry: usize,
    reason: Option<&'static str>,
) -> (Outcome, bool) {
    let mut headers = HeaderMap::new();
    if let Some(reason) = reason {
        insert(&mut headers, "x-slack-retry-num", retry.to_string());
        insert(&mut headers, "x-slack-retry-reason", reason.to_owned());
    }
    match signed.post(url, headers).await {
        Ok(answer) => {
            let no_retry = answer.headers.get("x-slack-no-retry");
            let is_final = no_retry.is_some_and(|value| value == "1");
            (Outcome::Answered(answer.status), is_final)
        }
        Err(failure) => (Outcome::Failed(name_failure(&failure)), false),
    }
}

/// The failure in the words of `x-slack-retry-reason`.
fn name_failure(failure: &Failure) -> &'static str {
    match failure {
        Failure::Connection(_) | Failure::Broken(_) => "connection_failed",
        Failure::Redirects => "too_many_redirects",
        Failure::Address(_) => "unknown_error",
    }
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
