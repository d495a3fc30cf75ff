//! The files below a session's uploads, and which of them are a member's `.env` under another name.
//! Bounded: anybody may have uploaded anything.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
};

use super::{
    discovery::{PASSWORD, USER, mentions_pair},
    dotenv,
    places::{self, Contents},
};

/// How many directories lie above a file at most.
const DEPTH: usize = 8;
/// How many files and directories are looked at.
const ENTRIES: usize = 1000;

/// What is below a directory.
pub(super) struct Below {
    /// The least deep first.
    pub(super) files: Vec<PathBuf>,
    /// How many entries were looked at.
    pub(super) seen: usize,
    /// What was not looked at, in words.
    pub(super) gaps: Vec<String>,
}

/// What a file with a name of its own is.
pub(super) enum Verdict {
    /// A `.env` with lines for both keys, readable or not.
    Pairs(dotenv::Pairs),
    /// It names a key of ours, or may do so, and is of no use; why, in words.
    Useless(String),
    /// None of ours.
    Others,
}

/// The files below a directory.
pub(super) fn files_below(root: &Path) -> Below {
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
        paths.sort();
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

/// Looks into a file.
pub(super) fn judge(path: &Path) -> Verdict {
    let Contents { bytes, is_cut } = match places::read_regular(path) {
        Ok(contents) => contents,
        // What is no file holds nothing, and what is gone is no loss.
        Err(reason) if reason == places::NO_FILE || reason == places::ABSENT => {
            return Verdict::Others;
        }
        Err(reason) => return Verdict::Useless(reason),
    };
    let is_text = !is_cut && !places::is_utf16(&bytes);
    let pairs = if is_text {
        dotenv::parse(&bytes)
    } else {
        dotenv::Pairs::default()
    };
    if mentions_pair(&pairs) {
        return Verdict::Pairs(pairs);
    }
    if !places::names_a_key(&bytes) {
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
        format!("names pslc_ keys, but is {}", places::UTF16)
    })
}

/// Whether a file has a name of ours.
pub(super) fn is_ours(path: &Path) -> bool {
    path.ends_with("pslc-padel/.env")
        || path
            .file_name()
            .is_some_and(|name| name == "pslc-padel.env")
}
