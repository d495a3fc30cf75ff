//! A skill's files in memory, and the bounds of what is read into it.

use std::collections::BTreeMap;

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
