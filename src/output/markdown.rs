//! For a chat: a line in bold a day and a list item for all courts that are alike. No tables: chats do not draw them.

use std::{
    collections::HashSet,
    io::{Result, Write},
};

use super::{
    fit::{Detail, fit},
    report::{
        AFTER_LEARNING, Activities, Availability, Bookings, CONFIG_FILE, CONFIG_PLACE, Doctor, Named, Portal, sureness,
    },
    rows::{DayRows, Row, booking, bookings_rest, bookings_verdict, days, legend, span, wish},
};
use crate::courts::State;

pub(super) fn availability(report: &Availability, out: &mut impl Write) -> Result<()> {
    let days = days(report);
    fit(out, |detail, out| {
        match detail {
            Detail::Courts | Detail::Times => {
                for (index, day) in days.iter().enumerate() {
                    if index > 0 {
                        writeln!(out)?;
                    }
                    one_day(day, report, detail, out)?;
                }
            }
            Detail::Counts => counts(&days, report, out)?,
        }
        // One link an activity, where there is no room for one a day.
        if detail == Detail::Times {
            book(days.iter().flat_map(|day| &day.rows), report, out)?;
        }
        legend(report, detail).map_or(Ok(()), |text| writeln!(out, "\n{}", escape(&text)))?;
        detail.left_out().map_or(Ok(()), |text| writeln!(out, "\n{text}"))
    })
}

/// A heading, a list of what can be had, and a line about the rest.
fn one_day(day: &DayRows<'_>, report: &Availability, detail: Detail, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "**{}**{}: {}", day.heading(), about(report), day.verdict())?;
    let items: Vec<String> = match detail {
        Detail::Courts => day.rows.iter().map(|row| item(row, row.time(), escape(&row.courts()))).collect(),
        _ => day.times().iter().map(|kind| times(kind.row, &kind.starts)).collect(),
    };
    if !items.is_empty() {
        writeln!(out)?;
    }
    items.iter().try_for_each(|item| writeln!(out, "- {item}"))?;
    let rest = day.rest(report.query.zone, detail);
    if !rest.is_empty() {
        writeln!(out, "\n{}", rest.join(" · "))?;
    }
    if detail == Detail::Courts { book(&day.rows, report, out) } else { Ok(()) }
}

/// An item a day.
fn counts(days: &[DayRows<'_>], report: &Availability, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "**{}**{}\n", span(days), about(report))?;
    days.iter().try_for_each(|day| {
        let rest: String =
            day.rest(report.query.zone, Detail::Counts).iter().map(|part| format!(" · {part}")).collect();
        writeln!(out, "- {}: {}{rest}", day.heading(), day.verdict())
    })
}

/// ` at brunelsport` or `, from 18:00, 90 min, at brunelsport`
fn about(report: &Availability) -> String {
    let mut about: String = wish(&report.query).iter().map(|part| format!(", {part}")).collect();
    about.push_str(if about.is_empty() { " at " } else { ", at " });
    about + &escape(&report.club.name())
}

fn item(row: &Row<'_>, time: String, courts: String) -> String {
    let mut parts = vec![time, row.length(), courts];
    parts.extend(offer(row));
    parts.join(" · ")
}

fn times(row: &Row<'_>, starts: &[String]) -> String {
    let mut parts = vec![row.length()];
    parts.extend(offer(row));
    format!("{}: {}", parts.join(" · "), starts.join(", "))
}

/// As what it is offered, where, and what keeps it from being simply free.
fn offer(row: &Row<'_>) -> Vec<String> {
    let mut parts = vec![escape(row.activity()), escape(&row.site())];
    parts.retain(|part| !part.is_empty());
    parts.extend(row.notes());
    parts
}

/// One link for each activity, to the page where it is booked.
fn book<'a>(rows: impl IntoIterator<Item = &'a Row<'a>>, report: &Availability, out: &mut dyn Write) -> Result<()> {
    let mut seen = HashSet::new();
    let mut links = Vec::new();
    for row in rows.into_iter().filter(|row| row.slot.state == State::Free) {
        let listing = &row.slot.listing;
        if !seen.insert(&listing.activity_id) {
            continue;
        }
        let page = report.club.booking_page(&listing.activity_id, row.slot.start);
        links.extend(page.map(|page| format!("[{}]({page})", escape(&listing.activity))));
    }
    if links.is_empty() { Ok(()) } else { writeln!(out, "\nBook: {}", links.join(" · ")) }
}

