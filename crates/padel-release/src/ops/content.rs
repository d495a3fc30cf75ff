//! What the platform gives back of a version, and whether it is what we have.
//!
//! Whether a downloaded zip has the top directory and keeps the executable bits is not documented.

use std::io::{Cursor, Read as _};

use claude_platform::Client;
use zip::{ZipArchive, result::ZipResult};

use crate::{
    error::{Code, Error},
    source::{File, MAX_BYTES, MAX_ENTRIES, Tree},
};

/// How much two trees have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Likeness {
    Same,
    /// Except for executable bits.
    SameButModes,
    Other,
}

/// A version's files.
pub(crate) async fn download(client: &Client, skill: &str, version: &str) -> Result<Tree, Error> {
    let zip = client.download_version(skill, version).await?;
    unpack(&zip).map_err(|error| {
        let message = format!("the platform's download of `{version}` is no zip that can be read ({error})");
        Error::new(
            Code::ServiceChanged,
            message,
            "run the same command again; if it stays so, look for a newer release",
        )
    })
}

/// Compares paths, contents and executable bits; a bit that either side does not know counts as equal.
pub(crate) fn compare(one: &Tree, other: &Tree) -> Likeness {
    let pairs = || one.files.values().zip(other.files.values());
    if !one.files.keys().eq(other.files.keys()) || pairs().any(|(one, other)| one.data != other.data) {
        return Likeness::Other;
    }
    let runs = |file: &File| file.mode.map(|mode| mode & 0o111 != 0);
    let differ = |(one, other)| matches!((runs(one), runs(other)), (Some(one), Some(other)) if one != other);
    if pairs().any(differ) { Likeness::SameButModes } else { Likeness::Same }
}

/// Only for looking: nothing is refused that the platform accepted, and more than it accepts is not unpacked.
fn unpack(zip: &[u8]) -> ZipResult<Tree> {
    let mut archive = ZipArchive::new(Cursor::new(zip))?;
    let mut tree = Tree::default();
    let too_large = || zip::result::ZipError::InvalidArchive("it is too large".into());
    let mut left = MAX_BYTES;
    if archive.len() > MAX_ENTRIES {
        return Err(too_large());
    }
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        if entry.is_dir() {
            continue;
        }
        let mut data = Vec::new();
        entry.by_ref().take(left + 1).read_to_end(&mut data)?;
        left = left.checked_sub(data.len() as u64).ok_or_else(too_large)?;
        let mode = entry.unix_mode().filter(|mode| *mode != 0);
        tree.files.insert(entry.name()?.into_owned(), File { mode, data });
    }
    Ok(without_top(tree))
}

/// Paths below the top directory, if all files are in one and SKILL.md is there.
fn without_top(tree: Tree) -> Tree {
    let Some(top) = tree.files.keys().find_map(|path| path.strip_suffix("/SKILL.md")).map(str::to_owned) else {
        return tree;
    };
    let inside = format!("{top}/");
    if top.contains('/') || !tree.files.keys().all(|path| path.starts_with(&inside)) {
        return tree;
    }
    let files = tree.files.into_iter().map(|(path, file)| (path[inside.len()..].to_owned(), file));
    Tree { files: files.collect(), top }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive;

    fn tree(mode: Option<u32>, text: &str) -> Tree {
        let file = |data: &str, mode| File { mode, data: data.as_bytes().to_vec() };
        let files = [("SKILL.md", file("x", Some(0o644))), ("scripts/padel", file(text, mode))];
        Tree { top: "padel".to_owned(), files: files.map(|(path, file)| (path.to_owned(), file)).into() }
    }

    #[test]
    fn a_download_is_the_same_with_its_top_directory_and_without() {
        let ours = tree(Some(0o755), "x");
        let with = unpack(&archive::write(&ours).unwrap()).unwrap();
        assert_eq!((compare(&ours, &with), with.top.as_str()), (Likeness::Same, "padel"));

        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, file) in &ours.files {
            let options = zip::write::SimpleFileOptions::default().unix_permissions(file.mode.unwrap());
            zip.start_file(path, options).unwrap();
            std::io::Write::write_all(&mut zip, &file.data).unwrap();
        }
        let without = unpack(&zip.finish().unwrap().into_inner()).unwrap();
        assert_eq!(compare(&ours, &without), Likeness::Same);
    }

    #[test]
    fn a_download_of_more_than_a_skill_can_hold_is_not_unpacked() {
        let entries = |count, data: Vec<u8>| {
            let file = File { mode: None, data };
            let files = (0..count).map(|number| (format!("{number}"), file.clone()));
            archive::write(&Tree { top: "padel".to_owned(), files: files.collect() }).unwrap()
        };
        assert_eq!(unpack(&entries(MAX_ENTRIES, Vec::new())).unwrap().files.len(), MAX_ENTRIES);
        for zip in [entries(MAX_ENTRIES + 1, Vec::new()), entries(2, vec![0; 16_000_000])] {
            assert!(unpack(&zip).unwrap_err().to_string().contains("it is too large"));
        }
    }

    #[test]
    fn contents_count_more_than_executable_bits_and_bits_only_where_they_are_known() {
        let ours = tree(Some(0o755), "x");
        for (other, likeness) in [
            (tree(Some(0o700), "x"), Likeness::Same),
            (tree(None, "x"), Likeness::Same),
            (tree(Some(0o644), "x"), Likeness::SameButModes),
            (tree(Some(0o644), "y"), Likeness::Other),
            (Tree::default(), Likeness::Other),
        ] {
            assert_eq!(compare(&ours, &other), likeness, "{other:?}");
        }
    }
}
