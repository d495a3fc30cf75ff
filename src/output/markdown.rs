//! For a chat: a line in bold a day and a list item for all courts that are alike. No tables: chats do not draw them.

use std::{
    collections::HashSet,
    io::{Result, Write},
};

use super::{
    report::{
        AFTER_LEARNING, Activities, Availability, Bookings, CONFIG_FILE, CONFIG_PLACE, Doctor, Named, Portal, sureness,
    },
    rows::{Row, booking, bookings_rest, bookings_verdict, days},
};
use crate::courts::State;

pub(super) fn availability(report: &Availability, out: &mut impl Write) -> Result<()> {
    for (index, day) in days(report).iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "**{}** at {}: {}", day.heading(), escape(&report.club.name()), day.verdict())?;
        if !day.rows.is_empty() {
            writeln!(out)?;
        }
        day.rows.iter().try_for_each(|row| writeln!(out, "- {}", item(row)))?;
        let rest = day.rest(report.query.zone);
        if !rest.is_empty() {
            writeln!(out, "\n{}", rest.join(", "))?;
        }
        let links = links(&day.rows, report);
        if !links.is_empty() {
            writeln!(out, "\nBook: {}", links.join(" · "))?;
        }
    }
    Ok(())
}

fn item(row: &Row<'_>) -> String {
    let mut parts = vec![row.time(), row.length(), escape(&row.courts()), escape(&row.activity())];
    parts.extend(row.notes());
    parts.join(" · ")
}

/// One link for each activity of the day, to the page where it is booked.
fn links(rows: &[Row<'_>], report: &Availability) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut links = Vec::new();
    for row in rows.iter().filter(|row| row.slot.state == State::Free) {
        let listing = &row.slot.listing;
        if !seen.insert(&listing.activity_id) {
            continue;
        }
        let page = report.club.booking_page(&listing.activity_id, row.slot.start);
        links.extend(page.map(|page| format!("[{}]({page})", escape(&listing.activity))));
    }
    links
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
    for char in text.chars() {
        match char {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
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
