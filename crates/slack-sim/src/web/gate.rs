//! The conditions of every call: a token, its scope, patience.

use sim_server::locked;

use super::{
    Refusal,
    arguments::Arguments,
    methods::{Method, Token},
};
use crate::{limits::Rate, objects::Channel, sim::Sim};

/// The owner of a call's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) token: Token,
}

impl Caller {
    /// The scopes of the token, as a header tells them.
    pub(super) fn scope_list(self, sim: &Sim) -> String {
        match self.token {
            Token::App => "connections:write".to_owned(),
            Token::Bot | Token::Any => sim.setup.scope_list(),
        }
    }
}

pub(super) fn identify_caller(sim: &Sim, arguments: &Arguments) -> Result<Caller, Refusal> {
    let token = arguments
        .token()
        .ok_or_else(|| Refusal::new("not_authed"))?;
    Ok(Caller {
        token: identify_token(sim, token)?,
    })
}

pub(super) fn admit_call(sim: &Sim, method: &Method, caller: Caller) -> Result<(), Refusal> {
    if method.token != Token::Any && method.token != caller.token {
        return Err(Refusal::new("not_allowed_token_type"));
    }
    // An app-level token has the one scope that it was made with.
    if caller.token == Token::Bot && !method.scope.is_empty() {
        check_scope(sim, method.scope)?;
    }
    match method.per_minute {
        Some(calls) => admit_rate(sim, method.name, Rate::per_minute(calls)),
        None => Ok(()),
    }
}

fn identify_token(sim: &Sim, token: &str) -> Result<Token, Refusal> {
    let app = locked(&sim.app);
    if token == app.app_token {
        return Ok(Token::App);
    }
    if token != app.bot_token {
        return Err(Refusal::new("invalid_auth"));
    }
    if app.is_revoked {
        return Err(Refusal::new("token_revoked"));
    }
    Ok(Token::Bot)
}

pub(super) fn check_scope(sim: &Sim, scope: &str) -> Result<(), Refusal> {
    if sim.setup.scopes.contains(scope) {
        return Ok(());
    }
    Err(Refusal::missing_scope(scope, &sim.setup.scope_list()))
}

/// Checks the scope that reading a channel needs: `history` or `read`, by the kind of channel.
pub(super) fn check_channel_scope(sim: &Sim, channel: &Channel, what: &str) -> Result<(), Refusal> {
    check_scope(sim, &format!("{}:{what}", channel.kind.scope_prefix()))
}

pub(super) fn admit_rate(sim: &Sim, key: &str, rate: Rate) -> Result<(), Refusal> {
    if !sim.setup.rate_limits {
        return Ok(());
    }
    let now = sim.stamps.now();
    let admitted = locked(&sim.limits).admit(key, rate, now);
    admitted.map_err(Refusal::rate_limited)
}
