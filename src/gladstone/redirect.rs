//! Where a portal leads to, and what of that may be shown.

use reqwest::{
    Url,
    header::{self, HeaderMap},
};

use super::failure::Failure;
use crate::text;

/// The target of a redirect; what stands behind a `#` is not sent, and may be a token.
pub(super) fn location(headers: &HeaderMap, from: &Url) -> Option<Url> {
    let mut target = from
        .join(headers.get(header::LOCATION)?.to_str().ok()?)
        .ok()?;
    target.set_fragment(None);
    Some(target)
}

/// An address that a portal leads to, as it may be shown: its user, its query and parts of its path
/// may be secrets.
pub(super) fn shown_url(url: &Url) -> Url {
    let mut shown = url.clone();
    // Neither fails where there is a host.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_query(None);
    shown.set_path(&text::path(url.path()));
    shown
}

pub(super) fn elsewhere(endpoint: &str, target: &Url) -> Failure {
    let got = format!(
        "a redirect to {}",
        target.host_str().unwrap_or("another place")
    );
    Failure::changed(endpoint, "an answer from the club's own host", &got, "")
}
