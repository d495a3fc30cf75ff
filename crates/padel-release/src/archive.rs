//! The zip of a skill: the same tree gives the same bytes on every machine and day.

use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, DateTime, System, ZipWriter, result::ZipResult, write::SimpleFileOptions};

use crate::source::Tree;

/// Sorted entries, one fixed date, Unix modes, no directory entries: a mode on those could only be wrong.
pub(crate) fn write(tree: &Tree) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .system(System::Unix)
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::DEFAULT);
    for (path, file) in &tree.files {
        let options = options.unix_permissions(file.mode.unwrap_or(0o644));
        zip.start_file(format!("{}/{path}", tree.top), options)?;
        zip.write_all(&file.data)?;
    }
    Ok(zip.finish()?.into_inner())
}
