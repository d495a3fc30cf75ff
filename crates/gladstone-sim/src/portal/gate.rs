//! Who gets in: a handler with a [`Visitor`] among its arguments cannot be called without a session.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};

use crate::{
    builder::Flow,
    sim::{Sim, locked},
};

/// Somebody with a valid session.
#[derive(Debug)]
pub(crate) struct Visitor;

impl FromRequestParts<Arc<Sim>> for Visitor {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, sim: &Arc<Sim>) -> Result<Self, StatusCode> {
        let token = match sim.conduct.flow {
            Flow::Cookie if header(&parts.headers, "x-use-sso") != Some("1") => None,
            Flow::Cookie => cookie(&parts.headers, "Jwt"),
            Flow::Envelope => {
                header(&parts.headers, header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "))
            }
        };
        let now = sim.now();
        match token {
            Some(token) if locked(&sim.tokens).accept(token, now) => Ok(Self),
            _ => Err(StatusCode::UNAUTHORIZED),
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A cookie by its exact name.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    pairs.flat_map(|value| value.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}
