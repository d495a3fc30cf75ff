//! `padel link`: the club's own page.

use std::io::{Result, Write};

use serde::Serialize;

use super::{json::write_document, report::Report, style::Style};
use crate::config::Club;

/// The page where a person books and cancels, and nothing else.
pub struct LinkReport {
    pub club: Club,
}

/// `padel.link/v1`
#[derive(Serialize)]
struct LinkV1<'a> {
    schema: &'static str,
    club: String,
    link: &'a str,
}

impl Report for LinkReport {
    fn write_table(&self, _: Style, out: &mut dyn Write) -> Result<()> {
        writeln!(out, "{}", self.club.page())
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        let document = LinkV1 {
            schema: "padel.link/v1",
            club: self.club.name(),
            link: self.club.page(),
        };
        write_document(&document, out)
    }
}
