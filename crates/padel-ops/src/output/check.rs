//! The document of `check`.

use std::fmt::Write as _;

use serde::Serialize;

use super::{lines, one_line, to_json, violations};
use crate::{error::Error, findings::Findings};

/// Result of `check`.
#[derive(Debug, Serialize)]
pub struct CheckReport {
    schema: &'static str,
    path: String,
    files: usize,
    bytes: usize,
    #[serde(flatten)]
    findings: Findings,
}

impl CheckReport {
    /// Of the skill at this path, with so many files and bytes (none, when it was refused before
    /// reading).
    #[must_use]
    pub fn new(path: String, (files, bytes): (usize, usize), mut findings: Findings) -> Self {
        findings.sort();
        Self {
            schema: "padel.check/v1",
            path,
            files,
            bytes,
            findings,
        }
    }

    /// Returns the findings.
    pub(crate) fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Only what was found.
    pub(crate) fn into_findings(self) -> Findings {
        self.findings
    }

    /// Tells whether no rule is broken.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.findings.violations.is_empty()
    }

    /// All of stdout.
    #[must_use]
    pub fn text(&self, json: bool) -> String {
        if json {
            return to_json(self);
        }
        let mut text = lines(&self.findings);
        if self.is_fine() {
            let Self { files, bytes, .. } = self;
            let path = one_line(&self.path);
            let plural = if *files == 1 { "" } else { "s" };
            let _ = writeln!(text, "{path}: fine ({bytes} bytes in {files} file{plural})");
        }
        text
    }

    /// The error that the exit code tells.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        violations(&self.findings, "the skill must not be uploaded")
    }
}
