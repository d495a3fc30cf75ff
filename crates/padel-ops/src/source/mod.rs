//! A skill's directory or zip as a tree in memory.
//!
//! First only names, kinds and sizes are looked at; what breaks a rule there is refused before any
//! content is read. Nothing is ever unpacked to disk.

mod directory;
mod listing;
mod zipped;

use std::{collections::BTreeMap, fs, io, path::Path};

pub use self::directory::read_directory;
pub use self::zipped::read_zip;
use crate::{
    error::{Error, unreadable},
    rules::Findings,
};

/// The upload must stay under this. The platform says "30 MB"; the smaller reading is safe.
pub const MAX_BYTES: u64 = 30_000_000;
/// More entries are refused.
pub const MAX_ENTRIES: usize = 5000;

/// A skill's files.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// The top directory's name.
    pub top: String,
    /// By path below the top directory.
    pub files: BTreeMap<String, File>,
}

/// One file.
#[derive(Debug, Clone)]
pub struct File {
    /// Permission bits; none in a zip that was not made on Unix.
    pub mode: Option<u32>,
    /// The content.
    pub data: Vec<u8>,
}

impl Tree {
    /// The number of files and of their bytes.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (
            self.files.len(),
            self.files.values().map(|file| file.data.len()).sum(),
        )
    }

    /// A file's text, if it is UTF-8.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(&self.files.get(path)?.data).ok()
    }
}

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
