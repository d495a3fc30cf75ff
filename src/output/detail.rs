//! How much of an answer is told: the finest detail with which it is short enough to be read to its
//! end.

use std::io::{Error, ErrorKind, Result, Write};

/// The most characters of an answer. A model's tools and a chat cut longer texts off, and nobody
/// sees that they do.
const MAX_CHARACTERS: usize = 8_000;

/// The part of each day that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Each time with its courts.
    Courts,
    /// Each time with the number of courts.
    Times,
    /// The number of slots.
    Counts,
}

impl Detail {
    /// Says what is left out, and how to get it.
    pub(super) const fn left_out(self) -> Option<&'static str> {
        match self {
            Self::Courts => None,
            Self::Times => Some(
                "×3 means three courts. Their names are left out: the whole list is too long to \
                 read. To see them, ask for fewer days, hours (--from, --to), one length \
                 (--duration) or one activity (--activity).",
            ),
            Self::Counts => Some(
                "Times and courts are left out: the whole list is too long to read. To see them, \
                 ask for fewer days, hours (--from, --to), one length (--duration) or one \
                 activity (--activity).",
            ),
        }
    }
}

/// Calls `tell` with the finest detail that fits; the coarsest always does.
pub(super) fn write_fitting(
    out: &mut dyn Write,
    tell: &dyn Fn(Detail, &mut dyn Write) -> Result<()>,
) -> Result<()> {
    for detail in [Detail::Courts, Detail::Times] {
        let mut text = LimitedWriter {
            text: Vec::new(),
            room: MAX_CHARACTERS,
        };
        if tell(detail, &mut text).is_ok() {
            return out.write_all(&text.text);
        }
    }
    tell(Detail::Counts, out)
}

/// Fails where so many rows are too long whatever they hold, for those who make all before they
/// tell the first.
pub(super) fn check_room(rows: usize) -> Result<()> {
    // A margin, a length and a time.
    let shortest = "  60 min  18:00×1\n".chars().count();
    if rows * shortest > MAX_CHARACTERS {
        Err(ErrorKind::WriteZero.into())
    } else {
        Ok(())
    }
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
