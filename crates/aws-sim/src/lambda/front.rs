//! The fronts of functions: `/http-api/FUNCTION/…`, `/function-url/FUNCTION/…`,
//! `/rest-api/FUNCTION/…`, `/alb/FUNCTION/…`, `/alb-multi-value/FUNCTION/…`. Each waits for the
//! function's answer and makes a response of it.

use std::sync::Arc;

use axum::http::{HeaderName, request::Parts};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{
    Deployed, Outcome,
    event::{Received, make_event},
    invoke,
};
use crate::{answer::Answer, sim::Sim};

/// What stands between a function and those who call it by HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Front {
    /// An HTTP API of API Gateway, payload format 2.0.
    HttpApi,
    FunctionUrl,
    /// A REST API of API Gateway, payload format 1.0.
    RestApi,
    /// An Application Load Balancer.
    Alb,
    /// The same with multi-value headers.
    AlbMultiValue,
}

impl Front {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::HttpApi,
        Self::FunctionUrl,
        Self::RestApi,
        Self::Alb,
        Self::AlbMultiValue,
    ];

    /// The first part of its paths.
    pub fn name(self) -> &'static str {
        match self {
            Self::HttpApi => "http-api",
            Self::FunctionUrl => "function-url",
            Self::RestApi => "rest-api",
            Self::Alb => "alb",
            Self::AlbMultiValue => "alb-multi-value",
        }
    }

    /// The largest body of a request (documented).
    fn largest(self) -> usize {
        match self {
            Self::HttpApi | Self::RestApi => 10 << 20,
            Self::FunctionUrl => 6 << 20,
            Self::Alb | Self::AlbMultiValue => 1 << 20,
        }
    }

    /// The answer where the function has none: status, type and body. Those for throttling are
    /// known of HTTP APIs and Function URLs, and assumed elsewhere.
    fn fail(self, trouble: Trouble) -> Answer {
        let json = "application/json";
        let (status, kind, body) = match (self, trouble) {
            (Self::HttpApi | Self::RestApi, Trouble::TooLarge) => {
                (413, json, r#"{"message":"Request Entity Too Large"}"#)
            }
            (_, Trouble::TooLarge) => (413, "text/plain", "Request Entity Too Large"),
            (Self::HttpApi, Trouble::NoRoute) => (404, json, r#"{"message":"Not Found"}"#),
            (_, Trouble::NoRoute) => (403, json, r#"{"message":"Forbidden"}"#),
            (_, Trouble::TooMany) => (429, json, r#"{"message":"Too Many Requests"}"#),
            (Self::HttpApi, Trouble::Throttled) => {
                (503, json, r#"{"message":"Service Unavailable"}"#)
            }
            (Self::FunctionUrl, Trouble::Throttled) => (
                429,
                json,
                r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#,
            ),
            (Self::RestApi, Trouble::Throttled) => {
                (500, json, r#"{"message": "Internal server error"}"#)
            }
            (Self::HttpApi, Trouble::Failed) => {
                (500, json, r#"{"message":"Internal Server Error"}"#)
            }
            (Self::FunctionUrl, Trouble::Failed) => (502, "text/plain", "Internal Server Error"),
            (Self::RestApi, Trouble::Failed) => {
                (502, json, r#"{"message": "Internal server error"}"#)
            }
            (Self::Alb | Self::AlbMultiValue, _) => (
                502,
                "text/html",
                "<html><head><title>502 Bad Gateway</title></head></html>",
            ),
        };
        Answer::new(status, kind, body)
    }
}

/// Why a front has no answer of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    TooLarge,
    NoRoute,
    /// More requests than its throttle admits, which only an HTTP API has here.
    TooMany,
    /// No environment is free.
    Throttled,
    /// A function error, or an answer that is none.
    Failed,
}

/// Answers a request to a front; none where the path names no front and function.
pub(crate) async fn answer_request(sim: &Arc<Sim>, parts: &Parts, body: &[u8]) -> Option<Answer> {
    let path = parts.uri.path().strip_prefix('/')?;
    let (front, rest) = path.split_once('/')?;
    let front = Front::ALL.into_iter().find(|one| one.name() == front)?;
    let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let deployed = sim.lambda.function(name)?;
    if body.len() > front.largest() {
        return Some(front.fail(Trouble::TooLarge));
    }
    let path = format!("/{rest}");
    let Some(route) = find_route(front, deployed, parts.method.as_str(), &path) else {
        return Some(front.fail(Trouble::NoRoute));
    };
    if front == Front::HttpApi && !deployed.admit(sim.control.clock.now()) {
        return Some(front.fail(Trouble::TooMany));
    }
    let event = make_event(
        front,
        &Received {
            method: &parts.method,
            path: &path,
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            body,
            request_id: sim.next_request_id(),
            route,
        },
    );
    Some(match invoke(sim, deployed, &event).await {
        Outcome::Answered(body) => {
            let answer = serde_json::from_slice(&body).ok();
            let answer = answer.and_then(|answer| make_answer(front, &answer));
            answer.unwrap_or_else(|| front.fail(Trouble::Failed))
        }
        Outcome::Failed(_) => front.fail(Trouble::Failed),
        Outcome::Throttled => front.fail(Trouble::Throttled),
    })
}

/// The route of an HTTP API; the other fronts have one for everything.
fn find_route(front: Front, deployed: &Deployed, method: &str, path: &str) -> Option<String> {
    let routes = &deployed.function.routes;
    if !deployed.function.fronts.contains(&front) {
        return None;
    }
    if front != Front::HttpApi || routes.is_empty() {
        return Some("$default".to_owned());
    }
    let fits = |route: &&String| match route.split_once(' ') {
        Some((wanted, at)) => (wanted == "ANY" || wanted == method) && at == path,
        None => *route == "$default",
    };
    routes.iter().find(fits).cloned()
}

/// The response that a function's answer asks for; none where it is malformed.
fn make_answer(front: Front, answer: &Value) -> Option<Answer> {
    let is_second = matches!(front, Front::HttpApi | Front::FunctionUrl);
    let Some(status) = answer.get("statusCode") else {
        // Format 2.0 takes everything else for a body.
        return is_second.then(|| Answer::new(200, "application/json", answer.to_string()));
    };
    let status = status.as_u64().or_else(|| status.as_str()?.parse().ok())?;
    let body = answer["body"].as_str().unwrap_or_default();
    let body = match answer["isBase64Encoded"].as_bool() {
        Some(true) => BASE64_STANDARD.decode(body).ok()?,
        _ => body.as_bytes().to_vec(),
    };
    let mut response = Answer {
        status: u16::try_from(status)
            .ok()
            .filter(|status| (100..600).contains(status))?,
        body,
        headers: Vec::new(),
    };
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        add_header(&mut response, name, value);
    }
    if is_second {
        for cookie in answer["cookies"].as_array().into_iter().flatten() {
            add_header(&mut response, "set-cookie", cookie.as_str()?.to_owned());
        }
    } else {
        for (name, values) in answer["multiValueHeaders"]
            .as_object()
            .into_iter()
            .flatten()
        {
            for value in values.as_array().into_iter().flatten() {
                add_header(&mut response, name, value.as_str()?.to_owned());
            }
        }
    }
    Some(response)
}

fn add_header(answer: &mut Answer, name: &str, value: String) {
    if HeaderName::try_from(name).is_ok() {
        answer
            .headers
            .push((name.to_ascii_lowercase().into(), value));
    }
}
