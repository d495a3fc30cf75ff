//! `padel logout`: a session that is forgotten.

use std::io::{Result, Write};

use serde::Serialize;

use super::{json::write_document, report::Report, style::Style};
use crate::config::Club;

/// A session that is forgotten.
pub struct LogoutReport {
    pub club: Club,
    /// `true` if there was a session.
    pub forgotten: bool,
}

/// `padel.logout/v1`
#[derive(Serialize)]
struct LogoutV1 {
    schema: &'static str,
    club: String,
    forgotten: bool,
}

impl Report for LogoutReport {
    fn write_table(&self, _: Style, out: &mut dyn Write) -> Result<()> {
        let outcome = if self.forgotten {
            "forgot the session"
        } else {
            "there was no session to forget"
        };
        writeln!(out, "{outcome} at {}", self.club.name())
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        let document = LogoutV1 {
            schema: "padel.logout/v1",
            club: self.club.name(),
            forgotten: self.forgotten,
        };
        write_document(&document, out)
    }
}
