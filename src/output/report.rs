//! The trait of all reports, and the way from one to a format.

use std::io::{ErrorKind, Result, Write};

use super::style::Style;
use crate::{cli::Format, error::Error};

/// A command's result, and how each format tells it.
///
/// Writers are trait objects: each format is compiled once.
pub trait Report {
    /// Doubts about the answer, for stderr.
    fn warnings(&self) -> &[String] {
        &[]
    }

    /// The error to end with although there is something to show.
    fn into_failure(self: Box<Self>) -> Option<Error> {
        None
    }

    /// Writes it for people.
    ///
    /// # Errors
    ///
    /// Those of the writer, here and below.
    fn write_table(&self, style: Style, out: &mut dyn Write) -> Result<()>;

    /// Writes it for programs: one document on one line.
    fn write_json(&self, out: &mut dyn Write) -> Result<()>;

    /// Writes it for a chat; a single sentence reads the same there.
    fn write_markdown(&self, out: &mut dyn Write) -> Result<()> {
        self.write_table(Style::PLAIN, out)
    }

    /// Writes it for a chat that shows Markdown's signs as they are.
    fn write_text(&self, out: &mut dyn Write) -> Result<()> {
        self.write_table(Style::PLAIN, out)
    }

    /// Writes it as a page. Only courts have one: for all else the command line refuses this format.
    fn write_html(&self, _: &mut dyn Write) -> Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    /// Writes it for a calendar. Only slots and bookings are events: for all else the command line
    /// refuses this format.
    fn write_ics(&self, _: &mut dyn Write) -> Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}

/// Writes a report.
///
/// # Errors
///
/// Those of the writer.
pub fn write(report: &dyn Report, format: Format, style: Style, out: &mut dyn Write) -> Result<()> {
    match format {
        Format::Table if style.ascii => {
            let mut text = Vec::new();
            report.write_table(style, &mut text)?;
            let text = String::from_utf8_lossy(&text);
            let ascii = text.replace(['–', '·'], "-").replace('×', "x");
            out.write_all(ascii.replace('…', "...").as_bytes())
        }
        Format::Table => report.write_table(style, out),
        Format::Json => report.write_json(out),
        Format::Markdown => report.write_markdown(out),
        Format::Text => report.write_text(out),
        Format::Html => report.write_html(out),
        Format::Ics => report.write_ics(out),
    }
}
