//! Slack's signature, version 0 (documented): HMAC-SHA256 over the version, the time and the raw
//! bytes of the body.
//!
//! It never shows the signature that it expected: whoever reads logs could send it.

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// Header with `v0=` and 64 lower-case hexadecimal digits.
const SIGNATURE: &str = "x-slack-signature";
/// Header with the time of signing in seconds since 1970.
const TIMESTAMP: &str = "x-slack-request-timestamp";
/// The farthest that the time of signing may be from ours, in seconds, both ways (documented).
const WINDOW: u64 = 300;
/// Digits of a time; eleven are enough for the year 5138.
const LONGEST_TIMESTAMP: usize = 11;
/// Bytes of an HMAC-SHA256.
const MAC_SIZE: usize = 32;

/// The app's signing secrets: one, or two while one replaces the other.
#[derive(Debug, Clone)]
pub struct SigningSecrets(Vec<SecretString>);

/// No signing secret is given, or a blank one, with which anybody could sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing secret is blank")]
pub struct BlankSecret;

/// Reason why a request is not taken for Slack's. All of them are answered alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A header is missing, stands there twice, or cannot be what Slack sends.
    #[error("headers")]
    Headers,
    /// Signed more than five minutes ago or ahead.
    #[error("time")]
    Time,
    /// Signed with another secret, or of another body.
    #[error("signature")]
    Signature,
}

impl SigningSecrets {
    /// Keeps the secrets as they are, blanks inside included.
    ///
    /// # Errors
    ///
    /// [`BlankSecret`] when there is none, or one is blank.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Result<Self, BlankSecret> {
        let secrets: Vec<String> = secrets.into_iter().collect();
        if secrets.is_empty() || secrets.iter().any(|secret| secret.trim().is_empty()) {
            return Err(BlankSecret);
        }
        Ok(Self(secrets.into_iter().map(Into::into).collect()))
    }

    /// Verifies that Slack signed this body, by our clock in seconds since 1970.
    ///
    /// # Errors
    ///
    /// As [`Rejection`] says.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8], now: u64) -> Result<(), Rejection> {
        let (timestamp, signature) = read_headers(headers, now)?;
        // All of them are tried, so that the time tells nothing of which one it was.
        let matches = self
            .0
            .iter()
            .map(|secret| signs(secret, timestamp, body, &signature))
            .fold(false, |found, matches| found | matches);
        matches.then_some(()).ok_or(Rejection::Signature)
    }
}

/// Reads time and signature from a request's headers, before its body is.
///
/// # Errors
///
/// [`Rejection::Headers`] or [`Rejection::Time`].
pub(crate) fn read_headers(
    headers: &HeaderMap,
    now: u64,
) -> Result<(&[u8], [u8; MAC_SIZE]), Rejection> {
    let timestamp = single_value(headers, TIMESTAMP).ok_or(Rejection::Headers)?;
    let signature = single_value(headers, SIGNATURE).ok_or(Rejection::Headers)?;
    let seconds = parse_timestamp(timestamp).ok_or(Rejection::Headers)?;
    let signature = parse_signature(signature).ok_or(Rejection::Headers)?;
    if now.abs_diff(seconds) > WINDOW {
        return Err(Rejection::Time);
    }
    Ok((timestamp, signature))
}

/// Returns the value of a header that stands there once.
fn single_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.as_bytes())
}

fn parse_timestamp(text: &[u8]) -> Option<u64> {
    // `parse` alone would take a plus sign.
    if text.len() > LONGEST_TIMESTAMP || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn parse_signature(text: &[u8]) -> Option<[u8; MAC_SIZE]> {
    let digits = text.strip_prefix(b"v0=")?;
    if digits.len() != 2 * MAC_SIZE {
        return None;
    }
    let mut mac = [0; MAC_SIZE];
    for (byte, pair) in mac.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = parse_digit(pair[0])? << 4 | parse_digit(pair[1])?;
    }
    Some(mac)
}

fn parse_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Returns whether the secret makes this signature; compares in constant time.
fn signs(secret: &SecretString, timestamp: &[u8], body: &[u8], signature: &[u8]) -> bool {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return false;
    };
    for part in [b"v0:", timestamp, b":", body] {
        mac.update(part);
    }
    mac.verify_slice(signature).is_ok()
}
