//! Findings of a check: lines of a file, a rule and the next step. No rule is decided here.

use serde::Serialize;

/// One line: a file, the rule, what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Below the top directory; `(skill)` for the whole.
    pub file: String,
    /// The rule's name.
    pub rule: &'static str,
    /// The next step, in words.
    pub message: String,
}

/// All findings of a check.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Findings {
    /// Reasons why the skill must not be uploaded.
    pub violations: Vec<Finding>,
    /// Findings that may surprise.
    pub warnings: Vec<Finding>,
}

impl Findings {
    /// More violations, or warnings, are not kept: a small zip can break a rule in millions of
    /// lines.
    pub(crate) const MOST: usize = 1000;

    /// Adds a broken rule. File and text may be a stranger's: control characters go.
    pub fn violation(
        &mut self,
        file: impl AsRef<str>,
        rule: &'static str,
        message: impl AsRef<str>,
    ) {
        push_finding(&mut self.violations, file.as_ref(), rule, message.as_ref());
    }

    /// Adds something that breaks no rule.
    pub fn warning(&mut self, file: impl AsRef<str>, rule: &'static str, message: impl AsRef<str>) {
        push_finding(&mut self.warnings, file.as_ref(), rule, message.as_ref());
    }

    /// By file, each line once.
    pub fn sort(&mut self) {
        for list in [&mut self.violations, &mut self.warnings] {
            list.sort();
            list.dedup();
        }
    }
}

fn push_finding(list: &mut Vec<Finding>, file: &str, rule: &'static str, message: &str) {
    if list.len() < Findings::MOST {
        let file = if file.is_empty() { "(skill)" } else { file };
        list.push(Finding {
            file: printable::line(file, 255),
            rule,
            message: printable::line(message, 400),
        });
    }
}
