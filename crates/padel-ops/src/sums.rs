//! `SHA256SUMS`, as `sha256sum` writes and checks it.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use crate::source::Tree;

/// The file's name, at the skill's root.
pub(crate) const FILE: &str = "SHA256SUMS";

/// A hash in lower-case hexadecimal.
pub(crate) fn sha256(data: &[u8]) -> String {
    Sha256::digest(data)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Returns the hashes that the sums may have where they are used: as they are, and with the line
/// ends that a platform may have taken from them or given back.
pub(crate) fn accepted_hashes(tree: &Tree) -> Vec<String> {
    let Some(file) = tree.files.get(FILE) else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&file.data).replace("\r\n", "\n");
    let trimmed = text.trim_end();
    let mut seals = vec![
        sha256(&file.data),
        sha256(format!("{trimmed}\n").as_bytes()),
        sha256(trimmed.as_bytes()),
    ];
    seals.dedup();
    seals
}

/// The lines of a tree's sums, without what a platform may have changed about them; none without
/// sums.
pub(crate) fn parse_lines(tree: &Tree) -> Option<BTreeSet<String>> {
    let text = tree.text(FILE)?;
    Some(
        text.lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect(),
    )
}

/// The sums of every other file, by path.
pub(crate) fn list_sums(tree: &Tree) -> String {
    let others = tree.files.iter().filter(|(path, _)| *path != FILE);
    others
        .map(|(path, file)| format!("{}  {path}\n", sha256(&file.data)))
        .collect()
}
