//! An answer's body: how much of it is read, and who wrote it. Knows no endpoint.

use super::failure::{Failure, Refuser};

/// The largest answer that is read, decompressed.
pub(super) const LIMIT: usize = 64 * 1024 * 1024;
/// The values of an answer larger than this are counted: one of two bytes may take a hundred in
/// memory.
const COUNTED: usize = 4 * 1024 * 1024;
/// The most commas in it, and so the most values. A large club's month has some ten thousand.
const COMMAS: usize = 1_000_000;

/// Takes a successful answer's body while it arrives.
pub(super) trait Intake {
    /// Starts before an answer; what came of an earlier one, which broke off, counts no more.
    fn restart(&mut self);

    /// Takes what has arrived.
    fn push(&mut self, piece: &[u8]);
}

impl Intake for Vec<u8> {
    fn restart(&mut self) {
        self.clear();
    }

    fn push(&mut self, piece: &[u8]) {
        self.extend_from_slice(piece);
    }
}

/// Size of a body, and its values.
#[derive(Default)]
pub(super) struct Extent {
    pub(super) size: usize,
    commas: usize,
}

impl Extent {
    /// Adds a piece of the body.
    pub(super) fn add(&mut self, piece: &[u8]) {
        self.size += piece.len();
        self.commas += memchr::memchr_iter(b',', piece).count();
    }

    /// Refuses a body of more values than any club has.
    pub(super) fn check_count(&self, endpoint: &str) -> Result<(), Failure> {
        if self.size > COUNTED && self.commas > COMMAS {
            let most = "at most a million values";
            return Err(Failure::changed(endpoint, most, "more than that", ""));
        }
        Ok(())
    }
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
