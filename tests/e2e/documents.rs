//! Keeps the JSON documents that tests see, for `scripts/check-schemas`.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::Path,
};

/// Writes what is a document of ours into the directory that `PADEL_DOCUMENTS` names, if it is set.
#[expect(clippy::disallowed_methods, reason = "the test's own environment, not the binary's")]
pub(crate) fn keep(stream: &[u8]) {
    let Some(directory) = std::env::var_os("PADEL_DOCUMENTS") else { return };
    let ours = [&b"{\"schema\":\"padel."[..], b"{\"error\":{"].iter().any(|start| stream.starts_with(start));
    if ours && serde_json::from_slice::<serde_json::Value>(stream).is_ok() {
        let mut hasher = DefaultHasher::new();
        stream.hash(&mut hasher);
        std::fs::create_dir_all(&directory).expect("a directory");
        let file = Path::new(&directory).join(format!("{:016x}.json", hasher.finish()));
        std::fs::write(file, stream).expect("a document");
    }
}
