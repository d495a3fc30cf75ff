//! A skill's directory. Links are not followed.

use std::{
    fs,
    io::Read as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::{
    listing::{self, Kind, Listed},
    tree::{File, MAX_BYTES, MAX_ENTRIES, Tree},
};
use crate::{
    error::{Error, unreadable},
    findings::Findings,
};

/// Reads a skill's directory; nothing when it is refused.
///
/// # Errors
///
/// `usage` when something in it cannot be read.
pub fn read_directory(root: &Path, findings: &mut Findings) -> Result<Option<Tree>, Error> {
    // `check .` has a name, too.
    let named = root
        .canonicalize()
        .map_err(|error| unreadable(root, &error))?;
    let top = named
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let mut list = Vec::new();
    let mut todo = vec![(named.clone(), top)];
    while let Some((directory, path)) = todo.pop() {
        let entries = fs::read_dir(&directory).map_err(|error| unreadable(&directory, &error))?;
        // One more than are allowed is enough to refuse them.
        for entry in entries.take(MAX_ENTRIES + 1 - list.len()) {
            let entry = entry.map_err(|error| unreadable(&directory, &error))?;
            let unreadable = |error| unreadable(&entry.path(), &error);
            // What is not UTF-8 gets a replacement character, and `path` refuses that.
            let path = format!("{path}/{}", entry.file_name().to_string_lossy());
            let about = entry.metadata().map_err(unreadable)?;
            let kind = match about.file_type() {
                kind if kind.is_file() => Kind::File,
                kind if kind.is_dir() => Kind::Directory,
                _ => Kind::Other,
            };
            // One line for `.git`, not one for each of its objects.
            if kind == Kind::Directory && !entry.file_name().as_encoded_bytes().starts_with(b".") {
                todo.push((entry.path(), path.clone()));
            }
            let mode = Some(about.permissions().mode() & 0o7777);
            list.push(Listed {
                path,
                kind,
                size: if kind == Kind::File { about.len() } else { 0 },
                mode,
            });
        }
    }
    list.sort_by(|one, other| one.path.cmp(&other.path));
    let Some(top) = listing::check_listing(&list, findings) else {
        return Ok(None);
    };
    let mut tree = Tree {
        top,
        ..Tree::default()
    };
    let mut left = MAX_BYTES;
    for entry in list.into_iter().filter(|entry| entry.kind == Kind::File) {
        let path = entry.path[tree.top.len() + 1..].to_owned();
        let data = read_file(&named.join(&path), left)?;
        left = left.saturating_sub(data.len() as u64);
        tree.files.insert(
            path,
            File {
                mode: entry.mode,
                data,
            },
        );
    }
    Ok(Some(tree))
}

/// A file that grows while it is read ends at the bound.
fn read_file(path: &PathBuf, left: u64) -> Result<Vec<u8>, Error> {
    let mut data = Vec::new();
    let file = fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    file.take(left)
        .read_to_end(&mut data)
        .map_err(|error| unreadable(path, &error))?;
    Ok(data)
}
