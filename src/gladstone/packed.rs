//! Bodies that came as gzip, under whatever name and in however many members. The HTTP client's own decoder reads the first
//! member only, and knows one name.

use std::io::{self, Read as _};

use flate2::read::MultiGzDecoder;

/// Unpacks a body that begins as gzip does, up to `most` bytes and one more; any other body is as it was.
///
/// # Errors
///
/// Where it breaks off, or is no gzip after all.
pub(super) fn unpacked(body: Vec<u8>, most: usize) -> io::Result<Vec<u8>> {
    // A server may say gzip of what a proxy has unpacked, and say nothing of what it has packed.
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(body);
    }
    let mut plain = Vec::with_capacity(body.len().saturating_mul(8).min(most));
    MultiGzDecoder::new(&*body).take(most as u64 + 1).read_to_end(&mut plain)?;
    Ok(plain)
}
