//! An answer's body: how much of it is read, unpacked, and who wrote it. Knows no endpoint.

use std::io::{self, Read as _};

use flate2::read::MultiGzDecoder;

use super::failure::{Failure, Refuser};

/// The largest answer that is read, decompressed.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;
/// An answer larger than this is counted before it is read: a value of two bytes may take a hundred
/// in memory.
const COUNTED: usize = 4 * 1024 * 1024;
/// The most commas in it, and so the most values. A large club's month has some ten thousand.
const COMMAS: usize = 1_000_000;

/// Unpacks a body that was read up to the limit, and holds it against the limits.
pub(super) fn plain(body: Vec<u8>, endpoint: &str, host: &str) -> Result<Vec<u8>, Failure> {
    let body = unpacked(body).map_err(|error| {
        let reason = format!("its answer cannot be unpacked ({error})");
        Failure::Network {
            host: host.to_owned(),
            reason,
            passing: true,
        }
    })?;
    if body.len() > LIMIT {
        return Err(Failure::changed(
            endpoint,
            "at most 64 MiB",
            "more than that",
            "",
        ));
    }
    if body.len() > COUNTED && memchr::memchr_iter(b',', &body).count() > COMMAS {
        return Err(Failure::changed(
            endpoint,
            "at most a million values",
            "more than that",
            "",
        ));
    }
    Ok(body)
}

/// Gzip under whatever name and in however many members: the HTTP client's own decoder reads the
/// first member only, and knows one name. A byte more than the limit is enough.
fn unpacked(body: Vec<u8>) -> io::Result<Vec<u8>> {
    // A server may say gzip of what a proxy has unpacked, and say nothing of what it has packed.
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(body);
    }
    let mut plain = Vec::with_capacity(body.len().saturating_mul(8).min(LIMIT));
    MultiGzDecoder::new(&*body)
        .take(LIMIT as u64 + 1)
        .read_to_end(&mut plain)?;
    Ok(plain)
}

/// Who sent a 403 with this body.
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

/// Whether a body is a firewall's page rather than the portal's.
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
