//! From a command's one value to bytes: one renderer per format. Knows neither HTTP nor the
//! portal's JSON.
//!
//! Text from the portal is already printable here (`crate::text`); each format escapes what it
//! gives a meaning to.

mod court_names;
mod fit;
mod ics;
mod json;
mod markdown;
mod report;
mod rows;
mod table;

use std::io::Write;

pub use report::{
    Activities, Availability, Bookings, Check, Doctor, Health, Login, Logout, Named, Output, Portal,
};

use crate::{
    cli::{Color, Format},
    config::Environment,
    error::Error,
};

/// What a table may use.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns of the terminal; `None` when nothing is to be wrapped.
    pub width: Option<u16>,
    /// Whether escape sequences for colour are welcome.
    pub color: bool,
    /// Whether the terminal shows no dashes and dots beyond ASCII.
    pub ascii: bool,
}

impl Look {
    /// Neither wrapped nor coloured.
    pub const PLAIN: Self = Self {
        width: None,
        color: false,
        ascii: false,
    };

    /// What the user and the terminal want. `COLUMNS` counts more than the terminal's own width.
    #[must_use]
    pub fn of(color: Color, env: &Environment, terminal: bool) -> Self {
        let stated = env
            .text("COLUMNS")
            .and_then(|columns| columns.parse().ok())
            .filter(|columns| *columns > 0);
        let width = || {
            terminal_size::terminal_size()
                .filter(|_| terminal)
                .map(|(width, _)| width.0)
        };
        let plain =
            env.get("NO_COLOR").is_some() || env.get("TERM").is_some_and(|term| term == "dumb");
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !plain,
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| env.text(name));
        let utf8 = |locale: String| locale.to_lowercase().replace('-', "").contains("utf8");
        // Without any locale nothing is known; and what a pipe takes is UTF-8 always.
        let ascii = terminal && !locale.is_none_or(utf8);
        Self {
            width: stated.or_else(width),
            color,
            ascii,
        }
    }
}

impl Output {
    /// What is to be said on stderr besides.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        match self {
            Self::Availability(report) => &report.warnings,
            Self::Bookings(report) => &report.warnings,
            Self::Login(report) => &report.warnings,
            Self::Activities(report) => &report.warnings,
            _ => &[],
        }
    }

    /// Why the command fails although it has something to show.
    #[must_use]
    pub fn into_failure(self) -> Option<Error> {
        match self {
            Self::Doctor(report) => report.failure,
            _ => None,
        }
    }
}

/// Writes a command's value.
///
/// # Errors
///
/// Those of the writer.
pub fn write(
    output: &Output,
    format: Format,
    look: Look,
    out: &mut impl Write,
) -> std::io::Result<()> {
    if look.ascii && format == Format::Table {
        let mut text = Vec::new();
        write(
            output,
            format,
            Look {
                ascii: false,
                ..look
            },
            &mut text,
        )?;
        let text = String::from_utf8_lossy(&text);
        return out.write_all(
            text.replace(['–', '·'], "-")
                .replace('×', "x")
                .replace('…', "...")
                .as_bytes(),
        );
    }
    match (output, format) {
        (Output::Text(text), _) => out.write_all(text.as_bytes()),
        (Output::Availability(report), Format::Json) => json::availability(report, out),
        (Output::Availability(report), Format::Table) => table::availability(report, look, out),
        (Output::Availability(report), Format::Markdown) => markdown::availability(report, out),
        (Output::Availability(report), Format::Ics) => ics::availability(report, out),
        (Output::Bookings(report), Format::Json) => json::bookings(report, out),
        (Output::Bookings(report), Format::Table) => table::bookings(report, look, out),
        (Output::Bookings(report), Format::Markdown) => markdown::bookings(report, out),
        (Output::Bookings(report), Format::Ics) => ics::bookings(report, out),
        (Output::Login(report), Format::Json) => json::login(report, out),
        (Output::Login(report), _) => writeln!(out, "{}", report.sentence()),
        (Output::Logout(report), Format::Json) => json::logout(report, out),
        (Output::Logout(report), _) => writeln!(out, "{}", report.sentence()),
        (Output::Portal(report), Format::Json) => json::portal(report, out),
        (Output::Portal(report), Format::Markdown) => markdown::portal(report, out),
        (Output::Portal(report), _) => table::portal(report, look, out),
        (Output::Activities(report), Format::Json) => json::activities(report, out),
        (Output::Activities(report), Format::Markdown) => markdown::activities(report, out),
        (Output::Activities(report), _) => table::activities(report, look, out),
        (Output::Doctor(report), Format::Json) => json::doctor(report, out),
        (Output::Doctor(report), Format::Markdown) => markdown::doctor(report, out),
        (Output::Doctor(report), _) => table::doctor(report, look, out),
    }
}