pub(super) fn bookings(report: &Bookings, out: &mut impl Write) -> Result<()> {
    writeln!(out, "**{}** at {}", bookings_verdict(report), escape(&report.club.name()))?;
    if !report.bookings.is_empty() {
        writeln!(out)?;
    }
    for one in &report.bookings {
        let parts: Vec<String> = booking(one, report.zone).into_iter().filter(|part| !part.is_empty()).collect();
        writeln!(out, "- {}", escape(&parts.join(" · ")))?;
    }
    bookings_rest(report).map_or(Ok(()), |rest| writeln!(out, "\n{rest}"))
}

pub(super) fn activities(report: &Activities, out: &mut impl Write) -> Result<()> {
    writeln!(out, "**Sites of {}**\n", escape(&report.club.name()))?;
    report.sites.iter().try_for_each(|site| writeln!(out, "- {}", entry(site)))?;
    writeln!(out, "\n**Activities**\n")?;
    report.activities.iter().try_for_each(|activity| writeln!(out, "- {}", entry(activity)))?;
    if report.more > 0 {
        writeln!(out, "\n{} more with `--all`", report.more)?;
    }
    writeln!(out, "\nFor `config.toml`:\n\n```toml\n{}```", report.config())
}

pub(super) fn portal(report: &Portal, out: &mut impl Write) -> Result<()> {
    writeln!(out, "**Learned of {}**: {}\n", escape(&report.host), report.verdict())?;
    for finding in &report.learned.findings {
        let value =
            if finding.value.is_empty() { String::new() } else { format!(" `{}`", finding.value.replace('`', "'")) };
        writeln!(out, "- **{}** {}{value}: {}", sureness(finding), escape(&finding.name), escape(&finding.how))?;
    }
    writeln!(out, "\nFor `{CONFIG_FILE}`, {CONFIG_PLACE}:\n\n```toml\n{}```\n\n{AFTER_LEARNING}", report.learned.table)
}

fn entry(named: &Named) -> String {
    let mut entry = format!("`{}` {}", named.id.replace('`', "'"), escape(&named.name));
    if !named.description.is_empty() {
        entry.push_str(&format!(": {}", escape(&named.description)));
    }
    if named.used {
        entry.push_str(" (in use)");
    }
    entry
}

pub(super) fn doctor(report: &Doctor, out: &mut impl Write) -> Result<()> {
    for check in &report.checks {
        writeln!(out, "- **{}** {}: {}", check.health.name(), escape(check.name), escape(&check.found))?;
    }
    writeln!(out, "\nFiles, in the order in which they count:\n")?;
    for file in &report.looked {
        writeln!(out, "- {} ({})", escape(&file.place), escape(&file.outcome))?;
    }
    if !report.steps.is_empty() {
        writeln!(out, "\nOnly if sign-in or bookings do not work, teach padel this portal:\n")?;
    }
    for (number, step) in report.steps.iter().enumerate() {
        writeln!(out, "{}. {step}", number + 1)?;
    }
    Ok(())
}

/// Text that means nothing to Markdown, nor to a chat's `<!channel>` and `@name`, and has no address that becomes a link.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (at, char) in text.char_indices() {
        match char {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' if begins_entity(&text[at + 1..]) => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '@' | '!' => {
                escaped.push('\\');
                escaped.push(char);
            }
            '/' if escaped.ends_with(':') => escaped.push_str("\\/"),
            '.' if escaped.to_ascii_lowercase().ends_with("www") => escaped.push_str("\\."),
            _ => escaped.push(char),
        }
    }
    escaped
}

/// Whether `&` before this may be read as a character reference. All others stay as they are: an agent reads the text, and
/// `1&amp;2` is no name of a court.
fn begins_entity(text: &str) -> bool {
    let end = text.find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    // HTML reads these without a semicolon, too.
    let is_old = |old: &&str| name.get(..old.len()).is_some_and(|start| start.eq_ignore_ascii_case(old));
    text.starts_with('#')
        || (!name.is_empty() && rest.starts_with(';'))
        || ["lt", "gt", "amp", "quot"].iter().any(is_old)
}
