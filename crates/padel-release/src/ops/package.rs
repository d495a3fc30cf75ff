//! A skill's zip on this machine, checked.

use std::{fs, path::Path};

use claude_platform::Archive;

use crate::{
    cli::Arches,
    error::{Code, Error},
    output::CheckReport,
    rules::{self, Findings, Options},
    source::{self, Tree},
    sums::sha256,
};

/// What is published.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) tree: Tree,
    pub(crate) sha256: String,
    /// In the front matter; the same in every version of the skill.
    pub(crate) name: String,
    data: Vec<u8>,
}

impl Package {
    /// Reads and checks a zip; none when it breaks a rule, and then the report says which.
    pub(crate) fn read(path: &Path, arches: &Arches) -> Result<(CheckReport, Option<Self>), Error> {
        let mut findings = Findings::default();
        if path.is_dir() {
            let message = format!("`{}` is a directory, and a version is sent as one zip", path.display());
            return Err(Error::new(Code::Usage, message, "give the zip that `padel-release pack` made"));
        }
        let tree = source::read(path, &mut findings)?;
        if let Some(tree) = &tree {
            rules::check(tree, &Options { arches: arches.wanted(), run: false }, &mut findings);
        }
        let size = tree.as_ref().map_or((0, 0), Tree::size);
        let fine = findings.violations.is_empty();
        let report = CheckReport::new(path.display().to_string(), size, findings);
        let Some(tree) = tree.filter(|_| fine) else { return Ok((report, None)) };
        // The same bytes as were checked, unless someone writes to the file right now.
        let data = fs::read(path).map_err(|error| Error::unreadable(path, &error))?;
        let package = Self { sha256: sha256(&data), name: tree.top.clone(), tree, data };
        Ok((report, Some(package)))
    }

    /// As it is sent.
    pub(crate) fn archive(&self) -> Archive {
        Archive { filename: format!("{}.zip", self.name), data: self.data.clone().into() }
    }

    /// One line for a plan.
    pub(crate) fn describe(&self) -> String {
        let (files, bytes) = self.tree.size();
        format!("{} ({files} files, {bytes} bytes, sha256 {})", self.name, self.sha256)
    }
}
