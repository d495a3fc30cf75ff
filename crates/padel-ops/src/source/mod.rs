//! A skill's directory or zip as a tree in memory.
//!
//! First only names, kinds and sizes are looked at; what breaks a rule there is refused before any
//! content is read. Nothing is ever unpacked to disk.

mod directory;
mod listing;
mod tree;
mod zipped;

use std::{fs, io, path::Path};

pub use self::{
    directory::read_directory,
    tree::{File, MAX_BYTES, MAX_ENTRIES, Tree},
    zipped::read_zip,
};
use crate::{
    error::{Error, unreadable},
    findings::Findings,
};

/// Reads a directory or zip; nothing when it is refused, which is among the findings then.
///
/// # Errors
///
/// `usage` when the path is missing or cannot be read.
pub fn read_tree(path: &Path, findings: &mut Findings) -> Result<Option<Tree>, Error> {
    if path.is_dir() {
        return read_directory(path, findings);
    }
    Ok(read_zip_file(path, findings)?.and_then(|data| read_zip(&data, findings)))
}

/// A regular file that is smaller than a skill: a device or pipe might never end.
pub(crate) fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let about = fs::metadata(path)?;
    if !about.is_file() || about.len() >= MAX_BYTES {
        return Err(io::Error::other("no regular file of less than 30 MB"));
    }
    fs::read(path)
}

/// Reads a zip's bytes; nothing when it cannot be a skill's.
///
/// # Errors
///
/// `usage` when the path is missing or cannot be read.
pub fn read_zip_file(path: &Path, findings: &mut Findings) -> Result<Option<Vec<u8>>, Error> {
    let kind = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    // Compressed, so what is larger than this is larger unpacked, or full of something that is no
    // skill's.
    if !kind.is_file() || kind.len() > MAX_BYTES + 1_000_000 {
        findings.violation("", "size", "make it a zip of less than 30 MB uncompressed");
        return Ok(None);
    }
    fs::read(path)
        .map(Some)
        .map_err(|error| unreadable(path, &error))
}
