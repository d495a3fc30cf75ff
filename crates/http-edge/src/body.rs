//! An answer's body: how much of it is read, and unpacked.

use std::io::{self, Read as _};

use flate2::read::MultiGzDecoder;
use reqwest::Response;

/// A body that was not read to its end.
#[derive(Debug)]
pub enum BodyError {
    /// The connection broke off.
    Broken(reqwest::Error),
    /// It is larger than the limit, as it came or unpacked.
    TooLarge,
    /// It is gzip, and cannot be unpacked.
    Packed(io::Error),
}

/// Reads the whole body of an answer and unpacks it; neither may be larger than `limit` bytes.
///
/// # Errors
///
/// As [`BodyError`] says.
pub async fn read_body(mut response: Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let stated = response
        .content_length()
        .and_then(|length| usize::try_from(length).ok())
        .unwrap_or(0);
    let mut body = Vec::with_capacity(stated.min(limit));
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    unpack(body, limit)
}

/// Unpacks gzip under whatever name and in however many members.
///
/// Ours and not reqwest's feature `gzip`: that reads the first member only, and knows one name.
fn unpack(body: Vec<u8>, limit: usize) -> Result<Vec<u8>, BodyError> {
    // A server may say gzip of what a proxy has unpacked, and say nothing of what it has packed.
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(body);
    }
    // JSON shrinks to about an eighth.
    let mut plain = Vec::with_capacity(body.len().saturating_mul(8).min(limit));
    MultiGzDecoder::new(&*body)
        // A byte more than the limit is enough to know.
        .take(limit as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(BodyError::Packed)?;
    if plain.len() > limit {
        return Err(BodyError::TooLarge);
    }
    Ok(plain)
}
