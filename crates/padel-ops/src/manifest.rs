//! What was packed from what, for whoever publishes it. It lies beside the zip, never in the skill.

use std::{fmt, path::Path, process::Command};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    SKILL, VERSION,
    error::{Code, Error, unreadable},
    source::{self, Tree},
    sums::sha256,
};

/// The key of what was published of the zip: a list of platform, skill and version.
pub(crate) const PUBLISHED: &str = "published";

/// Holds nothing that differs from day to day or place to place.
#[derive(Debug, Serialize)]
pub(crate) struct Manifest {
    schema: &'static str,
    skill: &'static str,
    version: &'static str,
    /// Of the skill's directory, with `-dirty` when tracked files differ from it or the directory
    /// holds others; none outside a repository.
    commit: Option<String>,
    /// `rustc --version` where `pack` runs.
    toolchain: Option<String>,
    archive: Archive,
    files: Vec<Packed>,
    /// The publications of the same zip.
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<Value>,
}

#[derive(Debug, Serialize)]
struct Archive {
    file: String,
    size: usize,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct Packed {
    path: String,
    size: usize,
    mode: String,
    sha256: String,
}

impl Manifest {
    pub(crate) fn new(tree: &Tree, zip: &[u8], skill_dir: &Path) -> Self {
        let files = tree.files.iter().map(|(path, file)| Packed {
            path: path.clone(),
            size: file.data.len(),
            mode: format!("{:04o}", file.mode.unwrap_or_default()),
            sha256: sha256(&file.data),
        });
        Self {
            schema: "padel.manifest/v1",
            skill: SKILL,
            version: VERSION,
            commit: find_commit(skill_dir),
            toolchain: run_for_stdout(Command::new("rustc").arg("--version")),
            archive: Archive {
                file: format!("{SKILL}.zip"),
                size: zip.len(),
                sha256: sha256(zip),
            },
            files: files.collect(),
            published: None,
        }
    }

    /// Keeps what is known of the same zip from the manifest that is replaced.
    pub(crate) fn with_earlier(mut self, earlier: &Path) -> Self {
        self.published = read_of_zip(earlier, &self.archive.sha256)
            .map(|mut earlier| earlier[PUBLISHED].take())
            .filter(Value::is_array);
        self
    }
}

/// Reads the parts of a manifest that `T` has.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = source::read_bounded(path).map_err(|error| unreadable(path, &error))?;
    serde_json::from_slice(&text).map_err(|error| {
        let message = format!("`{}` is no manifest of `pack`: {error}", path.display());
        let hint = "give the .manifest.json beside the zip";
        Error::new(Code::Usage, message, hint)
    })
}

/// Reads all of a manifest if it describes the zip with this sum.
pub(crate) fn read_of_zip(path: &Path, sha256: &str) -> Option<Value> {
    let manifest: Value = read(path).ok()?;
    let stated = manifest["archive"]["sha256"].as_str()?;
    stated.eq_ignore_ascii_case(sha256).then_some(manifest)
}

impl fmt::Display for Manifest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Archive { file, size, sha256 } = &self.archive;
        let bytes: usize = self.files.iter().map(|file| file.size).sum();
        write!(
            out,
            "{} {}: {} files, {bytes} bytes; {file} {size} bytes",
            self.skill,
            self.version,
            self.files.len()
        )?;
        write!(out, "\nsha256 {sha256}")
    }
}

fn find_commit(dir: &Path) -> Option<String> {
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        // A hook has these, and they name a repository and its files wherever git is run.
        git.env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE");
        run_for_stdout(git.arg("-C").arg(dir).args(args))
    };
    let commit = git(&["rev-parse", "--verify", "HEAD"]).filter(|commit| !commit.is_empty())?;
    // The binaries come from any tracked file. What else lies in the skill's directory is packed,
    // ignored or not.
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]);
    let strange = git(&[
        "status",
        "--porcelain",
        "--untracked-files=all",
        "--ignored",
        "--",
        ".",
    ]);
    let clean = [changed, strange]
        .iter()
        .all(|lines| lines.as_ref().is_some_and(String::is_empty));
    Some(commit + if clean { "" } else { "-dirty" })
}

/// Returns what a command that works prints; neither git nor rustc is needed to pack.
fn run_for_stdout(command: &mut Command) -> Option<String> {
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
