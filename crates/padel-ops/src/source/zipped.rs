//! A skill's zip. What the central directory says is checked before anything is decompressed, and
//! not trusted after.

use std::io::{Cursor, Read as _};

use zip::{ZipArchive, result::ZipResult};

use super::{
    listing::{self, Kind, Listed},
    tree::{File, MAX_BYTES, Tree},
};
use crate::findings::Findings;

/// The bytes of the record at the end of a zip, without a comment.
const END: usize = 22;

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Reads a zip; nothing when it is refused.
pub fn read_zip(data: &[u8], findings: &mut Findings) -> Option<Tree> {
    let mut archive = match Archive::new(Cursor::new(data)) {
        Ok(archive) => archive,
        Err(error) => {
            let what = format!("make a zip that can be read ({error})");
            findings.violation("", "archive", what);
            return None;
        }
    };
    if let Some(what) = find_foreign_bytes(&archive, data) {
        let what = format!("make the zip again, of files only: it holds {what}");
        findings.violation("", "archive", what);
        return None;
    }
    if archive.has_duplicate_names() {
        let what = "pack each file once: the zip holds one name twice";
        findings.violation("", "path", what);
        return None;
    }
    let list = match list_entries(&archive) {
        Ok(list) => list,
        Err(error) => {
            let what = format!("make a zip that can be read ({error})");
            findings.violation("", "archive", what);
            return None;
        }
    };
    let top = listing::check_listing(&list, findings)?;
    // Else the platform may see another file than was checked here.
    if let Err(error) = archive.validate_header_consistency() {
        let what = format!("make the zip again: its two lists of files differ ({error})");
        findings.violation("", "archive", what);
        return None;
    }
    let mut tree = Tree {
        top,
        ..Tree::default()
    };
    let mut left = MAX_BYTES;
    for (index, entry) in list
        .into_iter()
        .enumerate()
        .filter(|(_, entry)| entry.kind == Kind::File)
    {
        let path = entry.path[tree.top.len() + 1..].to_owned();
        match read_entry(&mut archive, index, left) {
            Ok(data) if data.len() as u64 == entry.size => {
                left -= entry.size;
                tree.files.insert(
                    path,
                    File {
                        mode: entry.mode,
                        data,
                    },
                );
            }
            Ok(_) => {
                let what = "make the zip again: the file is not as long as the zip says";
                findings.violation(path, "size", what);
                return None;
            }
            Err(error) => {
                let what = format!("make the zip again, deflated and without a password ({error})");
                findings.violation(path, "archive", what);
                return None;
            }
        }
    }
    Some(tree)
}

/// Finds bytes before, after or about a zip's files, which no rule would see.
fn find_foreign_bytes(archive: &Archive<'_>, data: &[u8]) -> Option<&'static str> {
    let end = &data[data.len().saturating_sub(END)..];
    let commented = |index| {
        archive
            .by_index_data(index)
            .is_ok_and(|entry| !entry.comment().is_empty())
    };
    if archive.offset() != 0 || !archive.is_empty() && !data.starts_with(b"PK\x03\x04") {
        Some("bytes before its first file")
    } else if !archive.comment().is_empty() || (0..archive.len()).any(commented) {
        Some("a comment")
    } else if !end.starts_with(b"PK\x05\x06") || !end.ends_with(&[0, 0]) {
        Some("bytes after its end")
    } else {
        None
    }
}

fn list_entries(archive: &Archive<'_>) -> ZipResult<Vec<Listed>> {
    let entries = (0..archive.len()).map(|index| {
        let entry = archive.by_index_data(index)?;
        let mode =
            matches!(entry.system(), zip::System::Unix).then(|| entry.external_attributes() >> 16);
        let kind = match mode.unwrap_or_default() & 0o170_000 {
            _ if entry.is_dir() => Kind::Directory,
            // No type at all, as from writers that know none.
            0 | 0o100_000 => Kind::File,
            _ => Kind::Other,
        };
        let path = entry.name()?.into_owned();
        let size = if kind == Kind::Directory {
            0
        } else {
            entry.size()
        };
        Ok(Listed {
            path,
            kind,
            size,
            mode: mode.filter(|mode| *mode != 0).map(|mode| mode & 0o7777),
        })
    });
    entries.collect()
}

/// At most a byte more than may be left: an entry may be longer than it says.
fn read_entry(archive: &mut Archive<'_>, index: usize, left: u64) -> ZipResult<Vec<u8>> {
    let mut data = Vec::new();
    archive
        .by_index(index)?
        .take(left + 1)
        .read_to_end(&mut data)?;
    Ok(data)
}
