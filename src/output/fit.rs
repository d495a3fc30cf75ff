//! How much of an answer is told: the finest detail with which it is short enough to be read to its
//! end.

use std::io::{Error, ErrorKind, Result, Write};

/// Characters. A model's tools and a chat cut longer texts off, and nobody sees that they do.
const MOST: usize = 8_000;

/// How much is told of each day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Each time with its courts.
    Courts,
    /// Each time with the number of courts.
    Times,
    /// How many slots.
    Counts,
}

impl Detail {
    /// What is left out, and how to get it.
    pub(super) const fn left_out(self) -> Option<&'static str> {
        match self {
            Self::Courts => None,
            Self::Times => Some(
                "×3 means three courts. Their names are left out: all of them would be too long to read. For names ask \
                 for fewer days, hours (--from, --to), one length (--duration) or one activity (--activity).",
            ),
            Self::Counts => Some(
                "Times and courts are left out: all of them would be too long to read. For times ask for fewer days, \
                 hours (--from, --to), one length (--duration) or one activity (--activity).",
            ),
        }
    }
}

/// Tells as much as fits; what is coarsest always does.
pub(super) fn fit(
    out: &mut impl Write,
    tell: impl Fn(Detail, &mut dyn Write) -> Result<()>,
) -> Result<()> {
    for detail in [Detail::Courts, Detail::Times] {
        let mut sheet = Sheet {
            text: Vec::new(),
            room: MOST,
        };
        if tell(detail, &mut sheet).is_ok() {
            return out.write_all(&sheet.text);
        }
    }
    tell(Detail::Counts, out)
}

/// Fails where so many rows are too long whatever they hold, for those who make all before they
/// tell the first.
pub(super) fn room_for(rows: usize) -> Result<()> {
    // A margin, a length and a time.
    let shortest = "  60 min  18:00×1\n".chars().count();
    if rows * shortest > MOST {
        Err(ErrorKind::WriteZero.into())
    } else {
        Ok(())
    }
}

/// Takes so many characters and fails at the next, so that nobody goes on writing what is thrown
/// away.
struct Sheet {
    text: Vec<u8>,
    room: usize,
}

impl Write for Sheet {
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
