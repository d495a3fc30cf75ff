//! Who gets in: a handler with a [`Visitor`] or a [`SignedIn`] among its arguments cannot be called
//! without a session.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};

use super::{dialect, token::Holder};
use crate::{
    builder::Flow,
    shape::Shape,
    sim::{Sim, locked},
};

/// Somebody with a valid session, anonymous or not.
#[derive(Debug)]
pub(crate) struct Visitor(pub(crate) Holder);

/// A member with a valid session of their own, by number.
#[derive(Debug)]
pub(crate) struct SignedIn(pub(crate) usize);

impl FromRequestParts<Arc<Sim>> for Visitor {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, sim: &Arc<Sim>) -> Result<Self, StatusCode> {
        let (tokens, now) = (locked(&sim.tokens), sim.now());
        let member = member_token(sim.conduct.shape, &parts.headers)
            .and_then(|token| tokens.holder(token, now));
        if let Some(member @ Holder::Member(_)) = member {
            return Ok(Self(member));
        }
        match anonymous_token(sim.conduct.flow, &parts.headers)
            .and_then(|token| tokens.holder(token, now))
        {
            Some(Holder::Anonymous) => Ok(Self(Holder::Anonymous)),
            _ => Err(StatusCode::UNAUTHORIZED),
        }
    }
}

impl FromRequestParts<Arc<Sim>> for SignedIn {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, sim: &Arc<Sim>) -> Result<Self, StatusCode> {
        match Visitor::from_request_parts(parts, sim).await?.0 {
            Holder::Member(number) => Ok(Self(number)),
            Holder::Anonymous => Err(StatusCode::UNAUTHORIZED),
        }
    }
}

fn member_token(shape: Shape, headers: &HeaderMap) -> Option<&str> {
    dialect::of(shape)?.token(headers)
}

fn anonymous_token(flow: Flow, headers: &HeaderMap) -> Option<&str> {
    match flow {
        Flow::Cookie => sso_cookie(headers),
        Flow::Envelope => bearer(headers),
    }
}

/// Whether a browser that opens a page brings a valid session of the cookie's kind. It sends no
/// header with it.
pub(super) fn has_session(sim: &Sim, headers: &HeaderMap) -> bool {
    let (tokens, now) = (locked(&sim.tokens), sim.now());
    cookie(headers, "Jwt")
        .and_then(|token| tokens.holder(token, now))
        .is_some()
}

/// The cookie `Jwt`, if the header that it needs is there as well.
pub(super) fn sso_cookie(headers: &HeaderMap) -> Option<&str> {
    if header(headers, "x-use-sso") == Some("1") {
        cookie(headers, "Jwt")
    } else {
        None
    }
}

/// The token of `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    header(headers, header::AUTHORIZATION.as_str())?.strip_prefix("Bearer ")
}

/// A header that is text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A cookie by its exact name.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The host that a request is for, without its port: what sealed texts take their key from.
pub(super) fn host_name(headers: &HeaderMap) -> &str {
    let host = header(headers, header::HOST.as_str()).unwrap_or_default();
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}
