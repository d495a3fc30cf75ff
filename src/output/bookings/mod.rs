//! `padel bookings`: a member's bookings.

mod ics;
mod json;

use std::io::{Result, Write};

use chrono::{DateTime, Utc};

use super::{
    court_names::shorten_name,
    escape::{escape, escape_name},
    grid::{join_in_lines, write_aside, write_heading, write_rows},
    report::Report,
    style::{NORMAL, Style},
};
use crate::{
    config::Club,
    courts::{Booking, LatestByReference, Period},
    local,
    zone::Zone,
};

/// A member's bookings.
pub struct BookingsReport {
    pub club: Club,
    pub zone: Zone,
    pub now: DateTime<Utc>,
    pub period: Period,
    /// In the order of the period.
    pub bookings: Vec<Booking>,
    /// The bookings that go by their reference in a calendar.
    pub latest: LatestByReference,
    /// Number of bookings beyond `--limit`.
    pub more: usize,
    pub warnings: Vec<String>,
}

impl BookingsReport {
    /// `2 upcoming bookings` or `no past bookings`
    fn verdict(&self) -> String {
        let kind = match self.period {
            Period::History => "past",
            Period::Upcoming => "upcoming",
        };
        match self.bookings.len() + self.more {
            0 => format!("no {kind} bookings"),
            1 => format!("1 {kind} booking"),
            count => format!("{count} {kind} bookings"),
        }
    }

    /// Says how to see what is left out; `None` when nothing is.
    fn left_out(&self) -> Option<String> {
        let all = self.bookings.len() + self.more;
        (self.more > 0).then(|| format!("{} more with --limit {all}", self.more))
    }

    /// Day, time, activity, court, site, status and reference of each booking.
    fn rows(&self) -> impl Iterator<Item = [String; 7]> {
        self.bookings.iter().map(|booking| {
            let start = booking.start.with_timezone(&self.zone);
            let end = booking.end.map(|end| end.with_timezone(&self.zone));
            let end = end.map_or(String::new(), |end| {
                format!("–{}", local::format_clock(end))
            });
            let reference = booking.reference.as_ref();
            [
                start.format("%a %-d %b %Y").to_string(),
                local::format_clock(start) + &end,
                text_or_empty(&booking.activity),
                shorten_name(&text_or_empty(&booking.court)),
                text_or_empty(&booking.site),
                text_or_empty(&booking.status),
                reference.map_or(String::new(), |reference| format!("ref {reference}")),
            ]
        })
    }
}

impl Report for BookingsReport {
    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn write_table(&self, style: Style, out: &mut dyn Write) -> Result<()> {
        write_heading(&self.verdict(), &[(&self.club.name(), NORMAL)], style, out)?;
        write_rows(&self.rows().collect::<Vec<_>>(), stack_cells, style, out)?;
        let left_out = self.left_out();
        left_out.map_or(Ok(()), |text| write_aside(&text, style, out))
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        json::write(self, out)
    }

    fn write_markdown(&self, out: &mut dyn Write) -> Result<()> {
        let club = escape(&self.club.name());
        writeln!(out, "**{}** at {club}", self.verdict())?;
        if !self.bookings.is_empty() {
            writeln!(out)?;
        }
        for row in self.rows() {
            let parts: Vec<String> = row.into_iter().filter(|part| !part.is_empty()).collect();
            writeln!(out, "- {}", escape_name(&parts.join(" · ")))?;
        }
        let left_out = self.left_out();
        left_out.map_or(Ok(()), |text| writeln!(out, "\n{text}"))
    }

    fn write_ics(&self, out: &mut dyn Write) -> Result<()> {
        ics::write(self, out)
    }
}

fn stack_cells([day, time, rest @ ..]: &[String; 7], style: Style) -> [String; 2] {
    let room = style.room_beside(day);
    [format!("{day}\n{time}"), join_in_lines(rest, room)]
}

fn text_or_empty(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}
