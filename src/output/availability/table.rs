//! For people at a terminal.

use std::io::{Result, Write};

use super::{
    AvailabilityReport, LATER,
    nothing::name_next_day,
    view::{DayView, list_days},
    week::{LABEL, Week},
};
use crate::output::{
    detail::write_fitting,
    grid::{join_in_lines, wrap_rows, write_aside, write_heading},
    style::{BOLD, DIM, GREEN, NORMAL, Style, YELLOW},
};

/// Columns of a line where the terminal's are not known.
const USUAL: u16 = 80;

pub(super) fn write(report: &AvailabilityReport, style: Style, out: &mut dyn Write) -> Result<()> {
    let mut about = report.wishes();
    about.push(report.club.title());
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    if report.is_grid() {
        return write_grid(report, &about, style, out);
    }
    let is_short = write_fitting(out, &|out| {
        let (days, is_cut) = list_days(report);
        for (index, day) in days.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            write_day(day, &about, style, out)?;
        }
        let later = is_cut.then(|| LATER.to_owned());
        let mut asides = later.into_iter().chain(name_next_day(report));
        asides.try_for_each(|text| write_aside(&text, style, out))?;
        write_page(report, style, out)
    })?;
    if is_short {
        return Ok(());
    }
    write_grid(report, &about, style, out)
}

/// Writes where to book: a terminal has no room for an address of each row.
fn write_page(report: &AvailabilityReport, style: Style, out: &mut dyn Write) -> Result<()> {
    write_aside(&format!("book at {}", report.club.page()), style, out)
}

fn write_day(day: &DayView<'_>, about: &[&str], style: Style, out: &mut dyn Write) -> Result<()> {
    let paint = if day.is_free { GREEN } else { YELLOW };
    let mut parts: Vec<_> = about.iter().map(|part| (*part, NORMAL)).collect();
    parts.push((&day.verdict, paint));
    write_heading(&day.heading(), &parts, style, out)?;
    for group in &day.groups {
        if !group.site.is_empty() {
            writeln!(out, "  {}", style.paint(&group.site, BOLD))?;
        }
        let rows: Vec<[String; 2]> = group
            .rows
            .iter()
            .map(|row| {
                let text = join_in_lines(&row.parts, style.room_beside(&row.head));
                [row.head.clone(), text]
            })
            .collect();
        out.write_all(wrap_rows(&rows, style).as_bytes())?;
    }
    day.notes
        .iter()
        .try_for_each(|note| write_aside(note, style, out))
}

/// Writes days by hours.
fn write_grid(
    report: &AvailabilityReport,
    about: &[&str],
    style: Style,
    out: &mut dyn Write,
) -> Result<()> {
    let room = usize::from(style.width.unwrap_or(USUAL)).saturating_sub(LABEL + 3);
    let week = Week::fitting(report, room);
    let verdict = week.verdict(report);
    let parts = about
        .iter()
        .copied()
        .chain(verdict.iter().map(String::as_str));
    let parts: Vec<_> = parts.map(|part| (part, NORMAL)).collect();
    write_heading(&week.heading(), &parts, style, out)?;
    for (index, (label, cells)) in week.lines(report).iter().enumerate() {
        if let [(0, why)] = &cells[..] {
            let rows = [[label.trim_end().to_owned(), why.trim_start().to_owned()]];
            out.write_all(wrap_rows(&rows, style).as_bytes())?;
            continue;
        }
        write!(out, "  {label}")?;
        for (count, text) in cells {
            let paint = match count {
                _ if index == 0 => BOLD,
                0 => DIM,
                _ => GREEN,
            };
            write!(out, "{}", style.paint(text, paint))?;
        }
        writeln!(out)?;
    }
    let mut notes = week.notes(report).into_iter();
    notes.try_for_each(|note| write_aside(&note, style, out))?;
    write_page(report, style, out)
}
