//! Workload identity federation: an identity token of the machine's is exchanged for a short-lived one of the
//! platform's (read in the SDK's source; GitHub's endpoint as GitHub documents it).

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use reqwest::{
    Method, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;

use crate::{
    Error, Kind,
    auth::authorization,
    retry::Patience,
    text,
    transport::{About, Transport},
};

/// What a request needs besides a federation token.
const TOKEN_BETA: &str = "oauth-2025-04-20";
/// What the exchange itself needs; it carries no `anthropic-version`.
const EXCHANGE_BETA: &str = "oauth-2025-04-20,oidc-federation-2026-04-01";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// For whom GitHub makes the identity token.
const AUDIENCE: &str = "https://api.anthropic.com";
/// One exchange, as the SDK has it.
const EXCHANGE_TIME: Duration = Duration::from_secs(30);
/// How long before its end a token is renewed, at most half of its life.
const MARGIN: Duration = Duration::from_secs(120);
/// However long a token is said to live, it is renewed once a day.
const LONGEST_LIFE: Duration = Duration::from_secs(86_400);
/// No identity token is larger; a wrong file is.
const IDENTITY_LIMIT: usize = 16 * 1024;
const ANSWER_LIMIT: usize = 1024 * 1024;

/// Which federation rule to use, with whose identity.
#[derive(Clone)]
pub(crate) struct Rule {
    pub(crate) identity: Identity,
    /// Where tokens are exchanged: the API's base URL.
    pub(crate) base: Url,
    /// `federation_rule_id` and the other fields that go into the exchange as they are.
    pub(crate) fields: Vec<(&'static str, String)>,
}

/// Where the identity token comes from. It is fetched anew for every exchange.
#[derive(Clone)]
pub(crate) enum Identity {
    File(PathBuf),
    Given(SecretString),
    /// GitHub Actions' endpoint, and the token for it.
    GitHub(Url, SecretString),
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

#[derive(Deserialize)]
struct FromGitHub {
    value: SecretString,
}

pub(crate) struct Federation {
    rule: Rule,
    token: Mutex<Option<Token>>,
}

impl Federation {
    pub(crate) fn new(rule: Rule) -> Self {
        Self { rule, token: Mutex::new(None) }
    }

    /// Adds the token and its beta. Holding the lock while one is fetched makes everybody else wait for it.
    pub(crate) async fn apply(&self, request: &mut reqwest::Request, transport: &Transport) -> Result<(), Error> {
        let mut token = self.token.lock().await;
        if token.as_ref().is_none_or(|token| token.renew_at <= Instant::now()) {
            // The request itself was not sent, whatever happened to this one.
            *token = Some(self.exchange(transport).await.map_err(|error| Error { unsent: true, ..error })?);
        }
        if let Some(token) = &*token {
            let headers = request.headers_mut();
            headers.insert(AUTHORIZATION, token.header.clone());
            let betas = headers.get("anthropic-beta").and_then(|betas| betas.to_str().ok());
            let betas = betas.map_or_else(|| TOKEN_BETA.to_owned(), |betas| format!("{betas},{TOKEN_BETA}"));
            headers
                .insert("anthropic-beta", HeaderValue::try_from(betas).unwrap_or(HeaderValue::from_static(TOKEN_BETA)));
        }
        Ok(())
    }

    /// Drops the token if it is still the rejected one; another one meanwhile is as good.
    pub(crate) async fn forget(&self, rejected: Option<&HeaderValue>) -> bool {
        let mut token = self.token.lock().await;
        if token.as_ref().is_some_and(|token| Some(&token.header) == rejected) {
            *token = None;
        }
        true
    }

    async fn exchange(&self, transport: &Transport) -> Result<Token, Error> {
        let identity = self.identity(transport).await?;
        let mut body: Map<String, Value> =
            self.rule.fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
        body.insert("grant_type".to_owned(), GRANT.into());
        body.insert("assertion".to_owned(), identity.expose_secret().into());
        let mut url = self.rule.base.clone();
        url.set_path(&format!("{}/v1/oauth/token", url.path().trim_end_matches('/')));
        let mut request = reqwest::Request::new(Method::POST, url);
        request.headers_mut().insert("anthropic-beta", HeaderValue::from_static(EXCHANGE_BETA));
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(Value::Object(body).to_string().into());

        let operation = "POST /v1/oauth/token";
        let answer = fetch(transport, request, operation, Some(identity.expose_secret())).await;
        let answer = answer.map_err(|error| match error.kind {
            // OAuth says 400 for an identity that it does not take.
            Kind::Invalid => Error { kind: Kind::Rejected, ..error },
            _ => error,
        })?;
        let issued: Issued = parsed(&answer, operation)?;
        let header = authorization("Bearer", &issued.access_token).ok_or_else(|| unusable(operation))?;
        let life = Duration::from_secs(issued.expires_in).min(LONGEST_LIFE);
        Ok(Token { header, renew_at: Instant::now() + (life - MARGIN.min(life / 2)) })
    }

    /// The identity token, of whatever it comes from.
    async fn identity(&self, transport: &Transport) -> Result<SecretString, Error> {
        let bad = |message: String| Error::early(Kind::Credentials, message);
        let token = match &self.rule.identity {
            Identity::Given(token) => token.clone(),
            Identity::File(path) => {
                let shown = text::line(&path.display().to_string(), text::SHORT);
                let token = std::fs::read_to_string(path)
                    .map_err(|error| bad(format!("the identity token `{shown}` cannot be read: {error}")))?;
                token.trim().into()
            }
            Identity::GitHub(url, token) => {
                let operation = "GET the identity token of GitHub Actions";
                let mut url = url.clone();
                url.query_pairs_mut().append_pair("audience", AUDIENCE);
                let mut request = reqwest::Request::new(Method::GET, url);
                let header = authorization("bearer", token);
                request.headers_mut().insert(
                    AUTHORIZATION,
                    header.ok_or_else(|| {
                        bad("`ACTIONS_ID_TOKEN_REQUEST_TOKEN` holds characters that no header can carry".to_owned())
                    })?,
                );
                request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
                parsed::<FromGitHub>(&fetch(transport, request, operation, None).await?, operation)?.value
            }
        };
        match token.expose_secret().len() {
            0 => Err(bad("the identity token is empty".to_owned())),
            1..=IDENTITY_LIMIT => Ok(token),
            size => Err(bad(format!("the identity token has {size} bytes, which no such token has"))),
        }
    }
}

/// Sends a request that is harmless to repeat.
async fn fetch(
    transport: &Transport,
    mut request: reqwest::Request,
    operation: &str,
    secret: Option<&str>,
) -> Result<bytes::Bytes, Error> {
    *request.timeout_mut() = Some(EXCHANGE_TIME.min(transport.limits.total));
    let about = About { operation, limit: ANSWER_LIMIT, secret };
    let mut patience = Patience::new(transport.limits, Method::GET);
    loop {
        let attempt = request.try_clone().ok_or_else(|| unusable(operation))?;
        match transport.exchange(attempt, &about).await {
            Ok(answer) => return Ok(answer.body),
            Err(error) => patience.pause(error).await?,
        }
    }
}

/// The parser's own words are left out: they quote the answer, which holds a token.
fn parsed<'de, T: Deserialize<'de>>(answer: &'de [u8], operation: &str) -> Result<T, Error> {
    serde_json::from_slice(answer).map_err(|_| unusable(operation))
}

fn unusable(operation: &str) -> Error {
    Error::early(Kind::Malformed, "the answer holds no usable token").of(operation)
}
