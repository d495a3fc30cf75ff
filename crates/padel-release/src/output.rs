//! What the steps found, in words and as versioned JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::{
    error::{Code, Error},
    manifest::Manifest,
    rules::{Finding, Findings},
};

/// What a step has to say.
#[derive(Debug)]
pub enum Output {
    /// Of `pack`.
    Pack(PackReport),
    /// Of `check`.
    Check(CheckReport),
}

/// What `check` found.
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
    /// Of the skill at this path, with so many files and bytes (none, when it was refused before reading).
    #[must_use]
    pub fn new(path: String, (files, bytes): (usize, usize), mut findings: Findings) -> Self {
        findings.sort();
        Self { schema: "padel.check/v1", path, files, bytes, findings }
    }

    /// Only what was found.
    pub(crate) fn into_findings(self) -> Findings {
        self.findings
    }

    /// Whether no rule is broken.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.findings.violations.is_empty()
    }
}

/// What `pack` wrote, or why it did not.
#[derive(Debug, Serialize)]
pub struct PackReport {
    pub(crate) schema: &'static str,
    /// The zip, directory and manifest; empty when nothing was written.
    pub(crate) written: Vec<String>,
    pub(crate) manifest: Option<Manifest>,
    #[serde(flatten)]
    pub(crate) check: Findings,
}

impl Output {
    /// All of stdout.
    #[must_use]
    pub fn text(&self, json: bool) -> String {
        match self {
            Self::Pack(report) if json => to_json(report),
            Self::Check(report) if json => to_json(report),
            Self::Pack(report) => {
                let mut text = lines(&report.check);
                if let Some(manifest) = &report.manifest {
                    let _ = writeln!(text, "{manifest}");
                }
                report.written.iter().for_each(|path| text.push_str(&format!("wrote {path}\n")));
                text
            }
            Self::Check(report) => {
                let mut text = lines(&report.findings);
                if report.is_fine() {
                    let CheckReport { path, files, bytes, .. } = report;
                    let plural = if *files == 1 { "" } else { "s" };
                    let _ = writeln!(text, "{path}: fine ({bytes} bytes in {files} file{plural})");
                }
                text
            }
        }
    }

    /// The error that the exit code tells.
    #[must_use]
    pub fn into_failure(self) -> Option<Error> {
        let (count, what) = match &self {
            Self::Pack(report) => (report.check.violations.len(), "nothing was written"),
            Self::Check(report) => (report.findings.violations.len(), "the skill must not be uploaded"),
        };
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| {
            let hint = "correct each line on stdout; `padel-release check --help` explains the rules";
            Error::new(Code::Violations, format!("{count} violation{plural}: {what}"), hint)
        })
    }
}

/// All of stderr.
#[must_use]
pub fn error(error: &Error, json: bool) -> String {
    if json {
        let Error { code, message, hint } = error;
        let body = serde_json::json!({"error": {"code": code.name(), "message": message, "hint": hint, "details": {}}});
        return format!("{body}\n");
    }
    format!("error: {} [{}]\nhint: {}\n", error.message, error.code.name(), error.hint)
}

fn lines(findings: &Findings) -> String {
    let line = |mark: &str, Finding { file, rule, message }: &Finding| format!("{mark}{file}: {rule}: {message}\n");
    let violations = findings.violations.iter().map(|finding| line("", finding));
    violations.chain(findings.warnings.iter().map(|finding| line("warning: ", finding))).collect()
}

fn to_json(value: &impl Serialize) -> String {
    // Strings, numbers and lists of them cannot fail.
    serde_json::to_string(value).unwrap_or_default() + "\n"
}
