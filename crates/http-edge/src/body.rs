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

/// The first bytes of gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Bytes that are unpacked at once.
const PIECE: usize = 64 * 1024;

/// Reads the whole body of an answer and unpacks it; neither may be larger than `limit` bytes.
///
/// # Errors
///
/// As [`BodyError`] says.
pub async fn read_body(response: Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let stated = response
        .content_length()
        .and_then(|length| usize::try_from(length).ok())
        .unwrap_or(0);
    let mut body = Vec::with_capacity(stated.min(limit));
    read_pieces(response, limit, |piece| body.extend_from_slice(piece)).await?;
    Ok(body)
}

/// Reads the body of an answer, unpacks it, and hands on its pieces: as they arrive, but for gzip,
/// which is a tenth of what is in it.
///
/// # Errors
///
/// As for [`read_body`]; the pieces before an error are handed on.
pub async fn read_pieces(
    mut response: Response,
    limit: usize,
    mut take: impl FnMut(&[u8]),
) -> Result<(), BodyError> {
    let (mut size, mut is_plain, mut held) = (0, false, Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
        size += chunk.len();
        if size > limit {
            return Err(BodyError::TooLarge);
        }
        if is_plain {
            take(&chunk);
            continue;
        }
        held.extend_from_slice(&chunk);
        // A server may say gzip of what a proxy has unpacked, and say nothing of what it has packed.
        is_plain = held.len() >= GZIP.len() && !held.starts_with(&GZIP);
        if is_plain {
            take(&held);
            held = Vec::new();
        }
    }
    if held.starts_with(&GZIP) {
        return unpack(&held, limit, take);
    }
    take(&held);
    Ok(())
}

/// Unpacks gzip under whatever name and in however many members.
///
/// Ours and not reqwest's feature `gzip`: that reads the first member only, and knows one name.
fn unpack(body: &[u8], limit: usize, mut take: impl FnMut(&[u8])) -> Result<(), BodyError> {
    let (mut plain, mut size, mut piece) = (MultiGzDecoder::new(body), 0, vec![0; PIECE]);
    loop {
        let count = plain.read(&mut piece).map_err(BodyError::Packed)?;
        size += count;
        if size > limit {
            return Err(BodyError::TooLarge);
        }
        if count == 0 {
            return Ok(());
        }
        take(&piece[..count]);
    }
}
