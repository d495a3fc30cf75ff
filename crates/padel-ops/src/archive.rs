//! The zip of a skill: the same tree gives the same bytes on every machine and day.

use std::io::{Cursor, Write as _};

use zip::{
    CompressionMethod, DateTime, System, ZipWriter, result::ZipResult, write::SimpleFileOptions,
};

use crate::source::Tree;

/// Sorted entries, one fixed date, Unix modes, no directory entries: a mode on those could only be
/// wrong.
///
/// Not compressed: that would save 3 MB of each upload, but a session would wait for the unpacking
/// twice as long, and the bytes would depend on the version of a compressor.
pub(crate) fn write_zip(tree: &Tree) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .system(System::Unix)
        .compression_method(CompressionMethod::Stored)
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

    #[test]
    fn the_bytes_are_always_the_same() {
        let data: String = (0..5000_u32)
            .map(|number| format!("{} ", number * number % 9973))
            .collect();
        let file = File {
            mode: Some(0o755),
            data: data.into_bytes(),
        };
        let tree = Tree {
            top: "a".to_owned(),
            files: [("b".to_owned(), file)].into(),
        };
        assert_eq!(
            sha256(&write_zip(&tree).unwrap()),
            "a96edd11d05ff2c73572875512970935454a4bd84cfd49bbc0adbb95f53fe175"
        );
    }
}
