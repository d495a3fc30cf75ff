//! The files below a session's uploads, and which of them are a member's `.env` under another name.
//! Bounded: anybody may have uploaded anything.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
};

use super::{
    dotenv::{self, PASSWORD, USER},
    small_file::{self, Contents, Unusable},
};
use crate::sort::sort_by;

/// The most directories above a file: the platform mounts at a path of a few.
const DEPTH: usize = 8;
/// The most files and directories that are looked at: a session has a few dozen, and each takes
/// some system calls.
const ENTRIES: usize = 1000;

/// The files below a directory.
pub(super) struct Below {
    /// The least deep first.
    pub(super) files: Vec<PathBuf>,
    /// The number of entries that were looked at.
    pub(super) seen: usize,
    /// The parts that were not looked at, in words.
    pub(super) gaps: Vec<String>,
}

/// The kind of a file with a name of its own.
pub(super) enum Verdict {
    /// A `.env` with lines for both keys, readable or not.
    Pairs(dotenv::Pairs),
    /// It names a key of ours, or may do so, and is of no use; why, in words.
    Useless(String),
    /// None of ours.
    Others,
}

/// Finds the files below a directory.
pub(super) fn find_files(root: &Path) -> Below {
    let mut queue = VecDeque::from([(root.to_owned(), 0)]);
    let mut below = Below {
        files: Vec::new(),
        seen: 0,
        gaps: Vec::new(),
    };
    let (mut unreadable, mut too_deep) = (0, false);
    'all: while let Some((dir, depth)) = queue.pop_front() {
        let Ok(entries) = std::fs::read_dir(&dir) else {
            unreadable += 1;
            continue;
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        sort_by(&mut paths, Ord::cmp);
        for path in paths {
            if below.seen == ENTRIES {
                below
                    .gaps
                    .push("there are more, which were not looked at".to_owned());
                break 'all;
            }
            below.seen += 1;
            // Links are followed only as far as the root goes.
            let Some(real) = path
                .canonicalize()
                .ok()
                .filter(|real| real.starts_with(root))
            else {
                continue;
            };
            if !real.is_dir() {
                below.files.push(path);
            } else if real == path {
                // A link to a directory inside would be seen twice, or for ever.
                if depth < DEPTH {
                    queue.push_back((path, depth + 1));
                } else {
                    too_deep = true;
                }
            }
        }
    }
    if too_deep {
        below.gaps.push(format!(
            "what lies deeper than {DEPTH} directories was not looked at"
        ));
    }
    if unreadable > 0 {
        below
            .gaps
            .push(format!("{unreadable} of the directories cannot be read"));
    }
    below
}

/// Judges a file by its contents.
pub(super) fn judge(path: &Path) -> Verdict {
    let Contents { bytes, is_cut } = match small_file::read_regular(path) {
        Ok(contents) => contents,
        // What is no file holds nothing, and what is gone is no loss.
        Err(Unusable::NotAFile | Unusable::Absent) => return Verdict::Others,
        Err(reason) => return Verdict::Useless(reason.to_string()),
    };
    let is_text = !is_cut && !small_file::is_utf16(&bytes);
    let pairs = if is_text {
        dotenv::parse(&bytes)
    } else {
        dotenv::Pairs::default()
    };
    if pairs.mentions_credentials() {
        return Verdict::Pairs(pairs);
    }
    if !small_file::names_a_key(&bytes) {
        return Verdict::Others;
    }
    Verdict::Useless(if is_cut {
        "names pslc_ keys, but is larger than 64 KiB".to_owned()
    } else if is_text {
        let missing = [USER, PASSWORD]
            .iter()
            .filter(|name| !pairs.mentions(name))
            .map(|name| format!("{name}=value"));
        format!(
            "names pslc_ keys, but no line has {}",
            missing.collect::<Vec<_>>().join(" or ")
        )
    } else {
        format!("names pslc_ keys, but is {}", Unusable::Utf16)
    })
}

/// Returns whether a file has a name of ours.
pub(super) fn has_our_name(path: &Path) -> bool {
    path.ends_with("pslc-padel/.env")
        || path
            .file_name()
            .is_some_and(|name| name == "pslc-padel.env")
}
