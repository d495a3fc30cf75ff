//! The identity token that a federation rule takes: where it comes from, and what it claims
//! (GitHub's endpoint as GitHub documents it).

use std::path::PathBuf;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::{
    Method, Url,
    header::{ACCEPT, AUTHORIZATION, HeaderValue},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::token::{TOKEN_TIME, authorization, parse_token, token_request};
use crate::{Error, Kind, local, retry::RetryState, text, transport::Transport};

/// For whom GitHub makes the identity token.
const AUDIENCE: &str = "https://api.anthropic.com";
/// No identity token is larger; a wrong file is.
const TOKEN_LIMIT: usize = 16 * 1024;
/// The most characters of one claim: GitHub's subjects hold the names of owner, repository and
/// environment.
const CLAIM_LIMIT: usize = 150;

/// The source of the identity token, which is fetched again for every exchange.
#[derive(Clone)]
pub(crate) enum Identity {
    File(PathBuf),
    Given(SecretString),
    /// GitHub Actions' endpoint, and the token for it.
    GitHub(Url, SecretString),
}

#[derive(Deserialize)]
struct FromGitHub {
    value: SecretString,
}

impl Identity {
    /// The variable that names it.
    pub(crate) fn variable(&self) -> &'static str {
        match self {
            Self::File(_) => "ANTHROPIC_IDENTITY_TOKEN_FILE",
            Self::Given(_) => "ANTHROPIC_IDENTITY_TOKEN",
            Self::GitHub(..) => "ACTIONS_ID_TOKEN_REQUEST_URL",
        }
    }

    /// The token as it is now.
    pub(crate) async fn fetch_token(&self, transport: &Transport) -> Result<SecretString, Error> {
        let variable = self.variable();
        let bad = |message: String| {
            Error::new(Kind::Credentials, message).with_hint(format!("look at {variable}"))
        };
        let token: SecretString = match self {
            Self::Given(token) => token.expose_secret().trim().into(),
            Self::File(path) => {
                let shown = text::line(&path.display().to_string(), text::SHORT);
                let cannot = |error: &dyn std::fmt::Display| {
                    bad(format!(
                        "the identity token `{shown}` of `{variable}` cannot be read: {error}"
                    ))
                };
                let token = local::read(path, TOKEN_LIMIT)
                    .await
                    .map_err(|error| cannot(&error))?;
                String::from_utf8(token)
                    .map_err(|_| cannot(&"it is no text"))?
                    .trim()
                    .into()
            }
            Self::GitHub(url, token) => ask_github(url, token, transport).await?,
        };
        match token.expose_secret().len() {
            0 => Err(bad(format!("the identity token of `{variable}` is empty"))),
            1..=TOKEN_LIMIT => Ok(token),
            size => Err(bad(format!(
                "the identity token of `{variable}` has {size} bytes, which no such token has"
            ))),
        }
    }
}

async fn ask_github(
    url: &Url,
    token: &SecretString,
    transport: &Transport,
) -> Result<SecretString, Error> {
    let operation = "GET the identity token of GitHub Actions";
    let mut url = url.clone();
    url.query_pairs_mut().append_pair("audience", AUDIENCE);
    let mut request = reqwest::Request::new(Method::GET, url);
    let header = authorization("bearer", token).ok_or_else(|| {
        let message = "`ACTIONS_ID_TOKEN_REQUEST_TOKEN` holds characters that no header can carry";
        Error::new(Kind::Credentials, message)
    })?;
    request.headers_mut().insert(AUTHORIZATION, header);
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    *request.timeout_mut() = Some(TOKEN_TIME.min(transport.limits.total));
    let mut retries = RetryState::new(transport.limits, Method::GET);
    loop {
        let attempt = request
            .try_clone()
            .ok_or_else(|| Error::new(Kind::Config, "the request cannot be sent"))?;
        match transport
            .exchange(attempt, &token_request(operation, None))
            .await
        {
            Ok(answer) => return Ok(parse_token::<FromGitHub>(&answer.body, operation)?.value),
            Err(error) => retries.wait_or_fail(error).await.map_err(|error| {
                error.with_hint(
                    "look at ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN, \
                               which GitHub sets for \
                               jobs with `permissions: id-token: write`",
                )
            })?,
        }
    }
}

/// Describes the token's claims, to compare with the rule. Never the token or a part of it.
pub(crate) fn describe_claims(token: &str) -> String {
    let payload = token.split('.').nth(1).and_then(|part| {
        BASE64_URL_SAFE_NO_PAD
            .decode(part.trim_end_matches('='))
            .ok()
    });
    let Some(Value::Object(claims)) =
        payload.and_then(|payload| serde_json::from_slice(&payload).ok())
    else {
        return "the identity token is no JWT, so its subject and audience cannot be told"
            .to_owned();
    };
    let shown = |name: &str| match claims.get(name) {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::String(claim)) => format!("`{}`", text::line(claim, CLAIM_LIMIT)),
        // An audience may be a list.
        Some(other) => format!("`{}`", text::line(&other.to_string(), CLAIM_LIMIT)),
    };
    format!("subject {}, audience {}", shown("sub"), shown("aud"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_told_bounded_and_printable() {
        let told = |payload: &str| {
            describe_claims(&format!(
                "e30.{}.c2ln",
                BASE64_URL_SAFE_NO_PAD.encode(payload)
            ))
        };
        let github = r#"{"sub":"repo:o@1/r@2:environment:skill","aud":"https://api.anthropic.com","jti":"x"}"#;
        assert_eq!(
            told(github),
            "subject `repo:o@1/r@2:environment:skill`, audience `https://api.anthropic.com`"
        );
        assert_eq!(
            told(r#"{"sub":"a\u001b[31m\nb","aud":["x","y"]}"#),
            r#"subject `a b`, audience `["x","y"]`"#
        );
        assert_eq!(told("{}"), "subject none, audience none");
        assert!(told(&format!(r#"{{"sub":"{}"}}"#, "s".repeat(9000))).len() < 250);
    }

    #[test]
    fn what_is_no_jwt_has_no_claims() {
        for token in ["", "jwt", "a.b", "a.!!.c", "a.W10.c", "a..c"] {
            assert!(describe_claims(token).contains("is no JWT"), "{token}");
        }
    }
}
