//! The rules that need only names, kinds and sizes.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{MAX_BYTES, MAX_ENTRIES};
use crate::{findings::Findings, output::one_line};

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    /// A symbolic link, device, socket or pipe.
    Other,
}

/// One entry, its path beginning with the top directory.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) size: u64,
    pub(super) mode: Option<u32>,
}

/// Names that no skill needs, in lower case.
const LEFTOVERS: &str = "__macosx __pycache__ thumbs.db desktop.ini node_modules ehthumbs.db";
/// Ends of such names.
const ENDINGS: &str = ".swp .swo ~ .pyc .orig .rej .bak";

/// Checks the list. Gives the top directory's name, unless the contents must not be read.
pub(super) fn check_listing(list: &[Listed], findings: &mut Findings) -> Option<String> {
    let files = || list.iter().filter(|entry| entry.kind != Kind::Directory);
    if list.len() > MAX_ENTRIES {
        findings.violation("", "size", "pack at most 5000 entries");
        return None;
    }
    let total = files().try_fold(0_u64, |sum, entry| sum.checked_add(entry.size));
    let too_large = total.is_none_or(|total| total >= MAX_BYTES);
    if too_large {
        let what = "stay under 30 MB uncompressed: remove or shrink files";
        findings.violation("", "size", what);
    }
    // Directories count, too: an empty one is unpacked beside the skill.
    let tops: BTreeSet<&str> = list
        .iter()
        .map(|entry| entry.path.split('/').next().unwrap_or_default())
        .collect();
    let top = match (tops.first(), tops.len()) {
        (Some(top), 1) if files().count() > 0 && files().all(|entry| entry.path.contains('/')) => {
            (*top).to_owned()
        }
        _ if files().count() == 0 => {
            findings.violation("", "one-skill-md", "add SKILL.md: the skill is empty");
            return None;
        }
        _ => {
            let what = "put all files into one directory named like the skill";
            findings.violation("", "top-directory", what);
            String::new()
        }
    };
    let mut unsafe_paths = false;
    for entry in list {
        let shown = below_top(&entry.path, &top);
        if entry.kind == Kind::Other {
            let what = "replace it by a regular file: links and devices are not uploaded";
            findings.violation(shown, "symlink", what);
        }
        if let Some(wrong) = find_path_problem(entry.path.trim_end_matches('/')) {
            unsafe_paths = true;
            findings.violation(shown, "path", wrong);
        } else if let Some(junk) = find_junk(&entry.path) {
            let what = format!("remove it: `{junk}` does not belong into a skill");
            findings.violation(shown, "junk", what);
        }
    }
    let refused = too_large
        || top.is_empty()
        || list.iter().any(|entry| entry.kind == Kind::Other)
        || unsafe_paths
        // Of paths that are short and have few parts, so that this ends soon.
        || find_doubles(list, &top, findings);
    (!refused).then_some(top)
}

fn below_top<'a>(path: &'a str, top: &str) -> &'a str {
    path.strip_prefix(top)
        .and_then(|path| path.strip_prefix('/'))
        .filter(|path| !path.is_empty())
        .unwrap_or(path)
}

fn find_path_problem(path: &str) -> Option<&'static str> {
    // What is not shown as it is could pass for another.
    if one_line(path) != path || path.contains('\u{fffd}') {
        return Some(
            "rename it: UTF-8 without control characters, invisible ones and white space that \
             does not show",
        );
    }
    if path.contains('\\') {
        return Some("write `/` between directories, not `\\`");
    }
    if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') {
        return Some("make it relative to the top directory");
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some("write it without empty parts, `.` and `..`");
    }
    (path.len() > 255).then_some("shorten it to 255 bytes")
}

fn find_junk(path: &str) -> Option<&str> {
    path.split('/').find(|part| {
        let lower = part.to_lowercase();
        part.starts_with('.')
            || LEFTOVERS.split(' ').any(|name| name == lower)
            || ENDINGS.split(' ').any(|ending| lower.ends_with(ending))
    })
}

/// Names that are one on some file system, and files that are also directories.
fn find_doubles(list: &[Listed], top: &str, findings: &mut Findings) -> bool {
    let mut seen: BTreeMap<String, &Listed> = BTreeMap::new();
    let mut found = false;
    for entry in list {
        if let Some(first) = seen.insert(entry.path.trim_end_matches('/').to_lowercase(), entry) {
            found = true;
            let what = format!(
                "rename it: `{}` is the same name on some file systems",
                below_top(&first.path, top)
            );
            findings.violation(below_top(&entry.path, top), "path", what);
        }
    }
    for entry in list {
        let lower = entry.path.to_lowercase();
        let mut parents = lower.match_indices('/').map(|(at, _)| &lower[..at]);
        if parents.any(|parent| {
            seen.get(parent)
                .is_some_and(|entry| entry.kind != Kind::Directory)
        }) {
            found = true;
            let what = "rename it: its directory is also a file";
            findings.violation(below_top(&entry.path, top), "path", what);
        }
    }
    found
}
