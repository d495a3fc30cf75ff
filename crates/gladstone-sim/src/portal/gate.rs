//! Who gets in: a handler with a [`Visitor`] or a [`SignedIn`] among its arguments cannot be called
//! without a session.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, request::Parts},
};
use sim_server::locked;

use crate::{
    behaviour::Flow,
    dialect,
    headers::{bearer, cookie, sso_cookie},
    sim::Sim,
    tokens::Holder,
};

/// Somebody with a valid session, anonymous or not.
#[derive(Debug)]
pub(super) struct Visitor(pub(super) Holder);

/// A member with a valid session of their own, by number.
#[derive(Debug)]
pub(super) struct SignedIn(pub(super) usize);

impl FromRequestParts<Arc<Sim>> for Visitor {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, sim: &Arc<Sim>) -> Result<Self, StatusCode> {
        let (tokens, now) = (locked(&sim.tokens), sim.now());
        let holder = |token| tokens.find_holder(token, now);
        let member = dialect::of_shape(sim.behaviour.shape)
            .and_then(|dialect| dialect.session_token(&parts.headers))
            .and_then(holder);
        if let Some(member @ Holder::Member(_)) = member {
            return Ok(Self(member));
        }
        let anonymous = match sim.behaviour.flow {
            Flow::Cookie => sso_cookie(&parts.headers),
            Flow::Envelope => bearer(&parts.headers),
        };
        match anonymous.and_then(holder) {
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

/// True for a browser that opens a page with a valid session of the cookie's kind. It sends no
/// header with it.
pub(super) fn has_session(sim: &Sim, headers: &HeaderMap) -> bool {
    let (tokens, now) = (locked(&sim.tokens), sim.now());
    cookie(headers, "Jwt")
        .and_then(|token| tokens.find_holder(token, now))
        .is_some()
}
