//! For a chat: a line in bold a day and a list item for all courts that are alike. No tables: chats
//! do not draw them.

use std::{
    collections::HashSet,
    io::{Result, Write},
};

use super::{
    AvailabilityReport,
    days::{DayRows, Row, days_heading, list_days},
};
use crate::{
    courts::State,
    output::{
        detail::{Detail, write_fitting},
        escape::{escape, escape_name},
    },
};

pub(super) fn write(report: &AvailabilityReport, out: &mut dyn Write) -> Result<()> {
    let days = list_days(report);
    let about = about(report);
    write_fitting(out, &|detail, out| {
        if detail == Detail::Counts {
            write_counts(&days, &about, out)?;
        } else {
            for (index, day) in days.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                write_day(day, &about, detail, out)?;
                if detail == Detail::Courts {
                    write_links(&day.rows, report, out)?;
                }
            }
        }
        // One link an activity, where there is no room for one a day.
        if detail == Detail::Times {
            write_links(days.iter().flat_map(|day| &day.rows), report, out)?;
        }
        if let Some(legend) = report.legend(detail) {
            writeln!(out, "\n{}", escape_name(&legend))?;
        }
        let left_out = detail.left_out();
        left_out.map_or(Ok(()), |text| writeln!(out, "\n{text}"))
    })
}

/// Writes a heading, a list of what can be had, and a line about the rest.
fn write_day(day: &DayRows<'_>, about: &str, detail: Detail, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "**{}**{about}: {}", day.heading(), day.verdict())?;
    let items: Vec<String> = if detail == Detail::Courts {
        day.rows.iter().map(format_row).collect()
    } else {
        let times = day.merge_times();
        let items = times.iter().map(|times| {
            let parts = [vec![times.row.length()], format_offer(times.row)].concat();
            format!("{}: {}", parts.join(" · "), times.starts.join(", "))
        });
        items.collect()
    };
    if !items.is_empty() {
        writeln!(out)?;
    }
    items
        .iter()
        .try_for_each(|item| writeln!(out, "- {item}"))?;
    let rest = day.count_rest(detail);
    if rest.is_empty() {
        Ok(())
    } else {
        writeln!(out, "\n{}", rest.join(" · "))
    }
}

/// Writes an item a day.
fn write_counts(days: &[DayRows<'_>], about: &str, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "**{}**{about}\n", days_heading(days))?;
    days.iter().try_for_each(|day| {
        let parts = [vec![day.verdict()], day.count_rest(Detail::Counts)].concat();
        writeln!(out, "- {}: {}", day.heading(), parts.join(" · "))
    })
}

/// ` at brunelsport` or `, from 18:00, 90 min, at brunelsport`
fn about(report: &AvailabilityReport) -> String {
    let club = escape(&report.club.name());
    let wishes = report.wishes();
    if wishes.is_empty() {
        format!(" at {club}")
    } else {
        format!(", {}, at {club}", wishes.join(", "))
    }
}

fn format_row(row: &Row<'_>) -> String {
    let courts = escape_name(&row.court_names().join(", "));
    let parts = [vec![row.hours(), row.length(), courts], format_offer(row)];
    parts.concat().join(" · ")
}

/// The activity, the site, and what keeps it from being simply free.
fn format_offer(row: &Row<'_>) -> Vec<String> {
    let mut parts = vec![escape_name(row.activity()), escape_name(&row.site())];
    parts.retain(|part| !part.is_empty());
    parts.extend(row.notes());
    parts
}

/// Writes one link for each activity, to the page where it is booked.
fn write_links<'a>(
    rows: impl IntoIterator<Item = &'a Row<'a>>,
    report: &AvailabilityReport,
    out: &mut dyn Write,
) -> Result<()> {
    let mut seen = HashSet::new();
    let mut links = Vec::new();
    for Row { stretch, .. } in rows {
        let listing = &stretch.listing;
        if stretch.state == State::Free && seen.insert(&listing.activity_id) {
            let page = report
                .club
                .booking_page(&listing.activity_id, stretch.start);
            links.extend(page.map(|page| format!("[{}]({page})", escape_name(&listing.activity))));
        }
    }
    if links.is_empty() {
        Ok(())
    } else {
        writeln!(out, "\nBook: {}", links.join(" · "))
    }
}
