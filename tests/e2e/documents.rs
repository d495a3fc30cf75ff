//! Keeps the JSON documents that tests see, for `scripts/check-schemas`, and runs that.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::Path,
    process::{Command, Output},
};

use crate::skips::skip;

/// Writes a JSON document of padel into the directory that `PADEL_DOCUMENTS` names, if it is set.
/// Documents on one line and those that are laid out for people, like a lock, count alike.
pub(crate) fn keep(stream: &[u8]) {
    // `watch` writes a document a line.
    if serde_json::from_slice::<serde_json::Value>(stream).is_err() {
        stream
            .split_inclusive(|byte| *byte == b'\n')
            .for_each(keep_document);
    } else {
        keep_document(stream);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test's own environment, not the binary's"
)]
fn keep_document(stream: &[u8]) {
    let Some(directory) = std::env::var_os("PADEL_DOCUMENTS") else {
        return;
    };
    let parsed: serde_json::Value = serde_json::from_slice(stream).unwrap_or_default();
    let ours = parsed["schema"]
        .as_str()
        .is_some_and(|schema| schema.starts_with("padel."));
    if ours || parsed["error"].is_object() {
        let mut hasher = DefaultHasher::new();
        stream.hash(&mut hasher);
        std::fs::create_dir_all(&directory).expect("a directory");
        let file = Path::new(&directory).join(format!("{:016x}.json", hasher.finish()));
        std::fs::write(file, stream).expect("a document");
    }
}

/// The system's Python, for which Debian packages the validator: PATH may name another first.
const PYTHON: &str = "/usr/bin/python3";

/// Runs `scripts/check-schemas` on the documents in a directory; nothing without its validator.
pub(crate) fn check(directory: &Path) -> Option<Output> {
    let installed = Command::new(PYTHON)
        .args(["-c", "import jsonschema"])
        .output();
    if !installed.is_ok_and(|output| output.status.success()) {
        skip("python3-jsonschema is not installed, so no schema was tried");
        return None;
    }
    // The test may be of a crate further down.
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|root| root.join("scripts/check-schemas"));
    let script = above.find(|script| script.is_file()).expect("the script");
    Some(
        Command::new(PYTHON)
            .arg(script)
            .arg(directory)
            .output()
            .expect(PYTHON),
    )
}
