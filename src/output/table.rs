//! For people: a heading a day, a row for all courts that are alike, and a line for what is not free.

use std::io::{Result, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets::NOTHING};

use super::{
    Look,
    report::{
        AFTER_LEARNING, Activities, Availability, Bookings, CONFIG_FILE, CONFIG_PLACE, Doctor, Health, Named, Portal,
        sureness,
    },
    rows::{Row, booking, bookings_rest, bookings_verdict, days},
};

/// Below this many columns a row takes several lines.
const NARROW: u16 = 72;

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

pub(super) fn availability(report: &Availability, look: Look, out: &mut impl Write) -> Result<()> {
    for (index, day) in days(report).iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let color = if day.summary.free == 0 { YELLOW } else { GREEN };
        let (heading, verdict) = (paint(&day.heading(), BOLD, look), paint(&day.verdict(), color, look));
        writeln!(out, "{heading} · {} · {verdict}", report.club.name())?;
        if !day.rows.is_empty() {
            let rows = day.rows.iter().map(cells);
            let narrow = look.width.is_some_and(|width| width < NARROW);
            writeln!(out, "{}", if narrow { grid(rows.map(stacked), look) } else { grid(rows, look) })?;
        }
        let rest = day.rest(report.query.zone);
        if !rest.is_empty() {
            writeln!(out, "{}", paint(&format!("  {}", rest.join(" · ")), DIM, look))?;
        }
    }
    Ok(())
}

fn cells(row: &Row<'_>) -> [String; 5] {
    [row.time(), row.length(), row.courts(), row.activity(), row.notes().join(", ")]
}

/// For a phone: the time, and all else in lines beside it.
fn stacked(cells: [String; 5]) -> Vec<String> {
    let [time, length, courts, activity, notes] = cells;
    let rest: Vec<String> = [length, activity, notes].into_iter().filter(|text| !text.is_empty()).collect();
    vec![time, format!("{courts}\n{}", rest.join(" · "))]
}

pub(super) fn bookings(report: &Bookings, look: Look, out: &mut impl Write) -> Result<()> {
    writeln!(out, "{} · {}", paint(&bookings_verdict(report), BOLD, look), report.club.name())?;
    if !report.bookings.is_empty() {
        let rows = report.bookings.iter().map(|one| booking(one, report.zone));
        let narrow = look.width.is_some_and(|width| width < NARROW);
        writeln!(out, "{}", if narrow { grid(rows.map(stacked_booking), look) } else { grid(rows, look) })?;
    }
    if let Some(rest) = bookings_rest(report) {
        writeln!(out, "{}", paint(&format!("  {rest}"), DIM, look))?;
    }
    Ok(())
}

/// For a phone: day and time, and all else in lines beside it.
fn stacked_booking(cells: [String; 7]) -> Vec<String> {
    let [day, time, rest @ ..] = cells;
    let rest: Vec<String> = rest.into_iter().filter(|text| !text.is_empty()).collect();
    vec![format!("{day}\n{time}"), rest.join(" · ")]
}

pub(super) fn activities(report: &Activities, look: Look, out: &mut impl Write) -> Result<()> {
    writeln!(out, "{}", paint(&format!("Sites of {}", report.club.name()), BOLD, look))?;
    writeln!(out, "{}", grid(report.sites.iter().map(entry), look))?;
    writeln!(out, "\n{}", paint("Activities (* in use)", BOLD, look))?;
    writeln!(out, "{}", grid(report.activities.iter().map(entry), look))?;
    if report.more > 0 {
        writeln!(out, "{}", paint(&format!("  {} more with --all", report.more), DIM, look))?;
    }
    writeln!(out, "\n{}", paint("For config.toml", BOLD, look))?;
    out.write_all(report.config().as_bytes())
}

pub(super) fn portal(report: &Portal, look: Look, out: &mut impl Write) -> Result<()> {
    writeln!(out, "{} · {}", paint(&format!("Learned of {}", report.host), BOLD, look), report.verdict())?;
    for finding in &report.learned.findings {
        let color = if finding.certain { GREEN } else { YELLOW };
        let sure = paint(&format!("{:<7}", sureness(finding)), color, look);
        writeln!(out, "{}", format!("{sure} {:<18} {}", finding.name, finding.value).trim_end())?;
        if !finding.certain {
            writeln!(out, "{}", paint(&format!("{:27}{}", "", finding.how), DIM, look))?;
        }
    }
    writeln!(out, "\n{}", paint(&format!("For {CONFIG_FILE}, {CONFIG_PLACE}"), BOLD, look))?;
    out.write_all(report.learned.table.as_bytes())?;
    writeln!(out, "\n{}", paint(AFTER_LEARNING, DIM, look))
}

fn entry(named: &Named) -> Vec<String> {
    let mark = if named.used { "*" } else { "" };
    vec![mark.to_owned(), named.id.clone(), named.name.clone(), named.description.clone()]
}

pub(super) fn doctor(report: &Doctor, look: Look, out: &mut impl Write) -> Result<()> {
    for check in &report.checks {
        let color = match check.health {
            Health::Good => GREEN,
            Health::Odd => YELLOW,
            Health::Bad => RED,
        };
        // Padded before it is painted: escape sequences have a length, too.
        let verdict = paint(&format!("{:<7}", check.health.name()), color, look);
        writeln!(out, "{verdict} {:<17} {}", check.name, check.found)?;
    }
    writeln!(out, "\n{}", paint("Files, in the order in which they count", BOLD, look))?;
    for file in &report.looked {
        writeln!(out, "  {} ({})", file.place, file.outcome)?;
    }
    if !report.steps.is_empty() {
        let heading = "Only if sign-in or bookings do not work: teach padel this portal";
        writeln!(out, "\n{}", paint(heading, BOLD, look))?;
        for (number, step) in report.steps.iter().enumerate() {
            writeln!(out, "  {}. {step}", number + 1)?;
        }
    }
    let verdict = if report.failure.is_none() { "\nAvailability works." } else { "\nAvailability does not work." };
    writeln!(out, "{verdict}")
}

/// Rows in columns without lines; empty columns are left out.
fn grid<R: Into<Vec<String>>>(rows: impl Iterator<Item = R>, look: Look) -> String {
    let mut rows: Vec<Vec<String>> = rows.map(Into::into).collect();
    let columns = rows.first().map_or(0, Vec::len);
    for column in (0..columns).rev() {
        if rows.iter().all(|row| row[column].is_empty()) {
            rows.iter_mut().for_each(|row| drop(row.remove(column)));
        }
    }
    let mut table = Table::new();
    table.load_style(NOTHING).add_rows(rows);
    if let Some(width) = look.width {
        // One column less for the margin.
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.saturating_sub(1));
        // The first column is a time or an id: never broken.
        if let Some(first) = table.column_mut(0) {
            first.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let lines: Vec<String> = table.lines().map(|line| format!(" {}", line.trim_end())).collect();
    lines.join("\n")
}

fn paint(text: &str, code: &str, look: Look) -> String {
    if look.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}
