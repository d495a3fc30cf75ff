//! For a chat: a line in bold a day and a list item for all courts that are alike. No tables: chats
//! do not draw them.

use std::{
    collections::HashSet,
    io::{Result, Write},
};

use super::{
    fit::{Detail, fit},
    report::{
        AFTER_LEARNING, Activities, Availability, Bookings, CONFIG_FILE, CONFIG_PLACE, Doctor,
        Named, Portal, sureness,
    },
    rows::{DayRows, Row, booking, bookings_rest, bookings_verdict, days, legend, span, wish},
};
use crate::courts::State;

/// Checks of the doctor that repeat what a portal says.
const PORTALS: [&str; 3] = ["portal", "availability", "matched"];

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
        legend(report, detail).map_or(Ok(()), |text| writeln!(out, "\n{}", escape_name(&text)))?;
        detail
            .left_out()
            .map_or(Ok(()), |text| writeln!(out, "\n{text}"))
    })
}

/// A heading, a list of what can be had, and a line about the rest.
fn one_day(
    day: &DayRows<'_>,
    report: &Availability,
    detail: Detail,
    out: &mut dyn Write,
) -> Result<()> {
    writeln!(
        out,
        "**{}**{}: {}",
        day.heading(),
        about(report),
        day.verdict()
    )?;
    let items: Vec<String> = match detail {
        Detail::Courts => day
            .rows
            .iter()
            .map(|row| item(row, row.time(), escape_name(&row.courts())))
            .collect(),
        _ => day
            .times()
            .iter()
            .map(|kind| times(kind.row, &kind.starts))
            .collect(),
    };
    if !items.is_empty() {
        writeln!(out)?;
    }
    items
        .iter()
        .try_for_each(|item| writeln!(out, "- {item}"))?;
    let rest = day.rest(report.query.zone, detail);
    if !rest.is_empty() {
        writeln!(out, "\n{}", rest.join(" · "))?;
    }
    if detail == Detail::Courts {
        book(&day.rows, report, out)
    } else {
        Ok(())
    }
}

/// An item a day.
fn counts(days: &[DayRows<'_>], report: &Availability, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "**{}**{}\n", span(days), about(report))?;
    days.iter().try_for_each(|day| {
        let rest: String = day
            .rest(report.query.zone, Detail::Counts)
            .iter()
            .map(|part| format!(" · {part}"))
            .collect();
        writeln!(out, "- {}: {}{rest}", day.heading(), day.verdict())
    })
}

/// ` at brunelsport` or `, from 18:00, 90 min, at brunelsport`
fn about(report: &Availability) -> String {
    let mut about: String = wish(&report.query)
        .iter()
        .map(|part| format!(", {part}"))
        .collect();
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
    let mut parts = vec![escape_name(row.activity()), escape_name(&row.site())];
    parts.retain(|part| !part.is_empty());
    parts.extend(row.notes());
    parts
}

/// One link for each activity, to the page where it is booked.
fn book<'a>(
    rows: impl IntoIterator<Item = &'a Row<'a>>,
    report: &Availability,
    out: &mut dyn Write,
) -> Result<()> {
    let mut seen = HashSet::new();
    let mut links = Vec::new();
    for row in rows.into_iter().filter(|row| row.slot.state == State::Free) {
        let listing = &row.slot.listing;
        if !seen.insert(&listing.activity_id) {
            continue;
        }
        let page = report
            .club
            .booking_page(&listing.activity_id, row.slot.start);
        links.extend(page.map(|page| format!("[{}]({page})", escape_name(&listing.activity))));
    }
    if links.is_empty() {
        Ok(())
    } else {
        writeln!(out, "\nBook: {}", links.join(" · "))
    }
}

pub(super) fn bookings(report: &Bookings, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "**{}** at {}",
        bookings_verdict(report),
        escape(&report.club.name())
    )?;
    if !report.bookings.is_empty() {
        writeln!(out)?;
    }
    for one in &report.bookings {
        let parts: Vec<String> = booking(one, report.zone)
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        writeln!(out, "- {}", escape_name(&parts.join(" · ")))?;
    }
    bookings_rest(report).map_or(Ok(()), |rest| writeln!(out, "\n{rest}"))
}

pub(super) fn activities(report: &Activities, out: &mut impl Write) -> Result<()> {
    writeln!(out, "**Sites of {}**\n", escape(&report.club.name()))?;
    report
        .sites
        .iter()
        .try_for_each(|site| writeln!(out, "- {}", entry(site)))?;
    writeln!(out, "\n**Activities**\n")?;
    report
        .activities
        .iter()
        .try_for_each(|activity| writeln!(out, "- {}", entry(activity)))?;
    if report.more > 0 {
        writeln!(out, "\n{} more with `--all`", report.more)?;
    }
    writeln!(
        out,
        "\nFor `config.toml`:\n\n```toml\n{}```",
        report.config()
    )
}

pub(super) fn portal(report: &Portal, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "**Learned of {}**: {}\n",
        escape(&report.host),
        report.verdict()
    )?;
    for finding in &report.learned.findings {
        let value = if finding.value.is_empty() {
            String::new()
        } else {
            format!(" `{}`", finding.value.replace('`', "'"))
        };
        writeln!(
            out,
            "- **{}** {}{value}: {}",
            sureness(finding),
            escape(&finding.name),
            escape(&finding.how)
        )?;
    }
    writeln!(
        out,
        "\nFor `{CONFIG_FILE}`, {CONFIG_PLACE}:\n\n```toml\n{}```\n\n{AFTER_LEARNING}",
        report.learned.table
    )
}

