//! What an answer that is no success means: its kind, its message, and how long it asks to wait.

use http_edge::{Secrets, read_wait};
use reqwest::{StatusCode, header::HeaderMap};
use serde_json::Value;

use crate::{Error, Kind, clock, text};

/// Places of a message in the body: the platform's form, AWS's, OAuth's.
const MESSAGES: [&str; 5] = [
    "/error/message",
    "/message",
    "/Message",
    "/error_description",
    "/error",
];
/// Places of AWS's name of an error in the body, beside the header `x-amzn-errortype`.
const TYPES: [&str; 3] = ["/__type", "/code", "/error/type"];
/// AWS's names of errors by which it does not take the signature itself (its common errors; assumed
/// for this service).
const SIGNATURE_ERRORS: [&str; 7] = [
    "ExpiredToken",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignature",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClient",
];

/// Returns the failure that such an answer is, without the request's secrets.
pub(crate) fn explain(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    secrets: &Secrets,
) -> Error {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let find = |place: &str| json.as_ref()?.pointer(place)?.as_str();
    let rejects_signature = header("x-amzn-errortype")
        .into_iter()
        .chain(TYPES.into_iter().filter_map(find))
        .any(|name| SIGNATURE_ERRORS.iter().any(|known| name.contains(known)));
    let kind = if rejects_signature {
        Kind::Rejected
    } else {
        kind_of(status)
    };
    let text = String::from_utf8_lossy(body);
    let message = if status.is_redirection() {
        "the service redirects to another address, and redirects are not followed"
    } else if let Some(message) = MESSAGES.into_iter().find_map(find) {
        message
    } else if json.is_none() && !text.trim().is_empty() && !text.trim_start().starts_with('<') {
        &text
    } else {
        status.canonical_reason().unwrap_or("no reason given")
    };
    Error {
        request_id: find("/request_id").map(|id| secrets.clean_line(id, text::SHORT)),
        retry_after: read_wait(headers, clock::now().into()),
        should_retry: header("x-should-retry").and_then(|value| value.parse().ok()),
        ..Error::new(kind, secrets.clean_line(message, text::MESSAGE))
    }
}

fn kind_of(status: StatusCode) -> Kind {
    match status.as_u16() {
        // Nothing else redirects than an address that is not the API's.
        300..=399 => Kind::Config,
        401 => Kind::Rejected,
        403 => Kind::Denied,
        404 => Kind::NotFound,
        408 => Kind::Timeout,
        409 => Kind::Conflict,
        429 => Kind::RateLimited,
        400..=499 => Kind::Invalid,
        _ => Kind::Unavailable,
    }
}
