//! Where a version comes from, as an agent's metadata records it.

use std::path::Path;

use serde::Deserialize;

use super::package::Package;
use crate::{
    SKILL,
    error::{Code, Error, unreadable},
    rules,
    source::{self, Tree},
    sums::{self, sha256},
};

/// The keys in an agent's metadata; nothing else of it is touched.
pub(crate) const KEYS: [&str; 3] = ["padel_ops", "padel_commit", "padel_zip_sha256"];

/// One value for each of `KEYS`; none where it is not known.
pub(crate) type Facts = [Option<String>; 3];

/// The part of the document `padel.manifest/v1` that is read back.
#[derive(Debug, Deserialize)]
struct Manifest {
    commit: Option<String>,
    archive: Archive,
    files: Vec<Packed>,
}

#[derive(Debug, Deserialize)]
struct Archive {
    sha256: String,
}

#[derive(Debug, Deserialize)]
struct Packed {
    path: String,
    sha256: String,
}

impl Manifest {
    fn read(path: &Path) -> Result<Self, Error> {
        let text = source::read_bounded(path).map_err(|error| unreadable(path, &error))?;
        serde_json::from_slice(&text).map_err(|error| {
            let message = format!("`{}` is no manifest of `pack`: {error}", path.display());
            let hint = "give the .manifest.json beside the zip";
            Error::new(Code::Usage, message, hint)
        })
    }

    fn describes(&self, tree: &Tree) -> bool {
        let listed = |path: &String, data: &[u8]| {
            self.files
                .iter()
                .any(|file| file.path == *path && file.sha256.eq_ignore_ascii_case(&sha256(data)))
        };
        let exactly = self.files.len() == tree.files.len()
            && tree
                .files
                .iter()
                .all(|(path, file)| listed(path, &file.data));
        exactly || self.is_sealed_by(tree)
    }

    /// Compares the sums in a download that is not exactly what was sent with those of the
    /// manifest's files.
    fn is_sealed_by(&self, tree: &Tree) -> bool {
        let others = self.files.iter().filter(|file| file.path != sums::FILE);
        let lines =
            others.map(|file| format!("{}  {}", file.sha256.to_ascii_lowercase(), file.path));
        sums::parse_lines(tree).is_some_and(|found| !found.is_empty() && found == lines.collect())
    }
}

/// Of a zip on this machine; the commit is in the manifest beside it.
pub(crate) fn of_package(package: &Package) -> Facts {
    let manifest = Manifest::read(&package.path.with_extension("manifest.json")).ok();
    let manifest = manifest.filter(|manifest| {
        manifest
            .archive
            .sha256
            .eq_ignore_ascii_case(&package.sha256)
    });
    let commit = manifest.and_then(|manifest| manifest.commit);
    [
        rules::stated_version(&package.tree),
        commit.as_deref().map(short),
        Some(package.sha256.clone()),
    ]
}

/// Of a downloaded version: its own words, and a manifest that lists just its files.
pub(crate) fn of_download(tree: &Tree, manifest: Option<&Path>) -> Result<Facts, Error> {
    let release = rules::stated_version(tree);
    let default = format!("dist/{SKILL}.manifest.json");
    let path = manifest.unwrap_or(Path::new(&default));
    let found = match Manifest::read(path) {
        Ok(found) if found.describes(tree) => Some(found),
        Ok(_) if manifest.is_some() => {
            let message = format!(
                "`{}` lists other files than the version has",
                path.display()
            );
            let hint = "give the manifest that was packed with it, or none";
            return Err(Error::new(Code::Usage, message, hint));
        }
        Err(error) if manifest.is_some() => return Err(error),
        _ => None,
    };
    let (commit, zip) = found.map_or((None, None), |found| {
        (found.commit, Some(found.archive.sha256))
    });
    Ok([
        release,
        commit.as_deref().map(short),
        zip.as_deref().map(short),
    ])
}

/// Of an agent's metadata.
pub(crate) fn of_metadata(metadata: &serde_json::Map<String, serde_json::Value>) -> Facts {
    KEYS.map(|key| {
        metadata
            .get(key)?
            .as_str()
            .map(|text| printable::line(text, 512))
    })
}

/// The release that a version says it is.
pub(crate) fn release(facts: &Facts) -> Option<&str> {
    facts[0].as_deref()
}

/// The SHA-256 of the zip that a version was made of.
pub(crate) fn zip_hash(facts: &Facts) -> Option<&str> {
    facts[2].as_deref()
}

/// A manifest may be anyone's; a value has at most 512 characters.
fn short(text: &str) -> String {
    printable::line(text, 100)
}
