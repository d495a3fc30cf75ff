//! Workload identity federation: an identity token of the machine's is exchanged for a short-lived
//! one of the platform's (read in the SDK's source).
//!
//! The platform redeems an identity token once (reported from the field): what was sent may be
//! spent, whatever became of the answer, and is never sent again.

use std::time::{Duration, Instant};

use reqwest::{
    Method, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use super::{
    identity::{self, Identity},
    token::{TOKEN_TIME, authorization, parse_token, token_request, unusable_token},
};
use crate::{Error, Kind, retry::RetryState, text, transport::Transport};

/// The beta of a request with a federation token.
const TOKEN_BETA: &str = "oauth-2025-04-20";
/// The betas of the exchange itself, which carries no `anthropic-version`.
const EXCHANGE_BETA: &str = "oauth-2025-04-20,oidc-federation-2026-04-01";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const OPERATION: &str = "POST /v1/oauth/token";
/// A token is renewed so long before its end, at most half of its life.
const MARGIN: Duration = Duration::from_secs(120);
/// However long a token is said to live, it is renewed once a day.
const LONGEST_LIFE: Duration = Duration::from_secs(86_400);
/// The most characters of a rule's id, beside the claims.
const RULE_LIMIT: usize = 60;

/// Which federation rule to use, with whose identity.
#[derive(Clone)]
pub(crate) struct Rule {
    pub(crate) identity: Identity,
    /// `fdrl_…`.
    pub(crate) id: String,
    /// The API's base URL, where tokens are exchanged.
    pub(crate) base: Url,
    /// `federation_rule_id` and the other fields that go into the exchange as they are.
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// The platform's token while it lives.
struct Token {
    header: HeaderValue,
    renew_at: Instant,
}

#[derive(Deserialize)]
struct Issued {
    access_token: SecretString,
    /// Seconds.
    expires_in: u64,
}

pub(crate) struct Federation {
    rule: Rule,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    /// The identity token that was sent last: redeemed for certain, or perhaps.
    spent: Option<SecretString>,
}

impl Federation {
    pub(crate) fn new(rule: Rule) -> Self {
        Self {
            rule,
            state: Mutex::default(),
        }
    }

    /// Adds the token and its beta. Holding the lock while one is fetched makes everybody else wait
    /// for it.
    pub(crate) async fn authorize(
        &self,
        request: &mut reqwest::Request,
        transport: &Transport,
    ) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        if state
            .token
            .as_ref()
            .is_none_or(|token| token.renew_at <= Instant::now())
        {
            // The request itself was not sent, whatever happened to this one.
            self.renew_token(&mut state, transport)
                .await
                .map_err(|error| Error {
                    unsent: true,
                    ..error
                })?;
        }
        if let Some(token) = &state.token {
            let headers = request.headers_mut();
            headers.insert(AUTHORIZATION, token.header.clone());
            let betas = headers
                .get("anthropic-beta")
                .and_then(|betas| betas.to_str().ok());
            let betas = betas.map_or_else(
                || TOKEN_BETA.to_owned(),
                |betas| format!("{betas},{TOKEN_BETA}"),
            );
            headers.insert(
                "anthropic-beta",
                HeaderValue::try_from(betas).unwrap_or(HeaderValue::from_static(TOKEN_BETA)),
            );
        }
        Ok(())
    }

    /// Drops the token if it is still the rejected one; another one meanwhile is as good.
    pub(crate) async fn forget_token(&self, rejected: Option<&HeaderValue>) -> bool {
        let mut state = self.state.lock().await;
        if state
            .token
            .as_ref()
            .is_some_and(|token| Some(&token.header) == rejected)
        {
            state.token = None;
        }
        true
    }

    /// Exchanges a fresh identity token; each attempt has one of its own. Without a fresh one, the
    /// token that is there goes on until the platform rejects it.
    async fn renew_token(&self, state: &mut State, transport: &Transport) -> Result<(), Error> {
        let mut retries = RetryState::new(transport.limits, Method::GET);
        let mut failed: Option<Error> = None;
        let mut was_rejected = false;
        loop {
            let identity = self.rule.identity.fetch_token(transport).await?;
            if state
                .spent
                .as_ref()
                .is_some_and(|spent| spent.expose_secret() == identity.expose_secret())
            {
                return match failed {
                    Some(error) => Err(self.explain_spent(error)),
                    None if state.token.is_some() => Ok(()),
                    None => Err(self.explain_spent(Error::new(
                        Kind::Rejected,
                        format!(
                            "`{}` still holds the identity token that was exchanged before, and \
                             the platform redeems each \
                             once",
                            self.rule.identity.variable()
                        ),
                    ))),
                };
            }
            let error = match self.exchange_token(&identity, transport).await {
                Ok(token) => {
                    *state = State {
                        token: Some(token),
                        spent: Some(identity),
                    };
                    return Ok(());
                }
                Err(error) => error,
            };
            if !matches!(error.kind, Kind::Connect | Kind::RateLimited) {
                state.spent = Some(identity);
                if let Identity::Given(_) = self.rule.identity {
                    return Err(self.explain_spent(error));
                }
            }
            failed = Some(error.clone());
            // Some other process may have redeemed this one, such as a step before with the same
            // file.
            if error.status == Some(401) && !was_rejected {
                was_rejected = true;
                continue;
            }
            retries.wait_or_fail(error).await?;
        }
    }

    /// Says what to do, where the same identity token cannot be sent again.
    fn explain_spent(&self, error: Error) -> Error {
        let variable = self.rule.identity.variable();
        let fresh = format!(
            "put a fresh identity token into {variable}: the platform redeems each once, so one \
                serves one step"
        );
        match error.hint() {
            Some(hint) => {
                let both = format!("{hint}; or {fresh}");
                error.with_hint(both)
            }
            None => error.with_hint(format!("{fresh}, then run the same command again")),
        }
    }

    /// Sends the identity token, once.
    async fn exchange_token(
        &self,
        identity: &SecretString,
        transport: &Transport,
    ) -> Result<Token, Error> {
        let mut body: Map<String, Value> = self
            .rule
            .fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .collect();
        body.insert("grant_type".to_owned(), GRANT.into());
        body.insert("assertion".to_owned(), identity.expose_secret().into());
        let mut url = self.rule.base.clone();
        url.set_path(&format!(
            "{}/v1/oauth/token",
            url.path().trim_end_matches('/')
        ));
        let mut request = reqwest::Request::new(Method::POST, url);
        request
            .headers_mut()
            .insert("anthropic-beta", HeaderValue::from_static(EXCHANGE_BETA));
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(Value::Object(body).to_string().into());
        *request.timeout_mut() = Some(TOKEN_TIME.min(transport.limits.total));

        let facts = token_request(OPERATION, Some(identity.expose_secret()));
        let answer = transport
            .exchange(request, &facts)
            .await
            .map_err(|error| self.explain_refusal(error, identity))?;
        let issued: Issued = parse_token(&answer.body, OPERATION)?;
        let header = authorization("Bearer", &issued.access_token)
            .ok_or_else(|| unusable_token(OPERATION))?;
        let life = Duration::from_secs(issued.expires_in).min(LONGEST_LIFE);
        Ok(Token {
            header,
            renew_at: Instant::now() + (life - MARGIN.min(life / 2)),
        })
    }

    /// Names the rule and what the identity claims, where the platform refuses it. OAuth says 400
    /// for an identity that it does not take.
    fn explain_refusal(&self, mut error: Error, identity: &SecretString) -> Error {
        if error.kind == Kind::Invalid {
            error.kind = Kind::Rejected;
        }
        if !matches!(error.kind, Kind::Rejected | Kind::Denied) {
            return error;
        }
        let rule = text::line(&self.rule.id, RULE_LIMIT);
        let claims = identity::describe_claims(identity.expose_secret());
        let message = format!("refused for the rule `{rule}`, {claims}: {}", error.message);
        error.message = text::line(&message, text::MESSAGE);
        error.with_hint(
            "compare these with the rule's match, and ANTHROPIC_ORGANIZATION_ID, \
             ANTHROPIC_SERVICE_ACCOUNT_ID and \
             ANTHROPIC_WORKSPACE_ID with the rule",
        )
    }
}
