//! `SHA256SUMS`, as `sha256sum` writes and checks it.

use sha2::{Digest as _, Sha256};

use crate::source::Tree;

/// The file's name, at the skill's root.
pub(crate) const FILE: &str = "SHA256SUMS";

/// A hash in lower-case hexadecimal.
pub(crate) fn sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of a tree's own sums, which stands for all files; none without sums.
pub(crate) fn seal(tree: &Tree) -> Option<String> {
    tree.files.get(FILE).map(|file| sha256(&file.data))
}

/// The sums of every other file, by path.
pub(crate) fn of(tree: &Tree) -> String {
    let others = tree.files.iter().filter(|(path, _)| *path != FILE);
    others.map(|(path, file)| format!("{}  {path}\n", sha256(&file.data))).collect()
}
