//! What the platform gives back of a version, and whether it is what we have.
//!
//! A download need not be the bytes that were sent: the platform may pack it anew, without
//! executable bits, with a file of its own or with other line ends. `SHA256SUMS` is a part of what
//! was sent, so where it came back it says what that was.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    io::{Cursor, Read as _},
    rc::Rc,
};

use claude_platform::Client;
use zip::{
    ZipArchive,
    result::{ZipError, ZipResult},
};

use crate::{
    error::{Code, Error, from_platform},
    rules,
    source::{File, MAX_BYTES, MAX_ENTRIES, Tree},
    sums,
};

/// The result of comparing what we have with a download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// All of it.
    Same,
    /// The same was sent, and comes back changed: in what, in words.
    Normalised(String),
    /// The contents differ.
    Different,
}

/// DownloadCache, each made once.
#[derive(Debug, Default)]
pub(crate) struct DownloadCache(BTreeMap<String, Rc<Tree>>);

impl DownloadCache {
    /// The files of a version.
    pub(crate) async fn get(
        &mut self,
        client: &Client,
        skill: &str,
        version: &str,
    ) -> Result<Rc<Tree>, Error> {
        match self.0.entry(version.to_owned()) {
            Entry::Occupied(known) => Ok(known.get().clone()),
            Entry::Vacant(place) => Ok(place
                .insert(Rc::new(download_version(client, skill, version).await?))
                .clone()),
        }
    }
}

/// A version's files.
pub(crate) async fn download_version(
    client: &Client,
    skill: &str,
    version: &str,
) -> Result<Tree, Error> {
    let zip = client
        .download_version(skill, version)
        .await
        .map_err(from_platform)?;
    unpack_zip(&zip).map_err(|error| {
        let message =
            format!("the platform's download of `{version}` is no zip that can be read ({error})");
        let hint = "run the same command again; if it stays so, look for a newer release";
        Error::new(Code::ServiceChanged, message, hint)
    })
}

/// Compares what we have with a download of it. What only the platform can have changed does not
/// count: modes, white space at the end of lines, and, where its `SHA256SUMS` is ours, files beside
/// ours and how the front matter is written.
pub(crate) fn compare_trees(ours: &Tree, download: &Tree) -> Comparison {
    let sealed =
        sums::parse_lines(ours).is_some_and(|lines| Some(lines) == sums::parse_lines(download));
    let mut changes = Vec::new();
    let added = download
        .files
        .keys()
        .filter(|path| !ours.files.contains_key(*path))
        .count();
    if added > 0 {
        if !sealed {
            return Comparison::Different;
        }
        changes.push(format!(
            "{added} file{} more",
            if added == 1 { "" } else { "s" }
        ));
    }
    let (mut texts, mut modes) = (0, false);
    for (path, file) in &ours.files {
        let Some(found) = download.files.get(path) else {
            return Comparison::Different;
        };
        if file.data != found.data {
            let (one, other) = (normalise_text(&file.data), normalise_text(&found.data));
            let same = one.is_some() && one == other;
            let says_the_same =
                || sealed && path == "SKILL.md" && rules::say_the_same(&file.data, &found.data);
            if !same && !says_the_same() {
                return Comparison::Different;
            }
            texts += 1;
        }
        // A bit that either side does not know counts as equal.
        let known = is_executable(file).zip(is_executable(found));
        modes |= known.is_some_and(|(one, other)| one != other);
    }
    if texts > 0 {
        changes.push(format!(
            "other white space in {texts} text{}",
            if texts == 1 { "" } else { "s" }
        ));
    }
    if modes {
        changes.push("other executable bits".to_owned());
    }
    if changes.is_empty() {
        Comparison::Same
    } else {
        Comparison::Normalised(changes.join(", "))
    }
}

/// Compares two downloads, both as the platform gives them back.
pub(crate) fn hold_same_files(one: &Tree, other: &Tree) -> bool {
    compare_trees(one, other) != Comparison::Different
}

fn is_executable(file: &File) -> Option<bool> {
    file.mode.map(|mode| mode & 0o111 != 0)
}

/// A text without what editors and platforms disagree about.
fn normalise_text(data: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(data)
        .ok()
        .filter(|text| !text.contains('\0'))?;
    let text: String = text
        .trim_start_matches('\u{feff}')
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    Some(text.trim_end().to_owned())
}

fn too_large() -> ZipError {
    ZipError::InvalidArchive("it is too large".into())
}

/// Only for looking: nothing is refused that the platform accepted, and more than it accepts is not
/// unpacked.
fn unpack_zip(zip: &[u8]) -> ZipResult<Tree> {
    let mut archive = ZipArchive::new(Cursor::new(zip))?;
    let mut tree = Tree::default();
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
        tree.files
            .insert(entry.name()?.into_owned(), File { mode, data });
    }
    Ok(strip_top_directory(tree))
}

