//! Results of the steps, in words and as versioned JSON: the documents of `check` and `pack`, and
//! what all of them share.

mod check;
mod pack;

use std::io::Write as _;

use serde::Serialize;

pub use self::{check::CheckReport, pack::PackReport};
use crate::{
    error::{Code, Error},
    findings::{Finding, Findings},
};

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
