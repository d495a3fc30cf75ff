//! `padel bookings`: a member's bookings.

mod ics;
mod json;

use std::io::{Result, Write};

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    court_names::shorten_name,
    escape::Marks,
    grid::{join_in_lines, write_aside, write_heading, write_rows},
    report::Report,
    style::{NORMAL, Style},
};
use crate::{
    config::Club,
    courts::{Booking, Fate, LatestByReference, Period},
    local,
    zone::Zone,
};

/// A member's bookings.
pub struct BookingsReport {
    pub club: Club,
    pub zone: Zone,
    pub now: DateTime<Utc>,
    pub period: Period,
    /// The days that were asked for; `None` for all of the period.
    pub dates: Option<BookingDates>,
    /// In the order of the period.
    pub bookings: Vec<Booking>,
    /// Counts over all that answer, shown or not.
    pub counts: BookingCounts,
    /// The bookings that go by their reference in a calendar.
    pub latest: LatestByReference,
    /// Number of bookings beyond `--limit`.
    pub more: usize,
    pub warnings: Vec<String>,
}

/// A day or a month.
#[derive(Debug, Clone, Copy)]
pub struct BookingDates {
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// `false` for one day.
    pub is_month: bool,
}

/// Numbers of bookings by what became of them.
#[derive(Debug, Default)]
pub struct BookingCounts {
    pub to_come: usize,
    pub played: usize,
    pub cancelled: usize,
    /// Of those whose status padel does not know, by the club's own word.
    pub unknown: Vec<(String, usize)>,
}

impl BookingCounts {
    /// Counts bookings as they are at `now`.
    #[must_use]
    pub fn of(bookings: &[Booking], now: DateTime<Utc>) -> Self {
        let mut counts = Self::default();
        for booking in bookings {
            match booking.fate(now) {
                Fate::ToCome => counts.to_come += 1,
                Fate::Played => counts.played += 1,
                Fate::Cancelled => counts.cancelled += 1,
                Fate::Unknown => {
                    let word = booking.status.as_deref().unwrap_or("unknown");
                    match counts.unknown.iter_mut().find(|(known, _)| known == word) {
                        Some((_, count)) => *count += 1,
                        None => counts.unknown.push((word.to_owned(), 1)),
                    }
                }
            }
        }
        counts
    }

    /// `9 played, 2 cancelled, 1 NoShow`; a status that padel does not know is the club's word.
    fn in_words(&self) -> String {
        let known = [
            (self.to_come, "to come"),
            (self.played, "played"),
            (self.cancelled, "cancelled"),
        ];
        let unknown = self.unknown.iter().map(|(word, count)| (*count, &**word));
        let counts = known.into_iter().chain(unknown);
        counts
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

impl BookingsReport {
    /// `2 upcoming bookings` or `3 bookings in October 2026: 2 played, 1 cancelled`
    fn verdict(&self) -> String {
        if let Some(dates) = self.dates {
            let when = if dates.is_month {
                dates.first.format("in %B %Y").to_string()
            } else {
                dates.first.format("on %A %-d %B %Y").to_string()
            };
            return match self.bookings.len() + self.more {
                0 => format!("no bookings {when}"),
                1 => format!("1 booking {when}: {}", self.counts.in_words()),
                count => format!("{count} bookings {when}: {}", self.counts.in_words()),
            };
        }
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

    fn write_chat(&self, marks: Marks, out: &mut dyn Write) -> Result<()> {
        let verdict = marks.name(&self.verdict());
        let club = marks.text(&self.club.title());
        writeln!(out, "{} at {club}", marks.bold(&verdict))?;
        if !self.bookings.is_empty() {
            writeln!(out)?;
        }
        for row in self.rows() {
            let parts: Vec<String> = row.into_iter().filter(|part| !part.is_empty()).collect();
            writeln!(out, "{}{}", marks.item(), marks.name(&parts.join(" · ")))?;
        }
        if let Some(text) = self.left_out() {
            writeln!(out, "\n{text}")?;
        }
        writeln!(out, "\nChange or cancel: {}", self.club.page())
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
        write_heading(&self.verdict(), &[(&self.club.title(), NORMAL)], style, out)?;
        write_rows(&self.rows().collect::<Vec<_>>(), stack_cells, style, out)?;
        let page = format!("change or cancel at {}", self.club.page());
        let asides = self.left_out().into_iter().chain([page]);
        asides
            .into_iter()
            .try_for_each(|text| write_aside(&text, style, out))
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        json::write(self, out)
    }

    fn write_markdown(&self, out: &mut dyn Write) -> Result<()> {
        self.write_chat(Marks::Markdown, out)
    }

    fn write_text(&self, out: &mut dyn Write) -> Result<()> {
        self.write_chat(Marks::Plain, out)
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