/// Paths below the top directory, if SKILL.md is in one. A file beside that is the platform's, and
/// keeps its path.
fn strip_top_directory(tree: Tree) -> Tree {
    let mut tops = tree
        .files
        .keys()
        .filter_map(|path| path.strip_suffix("/SKILL.md"));
    let Some(top) = tops.find(|top| !top.contains('/')).map(str::to_owned) else {
        return tree;
    };
    let inside = format!("{top}/");
    let below = |path: String| {
        path.strip_prefix(&inside)
            .map_or(path.clone(), str::to_owned)
    };
    Tree {
        files: tree
            .files
            .into_iter()
            .map(|(path, file)| (below(path), file))
            .collect(),
        top,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive;

    fn tree(mode: Option<u32>, text: &str) -> Tree {
        let file = |data: &str, mode| File {
            mode,
            data: data.as_bytes().to_vec(),
        };
        let files = [
            ("SKILL.md", file("x", Some(0o644))),
            ("scripts/padel", file(text, mode)),
        ];
        Tree {
            top: "padel".to_owned(),
            files: files.map(|(path, file)| (path.to_owned(), file)).into(),
        }
    }

    #[test]
    fn a_download_is_the_same_with_its_top_directory_and_without() {
        let ours = tree(Some(0o755), "x");
        let with = unpack_zip(&archive::write_zip(&ours).unwrap()).unwrap();
        assert_eq!(
            (compare_trees(&ours, &with), with.top.as_str()),
            (Comparison::Same, "padel")
        );

        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, file) in &ours.files {
            let options =
                zip::write::SimpleFileOptions::default().unix_permissions(file.mode.unwrap());
            zip.start_file(path, options).unwrap();
            std::io::Write::write_all(&mut zip, &file.data).unwrap();
        }
        let without = unpack_zip(&zip.finish().unwrap().into_inner()).unwrap();
        assert_eq!(compare_trees(&ours, &without), Comparison::Same);
    }

    #[test]
    fn a_download_of_more_than_a_skill_can_hold_is_not_unpacked() {
        let entries = |count, data: Vec<u8>| {
            let file = File { mode: None, data };
            let files = (0..count).map(|number| (format!("{number}"), file.clone()));
            archive::write_zip(&Tree {
                top: "padel".to_owned(),
                files: files.collect(),
            })
            .unwrap()
        };
        assert_eq!(
            unpack_zip(&entries(MAX_ENTRIES, Vec::new()))
                .unwrap()
                .files
                .len(),
            MAX_ENTRIES
        );
        for zip in [
            entries(MAX_ENTRIES + 1, Vec::new()),
            entries(2, vec![0; 16_000_000]),
        ] {
            assert!(
                unpack_zip(&zip)
                    .unwrap_err()
                    .to_string()
                    .contains("it is too large")
            );
        }
    }

    #[test]
    fn contents_count_more_than_executable_bits() {
        let ours = tree(Some(0o755), "x");
        for (other, likeness) in [
            (tree(Some(0o700), "x"), Comparison::Same),
            (tree(None, "x"), Comparison::Same),
            (
                tree(Some(0o644), "x"),
                Comparison::Normalised("other executable bits".to_owned()),
            ),
            (tree(Some(0o644), "y"), Comparison::Different),
            (Tree::default(), Comparison::Different),
        ] {
            assert_eq!(compare_trees(&ours, &other), likeness, "{other:?}");
        }
    }

    /// Both with these files, in the order: path, what we have, what comes back.
    fn pair(files: &[(&str, Option<&str>, Option<&str>)], sealed: bool) -> (Tree, Tree) {
        let (mut ours, mut theirs) = (Tree::default(), Tree::default());
        for (path, one, other) in files {
            let mode = Some(if path.starts_with("bin/") {
                0o755
            } else {
                0o644
            });
            for (tree, data) in [(&mut ours, one), (&mut theirs, other)] {
                let file = data.map(|data| File {
                    mode,
                    data: data.as_bytes().to_vec(),
                });
                file.into_iter()
                    .for_each(|file| drop(tree.files.insert((*path).to_owned(), file)));
            }
        }
        if sealed {
            let sums = sums::list_sums(&ours);
            for (tree, data) in [
                (&mut ours, sums.clone()),
                (&mut theirs, sums.trim_end().replace('\n', "\r\n")),
            ] {
                tree.files.insert(
                    sums::FILE.to_owned(),
                    File {
                        mode: Some(0o644),
                        data: data.into_bytes(),
                    },
                );
            }
        }
        (ours, theirs)
    }

    #[test]
    fn what_the_platform_changes_is_not_taken_for_other_contents() {
        let (same, sealed, never) = ((true, true), (false, true), (false, false));
        for (path, one, other, (plain, with_sums)) in [
            ("SKILL.md", Some("a\nb\n"), Some("a\nb"), same),
            (
                "SKILL.md",
                Some("a\nb\n"),
                Some("\u{feff}a \r\nb\r\n"),
                same,
            ),
            (
                "SKILL.md",
                Some("---\nname: 'a'\n---\nb\n"),
                Some("---\nname: a\n---\n\nb"),
                sealed,
            ),
            (
                "SKILL.md",
                Some("---\nname: 'a'\n---\nb\n"),
                Some("---\nname: b\n---\nb"),
                never,
            ),
            (
                "SKILL.md",
                Some("---\nname: 'a'\n---\nb\n"),
                Some("---\nname: a\n---\nc"),
                never,
            ),
            ("errors.md", Some("a\n"), Some("b\n"), never),
            ("LICENSE", None, Some("added"), sealed),
            ("bin/padel", Some("a"), Some("a\n"), same),
            ("bin/padel", Some("a"), Some("b"), never),
            ("bin/padel", Some("a\0\n"), Some("a\0"), never),
            ("config.toml", Some("a"), None, never),
        ] {
            for (has_sums, expected) in [(false, plain), (true, with_sums)] {
                let (ours, theirs) =
                    pair(&[("x", Some("x"), Some("x")), (path, one, other)], has_sums);
                let found = compare_trees(&ours, &theirs);
                assert_eq!(
                    found != Comparison::Different,
                    expected,
                    "{path} {one:?} {other:?} {has_sums}: {found:?}"
                );
            }
        }
        // Sums of other files speak against it.
        let (ours, mut theirs) = pair(&[("a.md", Some("a"), Some("a"))], true);
        theirs.files.insert(
            sums::FILE.to_owned(),
            File {
                mode: None,
                data: b"0  a.md\n".to_vec(),
            },
        );
        assert_eq!(compare_trees(&ours, &theirs), Comparison::Different);
    }
}
