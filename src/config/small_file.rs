//! Reading a member's small files whole. Knows nothing of what is in them but their encoding.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _},
    path::Path,
};

/// The largest file that is read whole: a `.env` or a `config.toml` has a few hundred bytes.
const LIMIT: usize = 64 * 1024;

/// The reason why a file is of no use, as the end of a sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("absent")]
    Absent,
    #[error("not a file")]
    NotAFile,
    #[error("a directory")]
    Directory,
    #[error("unreadable (permission denied)")]
    Denied,
    #[error("unreadable ({0})")]
    Unreadable(io::Error),
    #[error("larger than 64 KiB")]
    TooLarge,
    #[error("not UTF-8 but UTF-16 text: save it as UTF-8")]
    Utf16,
    #[error("not UTF-8 text")]
    NotUtf8,
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::Absent,
            ErrorKind::IsADirectory => Self::Directory,
            ErrorKind::PermissionDenied => Self::Denied,
            _ => Self::Unreadable(error),
        }
    }
}

/// The beginning of a file.
pub(super) struct Contents {
    pub(super) bytes: Vec<u8>,
    /// Set where the file is longer.
    pub(super) is_cut: bool,
}

impl Contents {
    fn whole(self) -> Result<Vec<u8>, Unusable> {
        if self.is_cut {
            Err(Unusable::TooLarge)
        } else {
            Ok(self.bytes)
        }
    }

    /// Returns all of a file, unless its text is in two bytes a character.
    pub(super) fn whole_text(self) -> Result<Vec<u8>, Unusable> {
        let bytes = self.whole()?;
        if is_utf16(&bytes) {
            Err(Unusable::Utf16)
        } else {
            Ok(bytes)
        }
    }
}

/// Reads one small text file where it was looked for.
pub(super) fn read_text(path: &Path) -> Result<String, Unusable> {
    into_text(read_regular(path)?)
}

/// Reads one small text file that the command line names. It may be a pipe from another program.
pub(super) fn read_named_text(path: &Path) -> Result<String, Unusable> {
    into_text(read_beginning(path)?)
}

fn into_text(contents: Contents) -> Result<String, Unusable> {
    String::from_utf8(contents.whole_text()?).map_err(|_| Unusable::NotUtf8)
}

/// Reads one small file. A pipe where a file was looked for might never end.
pub(crate) fn read_small(path: &Path) -> Result<Vec<u8>, Unusable> {
    read_regular(path)?.whole()
}

/// Reads the beginning of a regular file.
pub(super) fn read_regular(path: &Path) -> Result<Contents, Unusable> {
    match fs::metadata(path) {
        Ok(data) if !data.is_file() && !data.is_dir() => Err(Unusable::NotAFile),
        _ => read_beginning(path),
    }
}

/// Reads the beginning of whatever the command line names.
pub(super) fn read_beginning(path: &Path) -> Result<Contents, Unusable> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LIMIT as u64 + 1)
        .read_to_end(&mut bytes)?;
    let is_cut = bytes.len() > LIMIT;
    bytes.truncate(LIMIT);
    Ok(Contents { bytes, is_cut })
}

/// The beginning of all our keys.
const PREFIX: &[u8] = b"pslc_";

/// Returns whether this is text in two bytes a character: it begins with their mark, a third of it
/// is zeros, or there are keys of ours once they are left out.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return true;
    }
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    zeros > 0 && (zeros * 3 >= bytes.len() || (names_a_key(bytes) && !has_prefix(bytes)))
}

/// Returns whether a key of ours is there, in one byte a character or in two.
pub(super) fn names_a_key(bytes: &[u8]) -> bool {
    let letters: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    has_prefix(&letters)
}

fn has_prefix(bytes: &[u8]) -> bool {
    bytes
        .windows(PREFIX.len())
        .any(|window| window.eq_ignore_ascii_case(PREFIX))
}
