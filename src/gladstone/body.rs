//! An answer's body: how much of it is read, and who wrote it. Knows no endpoint.

use super::failure::{Failure, Refuser};

/// The largest answer that is read, decompressed.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;
/// An answer larger than this is counted before it is read: a value of two bytes may take a hundred
/// in memory.
const COUNTED: usize = 4 * 1024 * 1024;
/// The most commas in it, and so the most values. A large club's month has some ten thousand.
const COMMAS: usize = 1_000_000;

/// Refuses a body of more values than any club has.
pub(super) fn check_count(body: &[u8], endpoint: &str) -> Result<(), Failure> {
    if body.len() > COUNTED && memchr::memchr_iter(b',', body).count() > COMMAS {
        let most = "at most a million values";
        return Err(Failure::changed(endpoint, most, "more than that", ""));
    }
    Ok(())
}

/// The sender of a 403 with this body.
pub(super) fn refuser(body: &[u8]) -> Refuser {
    if is_firewall(body) {
        return Refuser::Firewall;
    }
    let is_json = matches!(
        serde_json::from_slice(body),
        Ok(serde_json::Value::Object(_) | serde_json::Value::Array(_))
    );
    if is_json {
        Refuser::Portal
    } else {
        Refuser::Edge
    }
}

/// Tells whether a body is a firewall's page rather than the portal's.
pub(super) fn is_firewall(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&body[..body.len().min(8192)]).to_lowercase();
    start.trim_start().starts_with('<')
        && [
            "cloudflare",
            "just a moment",
            "attention required",
            "access denied",
        ]
        .iter()
        .any(|sign| start.contains(sign))
}
