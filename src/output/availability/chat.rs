//! For a chat: a line a day and an item a start time. No tables: chats do not draw them.

use std::io::{Result, Write};

use super::{
    AvailabilityReport, LATER,
    nothing::name_next_day,
    view::{DayView, Row, list_days},
    week::Week,
};
use crate::{
    courts::State,
    output::{detail::write_fitting, escape::Marks},
};

/// Characters of a line of a grid beside the days: phones break longer ones.
const ROOM: usize = 48;

pub(super) fn write(report: &AvailabilityReport, marks: Marks, out: &mut dyn Write) -> Result<()> {
    let about = about(report, marks);
    if report.is_grid() {
        return write_grid(report, &about, marks, out);
    }
    let is_short = write_fitting(out, &|out| {
        let (days, is_cut) = list_days(report);
        for (index, day) in days.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            write_day(report, day, &about, marks, out)?;
        }
        let later = is_cut.then(|| LATER.to_owned());
        let mut asides = later.into_iter().chain(name_next_day(report));
        asides.try_for_each(|text| writeln!(out, "\n{}", marks.name(&text)))?;
        // Else each day has links to what is free.
        match report.answer.summary.free {
            0 => write_page(report, out),
            _ => Ok(()),
        }
    })?;
    if is_short {
        return Ok(());
    }
    write_grid(report, &about, marks, out)
}

/// Writes a heading, a list for each site, and what else there is to say.
fn write_day(
    report: &AvailabilityReport,
    day: &DayView<'_>,
    about: &str,
    marks: Marks,
    out: &mut dyn Write,
) -> Result<()> {
    let heading = marks.bold(&day.heading());
    writeln!(out, "{heading}{about}: {}", day.verdict)?;
    for group in &day.groups {
        let site = marks.name(&group.site);
        writeln!(out, "{}{site}", if site.is_empty() { "" } else { "\n" })?;
        if !site.is_empty() {
            writeln!(out)?;
        }
        for row in &group.rows {
            let head = marks.name(&row.head);
            writeln!(
                out,
                "{}{head} {}",
                marks.item(),
                marks.name(&row.parts.join(" · "))
            )?;
        }
    }
    for note in &day.notes {
        writeln!(out, "\n{}", marks.name(note))?;
    }
    // Whoever asks for a moment wants the slot that covers it.
    let rows = day.groups.iter().filter_map(|group| {
        let covering = |row: &&Row<'_>| report.query.covers_moment(row.first);
        group.rows.iter().find(covering).or(group.rows.first())
    });
    let links = rows.filter(|row| row.first.state == State::Free);
    let links: Vec<String> = links
        .filter_map(|row| {
            let court = &row.first.listing.court;
            let label = format!("{} {court}", report.clock(row.first.start));
            Some(marks.link(&label, &report.page(row.first)?))
        })
        .collect();
    match &links[..] {
        [] => Ok(()),
        links => writeln!(out, "\nBook: {}", links.join(" · ")),
    }
}

fn write_grid(
    report: &AvailabilityReport,
    about: &str,
    marks: Marks,
    out: &mut dyn Write,
) -> Result<()> {
    let week = Week::fitting(report, ROOM);
    let heading = marks.bold(&week.heading());
    writeln!(out, "{heading}{about}: {}", week.verdict(report).join(", "))?;
    write!(out, "\n{}", marks.fence())?;
    for (label, cells) in week.lines(report) {
        let cells: String = cells.into_iter().map(|(_, text)| text).collect();
        writeln!(out, "{}", format!("{label}{cells}").trim_end())?;
    }
    write!(out, "{}", marks.fence())?;
    for note in week.notes(report) {
        writeln!(out, "\n{}", marks.name(&note))?;
    }
    write_page(report, out)
}

/// Writes where to book, for an answer without a link to a slot.
fn write_page(report: &AvailabilityReport, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "\nBook: {}", report.club.page())
}

/// ` at brunelsport` or `, from 18:00, 90 min, at brunelsport`
fn about(report: &AvailabilityReport, marks: Marks) -> String {
    let club = marks.text(&report.club.title());
    let wishes: Vec<String> = report
        .wishes()
        .iter()
        .map(|wish| marks.name(wish))
        .collect();
    if wishes.is_empty() {
        format!(" at {club}")
    } else {
        format!(", {}, at {club}", wishes.join(", "))
    }
}
