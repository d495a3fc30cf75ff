//! For people: a heading a day, a row for all courts that are alike, and a line for what is not free. Each line can be
//! read aloud: nothing is told by its place or colour alone.

use std::io::{Result, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets::NOTHING};

use super::{
    Look,
    fit::{Detail, fit},
    report::{
        AFTER_LEARNING, Activities, Availability, Bookings, CONFIG_FILE, CONFIG_PLACE, Doctor, Health, Named, Portal,
        sureness,
    },
    rows::{Row, Times, booking, bookings_rest, bookings_verdict, days, span, wish},
};

/// Below this many columns a row takes several lines.
const NARROW: u16 = 72;

impl Look {
    fn is_narrow(self) -> bool {
        self.width.is_some_and(|width| width < NARROW)
    }

    /// Characters that a line has beside a first column that holds this: less the margins of two columns.
    fn beside(self, first: &str) -> usize {
        usize::from(self.width.unwrap_or(NARROW)).saturating_sub(first.chars().count() + 5)
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

pub(super) fn availability(report: &Availability, look: Look, out: &mut impl Write) -> Result<()> {
    let days = days(report);
    let mut about = wish(&report.query);
    about.push(report.club.name());
    let about = about.join(" · ");
    fit(out, |detail, out| {
        let counts = detail == Detail::Counts;
        if counts {
            heading(&span(&days), &[&about], look, out)?;
            writeln!(out)?;
        }
        for (index, day) in days.iter().enumerate() {
            if index > 0 && !counts {
                writeln!(out)?;
            }
            let color = if day.summary.free == 0 { YELLOW } else { GREEN };
            let verdict = paint(&day.verdict(), color, look);
            let parts = [&*about, &verdict];
            heading(&day.heading(), if counts { &parts[1..] } else { &parts }, look, out)?;
            let rows = match detail {
                Detail::Courts => grid(day.rows.iter().map(|row| cells(row, look)), look),
                Detail::Times => grid(day.times().iter().map(|times| times_cells(times, look)), look),
                Detail::Counts => String::new(),
            };
            out.write_all(rows.as_bytes())?;
            let rest = day.rest(report.query.zone);
            if !rest.is_empty() {
                aside(&rest.join(" · "), look, out)?;
            }
        }
        let Some(text) = detail.left_out() else { return Ok(()) };
        writeln!(out)?;
        aside(text, look, out)
    })
}

/// One line, or one for each part where the terminal would break it.
fn heading(what: &str, parts: &[&str], look: Look, out: &mut dyn Write) -> Result<()> {
    let line = format!("{} · {}", paint(what, BOLD, look), parts.join(" · "));
    match look.width {
        Some(width) if shown(&line) > usize::from(width) => {
            writeln!(out, "{}\n  {}", paint(what, BOLD, look), parts.join("\n  "))
        }
        _ => writeln!(out, "{line}"),
    }
}

fn cells(row: &Row<'_>, look: Look) -> Vec<String> {
    let [time, length, courts, site] = [row.time(), row.length(), row.courts(), row.site()];
    let (activity, notes) = (row.activity().to_owned(), row.notes().join(", "));
    if look.is_narrow() {
        // For a phone: the time, and all else in lines beside it.
        let room = look.beside(&time);
        return vec![time, format!("{courts}\n{}", stacked([length, notes, activity, site], room))];
    }
    vec![time, length, courts, activity, site, notes]
}

fn times_cells(Times { row, starts }: &Times<'_>, look: Look) -> Vec<String> {
    let (length, site, starts) = (row.length(), row.site(), starts.join(" "));
    let (activity, notes) = (row.activity().to_owned(), row.notes().join(", "));
    if look.is_narrow() {
        let room = look.beside(&length);
        return vec![length, format!("{}\n{starts}", stacked([activity, site, notes], room))];
    }
    vec![length, activity, site, notes, starts]
}

pub(super) fn bookings(report: &Bookings, look: Look, out: &mut impl Write) -> Result<()> {
    writeln!(out, "{} · {}", paint(&bookings_verdict(report), BOLD, look), report.club.name())?;
    let rows = report.bookings.iter().map(|one| booking(one, report.zone));
    let rows = rows.map(|row| if look.is_narrow() { narrow_booking(row, look) } else { row.into() });
    out.write_all(grid(rows, look).as_bytes())?;
    bookings_rest(report).map_or(Ok(()), |rest| aside(&rest, look, out))
}

/// For a phone: day and time, and all else in lines beside it.
fn narrow_booking(cells: [String; 7], look: Look) -> Vec<String> {
    let [day, time, rest @ ..] = cells;
    let room = look.beside(&day);
    vec![format!("{day}\n{time}"), stacked(rest, room)]
}

/// The parts that there are, as many in a line as there is room for.
fn stacked<const N: usize>(parts: [String; N], room: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 3 + part.chars().count() <= room => {
                line.push_str(" · ");
                line.push_str(&part);
            }
            _ => lines.push(part),
        }
    }
    lines.join("\n")
}

pub(super) fn activities(report: &Activities, look: Look, out: &mut impl Write) -> Result<()> {
    writeln!(out, "{}", paint(&format!("Sites of {}", report.club.name()), BOLD, look))?;
    out.write_all(grid(report.sites.iter().map(entry), look).as_bytes())?;
    writeln!(out, "\n{}", paint("Activities (* in use)", BOLD, look))?;
    out.write_all(grid(report.activities.iter().map(entry), look).as_bytes())?;
    if report.more > 0 {
        aside(&format!("{} more with --all", report.more), look, out)?;
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

/// What is said besides, broken between words.
fn aside(text: &str, look: Look, out: &mut dyn Write) -> Result<()> {
    let lines = grid([[text.to_owned()]].into_iter(), look);
    lines.lines().try_for_each(|line| writeln!(out, "{}", paint(line, DIM, look)))
}

/// Rows in columns without lines, each line ended; empty columns are left out.
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
        // The first of several columns is a time or an id: never broken.
        if let Some(first) = table.column_mut(0).filter(|_| columns > 1) {
            first.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.lines().map(|line| format!(" {}\n", line.trim_end())).collect()
}

/// Columns that a line takes: escape sequences, which end with an `m`, take none.
fn shown(line: &str) -> usize {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().map_or(0, |text| text.chars().count());
    first + parts.map(|part| part.split_once('m').map_or(0, |(_, text)| text.chars().count())).sum::<usize>()
}

fn paint(text: &str, code: &str, look: Look) -> String {
    if look.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}
