//! One call of the Web API over HTTP: sent once, its answer bounded, its failure explained without
//! the token.

use std::{ffi::OsString, time::Duration};

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_edge::{
    BodyError, Cause, ClientOptions, Proxy, Secrets, Source, build_client, find_cause, find_route,
    load_roots, name_proxy, read_body, read_wait, tls_config,
};
use reqwest::{Method, Request, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::{SlackError, Trouble};

/// A thread of a thousand long messages has some megabytes.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;
/// The longest time for one call.
const CALL_TIME: Duration = Duration::from_secs(15);
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// Shorter than servers keep idle connections, so that a post does not meet a closing one.
const IDLE: Duration = Duration::from_secs(20);
/// Characters of a word or reason that is shown.
const SHORT: usize = 200;

/// The way to the Web API; clones share connections.
#[derive(Clone)]
pub struct Transport {
    base: Url,
    client: reqwest::Client,
    proxy: Option<Proxy>,
    trust_warnings: Vec<String>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transport({})", self.base)
    }
}

impl Transport {
    /// Makes the way to `base`, such as `https://slack.com/api`, through the proxy and with the
    /// roots that `variables` name.
    ///
    /// # Errors
    ///
    /// A sentence about an address that may not get tokens, a proxy or the HTTP client.
    pub fn new(base: &str, variables: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, String> {
        let base = parse_base(base)?;
        let route = find_route(&base, variables).map_err(|error| error.to_string())?;
        let (roots, sources) = load_roots(variables);
        let options = ClientOptions {
            user_agent: concat!("padel-slack/", env!("CARGO_PKG_VERSION")),
            connect_timeout: Some(CONNECT_TIME),
            timeout: Some(CALL_TIME),
            idle: Some(IDLE),
            ..ClientOptions::default()
        };
        let proxy = route.into_proxy();
        let tls = tls_config(roots).map_err(|error| error.to_string())?;
        let client =
            build_client(&tls, proxy.as_ref(), &options).map_err(|error| error.to_string())?;
        Ok(Self {
            base,
            client,
            proxy,
            trust_warnings: sources.iter().filter_map(Source::warning).collect(),
        })
    }

    /// Calls a method that changes something, with JSON; returns the answer and the token's scopes.
    pub(super) async fn post(
        &self,
        token: &SecretString,
        method: &'static str,
        body: &Value,
    ) -> Result<(Value, Vec<String>), SlackError> {
        let mut request = Request::new(Method::POST, self.address(method));
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        *request.body_mut() = Some(body.to_string().into());
        self.call(token, method, request).await
    }

    /// Calls a method that reads; such methods take no JSON (documented).
    pub(super) async fn get(
        &self,
        token: &SecretString,
        method: &'static str,
        query: &[(&str, &str)],
    ) -> Result<Value, SlackError> {
        let mut url = self.address(method);
        url.query_pairs_mut().extend_pairs(query);
        let (answer, _) = self
            .call(token, method, Request::new(Method::GET, url))
            .await?;
        Ok(answer)
    }

    fn address(&self, method: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!(
            "{}/{method}",
            self.base.path().trim_end_matches('/')
        ));
        url
    }

    async fn call(
        &self,
        token: &SecretString,
        method: &'static str,
        mut request: Request,
    ) -> Result<(Value, Vec<String>), SlackError> {
        let bearer = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()));
        let mut bearer = bearer.map_err(|_| {
            SlackError::new(
                method,
                Trouble::Token,
                "the token holds characters that none has",
            )
        })?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        let secrets = Secrets::default().with_headers(request.headers());
        let response = self.client.execute(request).await;
        let response = response.map_err(|error| self.explain(method, &error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = match read_body(response, LARGEST_ANSWER).await {
            Ok(body) => body,
            Err(BodyError::Broken(error)) => return Err(self.explain(method, &error)),
            Err(_) => {
                let message = "an answer that is too large or cannot be unpacked";
                return Err(SlackError::new(method, Trouble::Uncertain, message));
            }
        };
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        secrets.clean_json(&mut answer);
        if answer["ok"] == true && status.is_success() {
            return Ok((answer, read_scopes(&headers)));
        }
        Err(explain_refusal(method, status, &headers, &answer))
    }

    fn explain(&self, method: &'static str, error: &reqwest::Error) -> SlackError {
        let host = self.base.host_str().unwrap_or_default();
        if error.is_timeout() && !error.is_connect() {
            let message = format!("{host} did not answer in time");
            return SlackError::new(method, Trouble::Uncertain, message);
        }
        let trouble = if error.is_connect() {
            Trouble::NotDone
        } else {
            Trouble::Uncertain
        };
        let message = match find_cause(error, self.proxy.as_ref(), &self.trust_warnings) {
            Cause::UnknownHost => format!("{host}: there is no such host"),
            Cause::Connection { reason, .. } => format!("{host}: {reason}"),
            Cause::Proxy(trouble) => {
                format!("{}{}", name_proxy(self.proxy.as_ref()), trouble.words(host))
            }
        };
        SlackError::new(method, trouble, message)
    }
}

fn explain_refusal(
    method: &'static str,
    status: StatusCode,
    headers: &HeaderMap,
    answer: &Value,
) -> SlackError {
    let word = answer["error"].as_str();
    let mut error = match word {
        _ if status == StatusCode::TOO_MANY_REQUESTS => SlackError::of_word(method, "ratelimited"),
        Some(word) => SlackError::of_word(method, &printable::line(word, SHORT)),
        None => {
            let message = format!("an answer that is not Slack's (HTTP {})", status.as_u16());
            SlackError::new(method, Trouble::Uncertain, message)
        }
    };
    if let Some(needed) = answer["needed"].as_str() {
        // `missing_scope` alone tells nobody what to do.
        error.message = printable::line(&format!("{}: {needed}", error.message), SHORT);
    }
    // Only used where the answer has no `Date`.
    let unknown = DateTime::<Utc>::UNIX_EPOCH;
    error.retry_after = read_wait(headers, unknown);
    error
}

fn read_scopes(headers: &HeaderMap) -> Vec<String> {
    let scopes = headers.get("x-oauth-scopes");
    let scopes = scopes.and_then(|scopes| scopes.to_str().ok());
    let scopes = scopes.unwrap_or_default().split(',').map(str::trim);
    scopes
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads an address that may get tokens: https, or http to this machine.
fn parse_base(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|error| format!("is no address: {error}"))?;
    let host = url.host_str().unwrap_or_default();
    let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_here => Ok(url),
        _ => Err("must be https; http is for this machine only".to_owned()),
    }
}
