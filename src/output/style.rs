//! Colour, width and characters of the terminal, decided once for all tables.

use anstyle::{AnsiColor, Effects};
use unicode_width::UnicodeWidthStr as _;

use crate::{cli::Color, config::Environment};

/// Below this many columns a row takes several lines.
const NARROW: u16 = 72;

pub(super) const NORMAL: anstyle::Style = anstyle::Style::new();
pub(super) const BOLD: anstyle::Style = anstyle::Style::new().effects(Effects::BOLD);
pub(super) const DIM: anstyle::Style = anstyle::Style::new().effects(Effects::DIMMED);
pub(super) const RED: anstyle::Style = AnsiColor::Red.on_default();
pub(super) const GREEN: anstyle::Style = AnsiColor::Green.on_default();
pub(super) const YELLOW: anstyle::Style = AnsiColor::Yellow.on_default();

/// The terminal's means for tables.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Columns of the terminal; `None` when nothing is to be wrapped.
    pub width: Option<u16>,
    /// `true` if escape sequences for colour are welcome.
    pub color: bool,
    /// `true` if the terminal shows no dashes and dots beyond ASCII.
    pub ascii: bool,
}

impl Style {
    /// Neither wrapped nor coloured.
    pub const PLAIN: Self = Self {
        width: None,
        color: false,
        ascii: false,
    };

    /// Finds out what the user wants and the terminal can do. `COLUMNS` counts more than the
    /// terminal's own width.
    #[must_use]
    pub fn detect(color: Color, env: &Environment, is_terminal: bool) -> Self {
        let stated = env
            .text("COLUMNS")
            .and_then(|columns| columns.parse().ok())
            .filter(|columns| *columns > 0);
        let is_plain =
            env.get("NO_COLOR").is_some() || env.get("TERM").is_some_and(|term| term == "dumb");
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| env.text(name));
        // Without any locale nothing is known; and what a pipe takes is UTF-8 always.
        let is_utf8 =
            locale.is_none_or(|locale| locale.to_lowercase().replace('-', "").contains("utf8"));
        let width = terminal_size::terminal_size().filter(|_| is_terminal);
        Self {
            width: stated.or(width.map(|(width, _)| width.0)),
            color: match color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => is_terminal && !is_plain,
            },
            ascii: is_terminal && !is_utf8,
        }
    }

    pub(super) fn is_narrow(self) -> bool {
        self.width.is_some_and(|width| width < NARROW)
    }

    /// Returns whether the terminal shows so many columns in one line.
    pub(super) fn fits(self, columns: usize) -> bool {
        self.width.is_none_or(|width| columns <= usize::from(width))
    }

    /// Columns of a line beside a first cell, less the margins of two columns; as many as there may
    /// be where nothing is to be wrapped.
    pub(super) fn room_beside(self, first: &str) -> usize {
        let width = self.width.map_or(usize::MAX, usize::from);
        width.saturating_sub(first.width() + 5)
    }

    pub(super) fn paint(self, text: &str, paint: anstyle::Style) -> String {
        if self.color {
            format!("{paint}{text}{paint:#}")
        } else {
            text.to_owned()
        }
    }
}
