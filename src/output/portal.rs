//! `padel portal learn`: what a browser's capture taught of a portal.

use std::io::{Result, Write};

use serde::Serialize;

use super::{
    escape::{escape, escape_code},
    grid::write_section,
    json::write_document,
    report::Report,
    style::{BOLD, DIM, GREEN, Style, YELLOW},
};
use crate::learn::{Finding, Learned};

const CONFIG_FILE: &str = "~/.config/pslc-padel/config.toml";
const NEXT_STEP: &str = "Try it with `padel login` and `padel bookings`. Then delete the capture: \
                         it holds your password.";

/// The findings of a browser's capture.
pub struct PortalReport {
    pub host: String,
    /// The table for `config.toml` and how sure each of its values is.
    pub learned: Learned,
}

/// `padel.portal/v1`
#[derive(Serialize)]
struct PortalV1<'a> {
    schema: &'static str,
    host: &'a str,
    findings: Vec<FindingV1<'a>>,
    file: &'static str,
    table: &'a str,
}

#[derive(Serialize)]
struct FindingV1<'a> {
    name: &'a str,
    value: Option<&'a str>,
    certain: bool,
    how: &'a str,
    kept: bool,
}

impl PortalReport {
    /// Counts the values that are certain, and those that are guessed or missing.
    fn verdict(&self) -> String {
        let findings = &self.learned.findings;
        let kept = findings.iter().filter(|finding| finding.kept).count();
        let certain = findings
            .iter()
            .filter(|finding| finding.certain && !finding.kept)
            .count();
        let others = findings.len() - kept - certain;
        let kept = match kept {
            0 => String::new(),
            count => format!(", {count} kept as sent"),
        };
        format!("{certain} certain, {others} guessed or missing{kept}")
    }
}

/// The sureness of a finding, in a word.
fn sureness(finding: &Finding) -> &'static str {
    match (finding.certain, finding.value.is_empty()) {
        _ if finding.kept => "kept",
        (true, _) => "certain",
        (false, false) => "guessed",
        (false, true) => "missing",
    }
}

impl Report for PortalReport {
    fn write_table(&self, style: Style, out: &mut dyn Write) -> Result<()> {
        let title = format!("Learned from a capture of {}", self.host);
        let title = style.paint(&title, BOLD);
        writeln!(out, "{title} · {}", self.verdict())?;
        for finding in &self.learned.findings {
            let is_certain = finding.certain && !finding.kept;
            let paint = if is_certain { GREEN } else { YELLOW };
            let sure = style.paint(&format!("{:<7}", sureness(finding)), paint);
            let line = format!("{sure} {:<18} {}", finding.name, finding.value);
            writeln!(out, "{}", line.trim_end())?;
            if !is_certain {
                let how = format!("{:27}{}", "", finding.how);
                writeln!(out, "{}", style.paint(&how, DIM))?;
            }
        }
        write_section(
            &format!("Put this at the end of {CONFIG_FILE}, in place of any [portal] there"),
            style,
            out,
        )?;
        out.write_all(self.learned.table.as_bytes())?;
        writeln!(out, "\n{}", style.paint(NEXT_STEP, DIM))
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        let findings = self.learned.findings.iter().map(|finding| FindingV1 {
            name: &finding.name,
            value: Some(&*finding.value).filter(|value| !value.is_empty()),
            certain: finding.certain,
            how: &finding.how,
            kept: finding.kept,
        });
        let document = PortalV1 {
            schema: "padel.portal/v1",
            host: &self.host,
            findings: findings.collect(),
            file: CONFIG_FILE,
            table: &self.learned.table,
        };
        write_document(&document, out)
    }

    fn write_markdown(&self, out: &mut dyn Write) -> Result<()> {
        writeln!(
            out,
            "**Learned from a capture of {}**: {}\n",
            escape(&self.host),
            self.verdict()
        )?;
        for finding in &self.learned.findings {
            let value = if finding.value.is_empty() {
                String::new()
            } else {
                format!(" {}", escape_code(&finding.value))
            };
            let (sure, name) = (sureness(finding), escape(&finding.name));
            writeln!(out, "- **{sure}** {name}{value}: {}", escape(&finding.how))?;
        }
        let table = &self.learned.table;
        writeln!(
            out,
            "\nPut this at the end of `{CONFIG_FILE}`, in place of any [portal] there:\n"
        )?;
        writeln!(out, "```toml\n{table}```\n\n{NEXT_STEP}")
    }
}
