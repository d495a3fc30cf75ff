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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{source::File, sums::sha256};

    /// Another hash means another deflate: another version of miniz_oxide, or a dependency that turns on another
    /// backend of flate2. Releases stay reproducible only from the same Cargo.lock; accept the new hash knowingly.
    #[test]
    fn the_bytes_are_those_of_the_pinned_deflate() {
        let data: String = (0..5000_u32).map(|number| format!("{} ", number * number % 9973)).collect();
        let file = File { mode: Some(0o755), data: data.into_bytes() };
        let tree = Tree { top: "a".to_owned(), files: [("b".to_owned(), file)].into() };
        assert_eq!(sha256(&write(&tree).unwrap()), "ccba30dc8252779e49aae101cc9b9ae4f33a32ef6dffd65ee6d564ddcc8572da");
    }
}