fn entry(named: &Named) -> String {
    let mut entry = format!(
        "`{}` {}",
        named.id.replace('`', "'"),
        escape_name(&named.name)
    );
    if !named.description.is_empty() {
        entry.push_str(&format!(": {}", escape_name(&named.description)));
    }
    if named.used {
        entry.push_str(" (in use)");
    }
    entry
}

pub(super) fn doctor(report: &Doctor, out: &mut impl Write) -> Result<()> {
    for check in &report.checks {
        // Names of files are told as they are: who reads the report copies them.
        let found = if PORTALS.contains(&check.name) {
            escape_name(&check.found)
        } else {
            escape(&check.found)
        };
        writeln!(
            out,
            "- **{}** {}: {found}",
            check.health.name(),
            escape(check.name)
        )?;
    }
    writeln!(out, "\nFiles, in the order in which they count:\n")?;
    for file in &report.looked {
        writeln!(out, "- {} ({})", escape(&file.place), escape(&file.outcome))?;
    }
    if !report.steps.is_empty() {
        writeln!(
            out,
            "\nOnly if sign-in or bookings do not work, teach padel this portal:\n"
        )?;
    }
    for (number, step) in report.steps.iter().enumerate() {
        writeln!(out, "{}. {step}", number + 1)?;
    }
    Ok(())
}

/// The same for text of a portal's, in which nothing is to become a link either.
fn escape_name(text: &str) -> String {
    escape(&break_addresses(text))
}

/// Puts a space behind each dot that could be one of a host name's. Chats make links of
/// `evil.example` without any markup, and of what stands behind it; nothing but a space is both
/// read by everybody and no part of a name to all of them.
///
/// A dot that is one counts: `St. Mary's`, `No.1`, `U.K.`, `9.30am` and `1.5 h` stay as they are.
fn break_addresses(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    for (at, char) in text.char_indices() {
        broken.push(char);
        // The dots that are one in a host name.
        if matches!(
            char,
            '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}'
        ) {
            let (before, after) = (&text[..at], &text[at + char.len_utf8()..]);
            if ends_label(before) && (begins_domain(after) || ends_address(before, after)) {
                broken.push(' ');
            }
        }
    }
    broken
}

/// Whether a host name may end here.
fn ends_label(text: &str) -> bool {
    let last = text.chars().next_back();
    last.is_some_and(|char| {
        !char.is_whitespace() && (!char.is_ascii_punctuation() || matches!(char, '-' | '_'))
    })
}

/// Whether this may be a top-level domain, or a label on the way to one: no such has one letter, or
/// begins with a digit.
fn begins_domain(text: &str) -> bool {
    text.chars()
        .take_while(|char| char.is_alphabetic())
        .nth(1)
        .is_some()
}

/// Whether the dot is the third of an address such as `192.0.2.1`.
fn ends_address(before: &str, after: &str) -> bool {
    let is_number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let start = before
        .rfind(|char: char| !char.is_ascii_digit() && char != '.')
        .map_or(0, |at| at + 1);
    let numbers = before
        .get(start..)
        .unwrap_or_default()
        .split('.')
        .filter(is_number)
        .count();
    numbers >= 3 && after.starts_with(|char: char| char.is_ascii_digit())
}

/// Text that means nothing to Markdown, nor to a chat's `<!channel>` and `@name`, and has no
/// address that becomes a link.
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
            '.' if escaped.to_ascii_lowercase().ends_with("www")
                && !text[at + 1..].starts_with(' ') =>
            {
                escaped.push_str("\\.");
            }
            _ => escaped.push(char),
        }
    }
    escaped
}

/// Whether `&` before this may be read as a character reference. All others stay as they are: an
/// agent reads the text, and `1&amp;2` is no name of a court.
fn begins_entity(text: &str) -> bool {
    let end = text
        .find(|char: char| !char.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    // HTML reads these without a semicolon, too.
    let is_old = |old: &&str| {
        name.get(..old.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(old))
    };
    text.starts_with('#')
        || (name.starts_with(|char: char| char.is_ascii_alphabetic()) && rest.starts_with(';'))
        || ["lt", "gt", "amp", "quot"].iter().any(is_old)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_becomes_a_link() {
        for (name, told) in [
            ("evil.example/login", "evil. example/login"),
            ("See EVIL.EXAMPLE:8080", "See EVIL. EXAMPLE:8080"),
            ("www.evil.co.uk", "www. evil. co. uk"),
            ("a@evil.example", "a\\@evil. example"),
            ("https://evil.example", "https:\\//evil. example"),
            ("ev-il.xn--p1ai", "ev-il. xn--p1ai"),
            ("зло.рф", "зло. рф"),
            ("evil\u{3002}example", "evil\u{3002} example"),
            ("1.evil.example", "1. evil. example"),
            ("evil_.example", "evil\\_. example"),
            ("192.0.2.1/login", "192.0.2. 1/login"),
            ("(t.co/x)", "(t. co/x)"),
        ] {
            assert_eq!(escape_name(name), told);
        }
    }

    #[test]
    fn real_names_stay_as_they_are() {
        for name in [
            "St. Mary's",
            "Court No.1",
            "U.K. Open",
            "9.30am - 10.30pm",
            "Padel 1.5 h",
            "12.05.2026",
            "Mon.-Fri.",
            "e.g. doubles",
            "v1.2.3",
            "Wait...",
            "...and more",
            "Ladies' 50+ (incl. coaching)",
            "020 7946 0123",
            ".net",
            "Dr. J. Smith",
        ] {
            assert_eq!(break_addresses(name), name);
        }
        assert_eq!(break_addresses("St.Mary's"), "St. Mary's");
    }
}
