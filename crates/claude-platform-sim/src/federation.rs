//! Workload identity federation: a GitHub-like endpoint for identity tokens, their exchange, and
//! what comes of it.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde_json::{Value, json};
use sim_server::{locked, machine_time};

use crate::{
    answer::{Answer, Refusal, Reply},
    request::{Request, text_field},
    setup::Federation,
    sim::Sim,
};

/// Path of the exchange, which alone needs no credentials.
pub(crate) const EXCHANGE: &str = "/v1/oauth/token";

/// The beta that a bearer from an exchange needs on every request.
pub(crate) const BEARER_BETA: &str = "oauth-2025-04-20";

pub(crate) const EXCHANGE_BETA: &str = "oidc-federation-2026-04-01";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const AUDIENCE: &str = "https://api.anthropic.com";

/// The bearer of a job's request to `/__sim/github/token`: `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
pub const GITHUB_REQUEST_TOKEN: &str = "sim-actions-request-token";

/// The subject of the identities that `/__sim/github/token` gives.
const SUBJECT: &str = "repo:sim@1/padel@2:environment:skill";

/// An identity token that is accepted besides those of `/__sim/github/token`, for
/// `ANTHROPIC_IDENTITY_TOKEN`: once, as every identity token.
pub const IDENTITY_TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzaW0ifQ.c2lt";

/// `GET /__sim/github/token?audience=…`, as GitHub's endpoint for a job's identity.
pub(crate) fn give_identity(sim: &Sim, request: &Request) -> Reply {
    if request.bearer() != Some(GITHUB_REQUEST_TOKEN) {
        return Err(Refusal::new(401, "not the token of this job"));
    }
    if request.query("audience") != Some(AUDIENCE) {
        return Err(Refusal::invalid(format!(
            "audience: the platform wants {AUDIENCE}"
        )));
    }
    let claims = json!({
        "iss": "https://token.actions.githubusercontent.com",
        "sub": SUBJECT,
        "aud": AUDIENCE,
        "jti": sim.stamps.id("jti"),
    });
    let [header, claims] = [json!({"alg": "RS256"}), claims]
        .map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()));
    let token = format!("{header}.{claims}.{}", sim.stamps.id("signature"));
    locked(&sim.tokens).identities.insert(token.clone());
    Ok(Answer::json(&json!({"count": 1, "value": token})))
}

/// `POST /v1/oauth/token`.
pub(crate) fn exchange(sim: &Arc<Sim>, request: &Request) -> Reply {
    if !request.has_beta(BEARER_BETA) || !request.has_beta(EXCHANGE_BETA) {
        return Err(Refusal::invalid(format!(
            "send `anthropic-beta: {BEARER_BETA},{EXCHANGE_BETA}`"
        )));
    }
    let body = Value::Object(request.json()?);
    if body["grant_type"] != GRANT {
        let description = format!("only {GRANT} is supported");
        return Ok(oauth_error(400, "unsupported_grant_type", &description));
    }
    let rule = sim.setup.federation.as_ref();
    if !rule.is_some_and(|rule| matches_rule(&body, rule)) {
        return Ok(invalid_grant("no federation rule matches"));
    }
    let assertion = text_field(&body, "assertion");
    let mut tokens = locked(&sim.tokens);
    if !tokens.identities.contains(assertion) && assertion != IDENTITY_TOKEN {
        return Ok(invalid_grant("the assertion is not valid"));
    }
    if !tokens.redeemed.insert(token_serial(assertion)) {
        return Ok(invalid_grant("the assertion was redeemed before"));
    }
    let life = sim.setup.token_life;
    let token = format!("sk-ant-oat01-{}", sim.stamps.id("sim"));
    tokens.bearers.insert(
        token.clone(),
        machine_time() + TimeDelta::from_std(life).unwrap_or(TimeDelta::MAX),
    );
    Ok(Answer::json(
        &json!({"access_token": token, "token_type": "Bearer", "expires_in": life.as_secs()}),
    ))
}

fn matches_rule(body: &Value, rule: &Federation) -> bool {
    let optional = [
        (&rule.service_account, "service_account_id"),
        (&rule.workspace, "workspace_id"),
    ];
    body["federation_rule_id"] == rule.rule
        && body["organization_id"] == rule.organization
        && optional
            .iter()
            .all(|(wanted, name)| wanted.is_none() || body[name].as_str() == wanted.as_deref())
}

/// The part of an identity token that no other has: its `jti`, else its whole text.
fn token_serial(token: &str) -> String {
    let payload = token
        .split('.')
        .nth(1)
        .and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Option<Value> = payload.and_then(|payload| serde_json::from_slice(&payload).ok());
    claims
        .and_then(|claims| Some(claims.get("jti")?.as_str()?.to_owned()))
        .unwrap_or_else(|| token.to_owned())
}

fn invalid_grant(description: &str) -> Answer {
    oauth_error(401, "invalid_grant", description)
}

/// OAuth's own shape of an error.
fn oauth_error(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(&json!({"error": error, "error_description": description})).with_status(status)
}
