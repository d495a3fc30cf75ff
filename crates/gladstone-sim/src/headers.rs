//! The request's headers that the portal reads.

use axum::http::{HeaderMap, header};

pub(crate) fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The value of a cookie, by its exact name.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The cookie `Jwt`, if the header that it needs is there as well.
pub(crate) fn sso_cookie(headers: &HeaderMap) -> Option<&str> {
    if header_text(headers, "x-use-sso") == Some("1") {
        cookie(headers, "Jwt")
    } else {
        None
    }
}

/// The token of `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    header_text(headers, "authorization")?.strip_prefix("Bearer ")
}

/// The host that a request is for, without its port: sealed texts take their key from it.
pub(crate) fn host_name(headers: &HeaderMap) -> &str {
    let host = header_text(headers, "host").unwrap_or_default();
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

/// True for a body that says that it is of this media type.
pub(crate) fn has_type(headers: &HeaderMap, media_type: &str) -> bool {
    let stated = header_text(headers, "content-type").unwrap_or_default();
    let stated = stated.split(';').next().unwrap_or_default().trim();
    stated.eq_ignore_ascii_case(media_type)
}
