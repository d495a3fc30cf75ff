//! `padel doctor`: what works, and where padel looked for files.

use std::io::{Result, Write};

use serde::Serialize;

use super::{
    escape::{escape, escape_name},
    grid::{wrap_rows, write_section},
    json::write_document,
    report::Report,
    style::{GREEN, RED, Style, YELLOW},
};
use crate::{config::Looked, error::Error, text};

/// The most characters of a finding.
const MAX_FINDING: usize = 2000;

pub struct DoctorReport {
    /// In the order in which one would look.
    pub checks: Vec<Check>,
    /// Every file that was looked for.
    pub looked: Vec<Looked>,
    /// The way to teach padel the members' side of this portal; empty when that is done.
    pub steps: &'static [&'static str],
    /// The error of `padel availability`, if it would fail.
    pub failure: Option<Error>,
}

/// One thing that the doctor looked at.
pub struct Check {
    name: &'static str,
    health: Health,
    found: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Ok,
    /// Works, but should be looked at.
    Warning,
    /// Does not work.
    Failed,
}

impl Check {
    /// Creates a check of `name`, such as `club`.
    pub fn new(name: &'static str, health: Health, found: impl Into<String>) -> Self {
        Self {
            name,
            health,
            // Names of files and variables may be anybody's.
            found: text::line(&found.into(), MAX_FINDING),
        }
    }

    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Health::Ok, found)
    }

    pub fn warning(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Health::Warning, found)
    }

    pub fn failed(name: &'static str, found: impl Into<String>) -> Self {
        Self::new(name, Health::Failed, found)
    }

    /// Returns whether it repeats what a portal says.
    fn quotes_portal(&self) -> bool {
        ["portal", "availability", "matched"].contains(&self.name)
    }
}

impl Health {
    const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// `padel.doctor/v1`
#[derive(Serialize)]
struct DoctorV1<'a> {
    schema: &'static str,
    works: bool,
    checks: Vec<CheckV1<'a>>,
    files: Vec<FileV1<'a>>,
    capture_steps: &'static [&'static str],
}

#[derive(Serialize)]
struct CheckV1<'a> {
    name: &'static str,
    health: &'static str,
    found: &'a str,
}

#[derive(Serialize)]
struct FileV1<'a> {
    path: &'a str,
    outcome: &'a str,
}

impl Report for DoctorReport {
    fn into_failure(self: Box<Self>) -> Option<Error> {
        self.failure
    }

    fn write_table(&self, style: Style, out: &mut dyn Write) -> Result<()> {
        let cells = self
            .checks
            .iter()
            .map(|check| [check.health.name(), check.name, &check.found]);
        let text = if style.is_narrow() {
            let rows =
                cells.map(|[health, name, found]| [health.to_owned(), format!("{name}\n{found}")]);
            wrap_rows(&rows.collect::<Vec<_>>(), style)
        } else {
            let rows: Vec<[String; 3]> = cells.map(|row| row.map(str::to_owned)).collect();
            wrap_rows(&rows, style)
        };
        for line in text.lines() {
            writeln!(out, "{}", paint_health(line, style))?;
        }
        write_section(
            "Files that padel looked for, in order of precedence",
            style,
            out,
        )?;
        // Not broken: a terminal's own breaks are not copied with a path.
        for file in &self.looked {
            writeln!(out, "  {} ({})", file.place, file.outcome)?;
        }
        if !self.steps.is_empty() {
            let title = "Only if sign-in or bookings do not work: teach padel this portal";
            write_section(title, style, out)?;
            let steps = self.steps.iter().enumerate();
            let rows: Vec<[String; 2]> = steps
                .map(|(index, step)| [format!("{}.", index + 1), step.to_string()])
                .collect();
            out.write_all(wrap_rows(&rows, style).as_bytes())?;
        }
        let works = if self.failure.is_none() {
            "works"
        } else {
            "does not work"
        };
        writeln!(out, "\nAvailability {works}.")
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        let checks = self.checks.iter().map(|check| CheckV1 {
            name: check.name,
            health: check.health.name(),
            found: &check.found,
        });
        let files = self.looked.iter().map(|file| FileV1 {
            path: &file.place,
            outcome: &file.outcome,
        });
        let document = DoctorV1 {
            schema: "padel.doctor/v1",
            works: self.failure.is_none(),
            checks: checks.collect(),
            files: files.collect(),
            capture_steps: self.steps,
        };
        write_document(&document, out)
    }

    fn write_markdown(&self, out: &mut dyn Write) -> Result<()> {
        for check in &self.checks {
            // Names of files are told as they are: who reads the report copies them.
            let found = if check.quotes_portal() {
                escape_name(&check.found)
            } else {
                escape(&check.found)
            };
            let (health, name) = (check.health.name(), escape(check.name));
            writeln!(out, "- **{health}** {name}: {found}")?;
        }
        writeln!(
            out,
            "\nFiles that padel looked for, in order of precedence:\n"
        )?;
        for file in &self.looked {
            writeln!(out, "- {} ({})", escape(&file.place), escape(&file.outcome))?;
        }
        if !self.steps.is_empty() {
            let title = "Only if sign-in or bookings do not work, teach padel this portal:";
            writeln!(out, "\n{title}\n")?;
        }
        for (index, step) in self.steps.iter().enumerate() {
            writeln!(out, "{}. {step}", index + 1)?;
        }
        Ok(())
    }
}

/// Paints the verdict with which a line begins.
fn paint_health(line: &str, style: Style) -> String {
    for (health, paint) in [
        (Health::Ok, GREEN),
        (Health::Warning, YELLOW),
        (Health::Failed, RED),
    ] {
        if let Some(rest) = line
            .strip_prefix("  ")
            .and_then(|line| line.strip_prefix(health.name()))
        {
            return format!("  {}{rest}", style.paint(health.name(), paint));
        }
    }
    line.to_owned()
}
