//! Tokens: as a header, and in the answer of who issues one.

use std::time::Duration;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::{Error, Kind, transport::RequestFacts};

/// The longest time for getting a token, as the SDK has it.
pub(super) const TOKEN_TIME: Duration = Duration::from_secs(30);
/// No answer with a token is larger.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// Makes the header of a scheme and a token, marked as sensitive; `None` for what no header can
/// carry, and for blanks, which no token has.
pub(super) fn authorization(scheme: &str, token: &SecretString) -> Option<HeaderValue> {
    if token.expose_secret().contains(char::is_whitespace) {
        return None;
    }
    let mut value = HeaderValue::try_from(format!("{scheme} {}", token.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Describes a request for a token; `secret` is in its body.
pub(super) fn token_request<'a>(operation: &'a str, secret: Option<&'a str>) -> RequestFacts<'a> {
    RequestFacts {
        operation,
        limit: ANSWER_LIMIT,
        streams: false,
        secrets: secret.map(str::to_owned).into_iter().collect(),
    }
}

/// Reads an answer that holds a token. The parser's own words are left out: they quote the answer.
pub(super) fn parse_token<'de, T: Deserialize<'de>>(
    answer: &'de [u8],
    operation: &str,
) -> Result<T, Error> {
    serde_json::from_slice(answer).map_err(|_| unusable_token(operation))
}

pub(super) fn unusable_token(operation: &str) -> Error {
    Error::new(Kind::Malformed, "the answer holds no usable token").of_operation(operation)
}
