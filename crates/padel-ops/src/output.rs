//! Results of the steps, in words and as versioned JSON.

use std::{fmt::Write as _, io::Write as _};

use serde::Serialize;

use crate::{
    error::{Code, Error},
    findings::{Finding, Findings},
    manifest::Manifest,
};

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
}

/// Result of `pack`: the package, or the reason why there is none.
#[derive(Debug, Serialize)]
pub struct PackReport {
    pub(crate) schema: &'static str,
    /// The zip, directory and manifest; empty when nothing was written.
    pub(crate) written: Vec<String>,
    pub(crate) manifest: Option<Manifest>,
    #[serde(flatten)]
    pub(crate) check: Findings,
}

impl CheckReport {
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

impl PackReport {
    /// All of stdout.
    #[must_use]
    pub fn text(&self, json: bool) -> String {
        if json {
            return to_json(self);
        }
        let mut text = lines(&self.check);
        if let Some(manifest) = &self.manifest {
            let _ = writeln!(text, "{manifest}");
        }
        self.written
            .iter()
            .for_each(|path| text.push_str(&format!("wrote {}\n", one_line(path))));
        text
    }

    /// The error that the exit code tells.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        violations(&self.check, "nothing was written")
    }
}

fn violations(findings: &Findings, what: &str) -> Option<Error> {
    let count = findings.violations.len();
    let plural = if count == 1 { "" } else { "s" };
    let hint = "correct each line on stdout; `padel-ops check --help` explains the rules";
    let more = if count < Findings::MOST {
        ""
    } else {
        " or more"
    };
    (count > 0).then(|| {
        Error::new(
            Code::Violations,
            format!("{count} violation{plural}{more}: {what}"),
            hint,
        )
    })
}

/// Prints a text to stdout.
///
/// # Errors
///
/// `internal` when it cannot be written.
pub fn print(text: &str) -> Result<(), Error> {
    diagnostic::print_answer(|out| out.write_all(text.as_bytes()))
}

/// All of a text that may hold names of files, which strangers choose, as one printable line.
pub(crate) fn one_line(text: &str) -> String {
    printable::line(text, text.len())
}

pub(crate) fn lines(findings: &Findings) -> String {
    let violations = findings.violations.iter().map(|finding| ("", finding));
    let warnings = findings
        .warnings
        .iter()
        .map(|finding| ("warning: ", finding));
    let mut text = String::new();
    for (
        mark,
        Finding {
            file,
            rule,
            message,
        },
    ) in violations.chain(warnings)
    {
        // A line that begins so is a command to GitHub's runner.
        let here = if file.starts_with("::") { "./" } else { "" };
        text.push_str(&format!("{mark}{here}{file}: {rule}: {message}\n"));
    }
    text
}

pub(crate) fn to_json(value: &impl Serialize) -> String {
    // Strings, numbers and lists of them cannot fail.
    serde_json::to_string(value).unwrap_or_default() + "\n"
}
