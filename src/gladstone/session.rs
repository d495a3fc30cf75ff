//! The anonymous session: how to get one, in the current and in the older flow, and how long it lasts.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    envelope,
    failure::Failure,
    transport::{Identity, Reply, Transport, is_firewall},
};

/// Sets the cookie `Jwt`. Confirmed by several public clients.
const COOKIE_FLOW: &str = "/api/samlauthentication/anonymous";
/// Answers a sealed token. Confirmed until summer 2025 only.
const ENVELOPE_FLOW: &str = "/validate/tenant/anonymous";
/// How long a token is trusted that does not say when it ends; about 24 hours were seen.
const LIFE: TimeDelta = TimeDelta::hours(12);
/// A token that ends within this time is not used any more.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// An anonymous visitor's token. Not worth hiding from the member who owns the file, but kept out of every output.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    flow: Flow,
    token: String,
    ends: DateTime<Utc>,
}

/// How a portal lets anonymous visitors in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// Cookie `Jwt` and the header `X-Use-Sso`.
    Cookie,
    /// A sealed token, sent as a bearer.
    Envelope,
}

impl Session {
    /// Asks for a session: first the current flow, then the older one where the portal does not know the current.
    ///
    /// Also the portal's clock, where its answer tells it.
    pub(super) async fn anonymous(
        transport: &Transport,
        now: DateTime<Utc>,
    ) -> Result<(Self, Option<DateTime<Utc>>), Failure> {
        let refused = match transport.get(COOKIE_FLOW, &[], Identity::None).await {
            Ok(Reply { jwt: Some(token), date, .. }) => return Ok((Self::new(Flow::Cookie, token, now), date)),
            Ok(reply) if is_firewall(&reply.body) => {
                return Err(Failure::Refused { host: transport.host().to_owned(), firewall: true });
            }
            Ok(_) => Failure::changed(COOKIE_FLOW, "a cookie named `Jwt`", "none", ""),
            Err(absent @ Failure::Absent { .. }) => absent,
            Err(failure) => return Err(failure),
        };
        let reply = match transport.get(ENVELOPE_FLOW, &[], Identity::None).await {
            Ok(reply) => reply,
            Err(Failure::Absent { .. }) => return Err(refused),
            Err(failure) => return Err(failure),
        };
        let text = String::from_utf8_lossy(&reply.body);
        match envelope::open(&text, transport.host()) {
            Ok(token) => Ok((Self::new(Flow::Envelope, token, now), reply.date)),
            // A portal that answers every unknown path with its start page has neither flow.
            Err(_) if text.trim_start().starts_with('<') => Err(refused),
            Err(got) => Err(Failure::changed(ENVELOPE_FLOW, "a sealed token", got, "")),
        }
    }

    fn new(flow: Flow, token: String, now: DateTime<Utc>) -> Self {
        let ends = stated_end(&token).unwrap_or(now + LIFE);
        Self { flow, token, ends }
    }

    /// Whether it can be used now.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now + MARGIN < self.ends
    }

    /// How the portal let us in.
    pub(super) fn flow(&self) -> Flow {
        self.flow
    }

    /// What a request must carry.
    pub(super) fn identity(&self) -> Identity<'_> {
        match self.flow {
            Flow::Cookie => Identity::Cookie(&self.token),
            Flow::Envelope => Identity::Bearer(&self.token),
        }
    }
}

/// The claim `exp` of a JWT, in seconds since 1970; the signature is not ours to check.
fn stated_end(token: &str) -> Option<DateTime<Utc>> {
    #[derive(Deserialize)]
    struct Claims {
        exp: i64,
    }
    let payload = token.split('.').nth(1)?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    DateTime::from_timestamp(claims.exp, 0)
}
