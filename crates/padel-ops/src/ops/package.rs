//! A skill's zip on this machine, checked.

use std::path::{Path, PathBuf};

use claude_platform::Archive;
use serde_json::Value;

use crate::{
    cli::Arches,
    error::{Code, Error},
    findings::Findings,
    manifest,
    output::CheckReport,
    rules::{self, Options},
    source::{self, Tree},
    sums::sha256,
};

/// A zip that keeps the rules.
#[derive(Debug)]
pub(crate) struct Package {
    /// The zip.
    pub(crate) path: PathBuf,
    pub(crate) tree: Tree,
    pub(crate) sha256: String,
    /// In the front matter; the same in every version of the skill.
    pub(crate) name: String,
    archive: Archive,
}

impl Package {
    /// Reads and checks a zip; none when it breaks a rule, and then the report says which.
    pub(crate) fn read(path: &Path, arches: &Arches) -> Result<(CheckReport, Option<Self>), Error> {
        let mut findings = Findings::default();
        if path.is_dir() {
            let message = format!(
                "`{}` is a directory, and a version is sent as one zip",
                path.display()
            );
            let hint = "give the zip that `padel-ops pack` made";
            return Err(Error::new(Code::Usage, message, hint));
        }
        let data = source::read_zip_file(path, &mut findings)?.unwrap_or_default();
        let tree = if findings.violations.is_empty() {
            source::read_zip(&data, &mut findings)
        } else {
            None
        };
        if let Some(tree) = &tree {
            rules::check_tree(
                tree,
                &Options {
                    arches: arches.wanted(),
                    run: false,
                },
                &mut findings,
            );
        }
        let size = tree.as_ref().map_or((0, 0), Tree::size);
        let fine = findings.violations.is_empty();
        let report = CheckReport::new(path.display().to_string(), size, findings);
        let package = tree.filter(|_| fine).map(|tree| {
            let (sha256, name) = (sha256(&data), tree.top.clone());
            let archive = Archive {
                filename: format!("{name}.zip"),
                data: data.into(),
            };
            Self {
                path: path.to_owned(),
                tree,
                sha256,
                name,
                archive,
            }
        });
        Ok((report, package))
    }

    /// As it is sent.
    pub(crate) fn archive(&self) -> Archive {
        self.archive.clone()
    }

    /// The place of the manifest that `pack` writes beside a zip.
    pub(crate) fn manifest_path(&self) -> PathBuf {
        self.path.with_extension("manifest.json")
    }

    /// Reads the manifest if it describes this very zip.
    pub(crate) fn read_manifest(&self) -> Option<Value> {
        manifest::read_of_zip(&self.manifest_path(), &self.sha256)
    }

    /// One line for a plan.
    pub(crate) fn describe(&self) -> String {
        let (files, bytes) = self.tree.size();
        format!(
            "{} ({files} files, {bytes} bytes, sha256 {})",
            self.name, self.sha256
        )
    }
}
