//! Origin of a version, as an agent's metadata records it.

use std::path::Path;

use serde::Deserialize;

use super::package::Package;
use crate::{
    SKILL,
    error::{Code, Error},
    manifest, rules,
    source::Tree,
    sums::{self, sha256},
};

/// The keys in an agent's metadata; nothing else of it is touched.
pub(crate) const KEYS: [&str; 3] = ["padel_ops", "padel_commit", "padel_zip_sha256"];

/// None where it is not known.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Provenance {
    /// The release that the version says it is.
    pub(crate) release: Option<String>,
    commit: Option<String>,
    /// The SHA-256 of the zip that the version was made of.
    pub(crate) zip: Option<String>,
}

impl Provenance {
    /// The pairs of metadata that tell it.
    pub(crate) fn pairs(&self) -> [(&'static str, Option<&str>); 3] {
        let values = [&self.release, &self.commit, &self.zip];
        std::array::from_fn(|index| (KEYS[index], values[index].as_deref()))
    }
}

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

/// Reads the provenance of a zip on this machine; the commit is in the manifest beside it.
pub(crate) fn of_package(package: &Package) -> Provenance {
    let manifest = package.read_manifest();
    let commit = manifest.as_ref().and_then(|all| all["commit"].as_str());
    Provenance {
        release: rules::stated_version(&package.tree),
        commit: commit.map(bound),
        zip: Some(package.sha256.clone()),
    }
}

/// Reads the provenance of a downloaded version: its own words, and a manifest that lists just its
/// files.
pub(crate) fn of_download(tree: &Tree, given: Option<&Path>) -> Result<Provenance, Error> {
    let default = format!("dist/{SKILL}.manifest.json");
    let path = given.unwrap_or(Path::new(&default));
    let found = match manifest::read::<Manifest>(path) {
        Ok(found) if found.describes(tree) => Some(found),
        Ok(_) if given.is_some() => {
            let message = format!(
                "`{}` lists other files than the version has",
                path.display()
            );
            let hint = "give the manifest that was packed with it, or none";
            return Err(Error::new(Code::Usage, message, hint));
        }
        Err(error) if given.is_some() => return Err(error),
        _ => None,
    };
    let commit = found.as_ref().and_then(|found| found.commit.as_deref());
    Ok(Provenance {
        release: rules::stated_version(tree),
        commit: commit.map(bound),
        zip: found.as_ref().map(|found| bound(&found.archive.sha256)),
    })
}

/// Reads the provenance in an agent's metadata.
pub(crate) fn of_metadata(metadata: &serde_json::Map<String, serde_json::Value>) -> Provenance {
    let [release, commit, zip] = KEYS.map(|key| {
        let text = metadata.get(key)?.as_str()?;
        Some(printable::line(text, 512))
    });
    Provenance {
        release,
        commit,
        zip,
    }
}

/// A manifest may be anyone's; a value has at most 512 characters.
fn bound(text: &str) -> String {
    printable::line(text, 100)
}
