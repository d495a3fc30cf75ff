//! How much of an answer is told: only what is short enough to be read to its end.

use std::io::{Error, ErrorKind, Result, Write};

/// The most characters of an answer. A model's tools and a chat cut longer texts off, and nobody
/// sees that they do.
const MAX_CHARACTERS: usize = 8_000;

/// Writes what `tell` tells if it is short enough to be read to its end; else nothing, and returns
/// `false`.
pub(super) fn write_fitting(
    out: &mut dyn Write,
    tell: &dyn Fn(&mut dyn Write) -> Result<()>,
) -> Result<bool> {
    let mut text = LimitedWriter {
        text: Vec::new(),
        room: MAX_CHARACTERS,
    };
    let is_short = tell(&mut text).is_ok();
    if is_short {
        out.write_all(&text.text)?;
    }
    Ok(is_short)
}

/// Takes `room` characters and fails at the next, so that nobody goes on writing what is thrown
/// away.
struct LimitedWriter {
    text: Vec<u8>,
    room: usize,
}

impl Write for LimitedWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        // Each character of UTF-8 has one byte that continues none.
        let characters = bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        self.room = self
            .room
            .checked_sub(characters)
            .ok_or_else(|| Error::from(ErrorKind::WriteZero))?;
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
