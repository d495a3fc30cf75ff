//! For a chat: a line in bold a day and a list item for all courts that are alike. No tables: chats do not draw them.

use std::io::{Result, Write};

use chrono::{DateTime, Datelike as _, Utc};

use super::{
    report::{Activities, Availability, Doctor, Named, short},
    rows::{Row, days, rest},
};
use crate::courts::{State, weekday_name};

pub(super) fn availability(report: &Availability, out: &mut impl Write) -> Result<()> {
    let zone = report.query.zone;
    for (index, day) in days(report).iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let free = match day.summary.free {
            0 => "nothing free".to_owned(),
            count => format!("{count} free"),
        };
        let date = day.date.format("%-d %B %Y");
        writeln!(out, "**{} {date}** at {}: {free}", weekday_name(day.date.weekday()), escape(&report.club.name()))?;
        if !day.rows.is_empty() {
            writeln!(out)?;
        }
        for row in &day.rows {
            writeln!(out, "- {}", item(row, report))?;
        }
        let rest = rest(&day.summary, |at| short(at, zone));
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

fn item(row: &Row<'_>, report: &Availability) -> String {
    let (slot, zone) = (row.slot, report.query.zone);
    let clock = |time: DateTime<Utc>| time.with_timezone(&zone).format("%H:%M");
    let mut item = format!(
        "{}–{} · {} min · {} · {}",
        clock(slot.start),
        clock(slot.end),
        slot.minutes,
        escape(&row.courts()),
        escape(&slot.listing.activity)
    );
    match (slot.state, slot.bookable_from) {
        (State::Free, _) => {}
        (State::OpensLater, Some(at)) => item.push_str(&format!(" · opens {}", short(at, zone))),
        (state, _) => item.push_str(&format!(" · {}", state.name().replace('_', " "))),
    }
    if slot.bookings > 1 {
        item.push_str(&format!(" · {} bookings", slot.bookings));
    }
    item
}

/// One link for each activity of the day, to the page where it is booked.
fn links(rows: &[Row<'_>], report: &Availability) -> Vec<String> {
    let mut seen = Vec::new();
    let mut links = Vec::new();
    for row in rows.iter().filter(|row| row.slot.state == State::Free) {
        let listing = &row.slot.listing;
        if seen.contains(&&listing.activity_id) {
            continue;
        }
        seen.push(&listing.activity_id);
        let page = report.club.booking_page(&listing.activity_id, row.slot.start);
        links.extend(page.map(|page| format!("[{}]({page})", escape(&listing.activity))));
    }
    links
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
        writeln!(out, "- {} ({})", escape(&file.path.display().to_string()), escape(&file.outcome))?;
    }
    Ok(())
}

/// Text that means nothing to Markdown, nor to a chat's `<!channel>` and `@name`.
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
            _ => escaped.push(char),
        }
    }
    escaped
}
