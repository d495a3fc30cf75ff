//! For people: a heading a day, a row for all courts that are alike, and a line for what is not
//! free. Each line can be read aloud: nothing is told by its place or colour alone.

use std::io::{Result, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets::NOTHING};

use super::{
    Look,
    fit::{Detail, fit, room_for},
    report::{
        AFTER_LEARNING, Activities, Availability, Bookings, CONFIG_FILE, CONFIG_PLACE, Doctor,
        Health, Named, Portal, sureness,
    },
    rows::{
        DayRows, Row, Times, booking, bookings_rest, bookings_verdict, days, legend, span, wish,
    },
};

/// Below this many columns a row takes several lines.
const NARROW: u16 = 72;

impl Look {
    fn is_narrow(self) -> bool {
        self.width.is_some_and(|width| width < NARROW)
    }

    /// Characters that a line has beside a first column that holds this: less the margins of two
    /// columns.
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
        let grids = day_grids(&days, detail, look)?;
        if counts {
            heading(&span(&days), &[&about], look, out)?;
            writeln!(out)?;
        }
        for (index, (day, rows)) in days.iter().zip(&grids).enumerate() {
            if index > 0 && !counts {
                writeln!(out)?;
            }
            let color = if day.summary.free == 0 { YELLOW } else { GREEN };
            let verdict = paint(&day.verdict(), color, look);
            let parts = [&*about, &verdict];
            heading(
                &day.heading(),
                if counts { &parts[1..] } else { &parts },
                look,
                out,
            )?;
            out.write_all(rows.as_bytes())?;
            let rest = day.rest(report.query.zone, detail);
            if !rest.is_empty() {
                aside(&rest.join(" · "), look, out)?;
            }
        }
        let legend = legend(report, detail);
        let asides: Vec<&str> = legend
            .as_deref()
            .into_iter()
            .chain(detail.left_out())
            .collect();
        if !asides.is_empty() {
            writeln!(out)?;
        }
        asides
            .into_iter()
            .try_for_each(|text| aside(text, look, out))
    })
}

/// What is listed of each day.
fn day_grids(days: &[DayRows<'_>], detail: Detail, look: Look) -> Result<Vec<String>> {
    match detail {
        Detail::Courts => {
            room_for(days.iter().map(|day| day.rows.len()).sum())?;
            Ok(grids(
                &days
                    .iter()
                    .map(|day| day.rows.iter().collect())
                    .collect::<Vec<_>>(),
                cells,
                stack,
                look,
            ))
        }
        Detail::Times => {
            let times: Vec<_> = days.iter().map(DayRows::times).collect();
            room_for(times.iter().map(Vec::len).sum())?;
            Ok(grids(
                &times
                    .iter()
                    .map(|times| times.iter().collect())
                    .collect::<Vec<_>>(),
                times_cells,
                stack_times,
                look,
            ))
        }
        Detail::Counts => Ok(vec![String::new(); days.len()]),
    }
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

fn cells(row: &&Row<'_>) -> [String; 6] {
    [
        row.time(),
        row.length(),
        row.courts(),
        row.activity().to_owned(),
        row.site(),
        row.notes().join(", "),
    ]
}

fn stack(row: &&Row<'_>, look: Look) -> [String; 2] {
    let [time, length, courts, activity, site, notes] = cells(row);
    let room = look.beside(&time);
    // Sets of courts have long names: each in lines of its own.
    let courts = if courts.chars().count() <= room {
        courts
    } else {
        row.each_court().join(",\n")
    };
    [
        time,
        format!(
            "{courts}\n{}",
            stacked([length, notes, activity, site], room)
        ),
    ]
}

fn times_cells(Times { row, starts }: &&Times<'_>) -> [String; 5] {
    [
        row.length(),
        row.activity().to_owned(),
        row.site(),
        row.notes().join(", "),
        starts.join(" "),
    ]
}

fn stack_times(times: &&Times<'_>, look: Look) -> [String; 2] {
    let [length, activity, site, notes, starts] = times_cells(times);
    let room = look.beside(&length);
    [
        length,
        format!("{}\n{starts}", stacked([activity, site, notes], room)),
    ]
}

pub(super) fn bookings(report: &Bookings, look: Look, out: &mut impl Write) -> Result<()> {
    heading(&bookings_verdict(report), &[&report.club.name()], look, out)?;
    let rows = report
        .bookings
        .iter()
        .map(|one| booking(one, report.zone))
        .collect();
    grids(&[rows], Clone::clone, stack_booking, look)
        .iter()
        .try_for_each(|rows| out.write_all(rows.as_bytes()))?;
    bookings_rest(report).map_or(Ok(()), |rest| aside(&rest, look, out))
}

fn stack_booking(cells: &[String; 7], look: Look) -> [String; 2] {
    let [day, time, rest @ ..] = cells.clone();
    let room = look.beside(&day);
    [format!("{day}\n{time}"), stacked(rest, room)]
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
    writeln!(
        out,
        "{}",
        paint(&format!("Sites of {}", report.club.name()), BOLD, look)
    )?;
    entries(&report.sites, look, out)?;
    writeln!(out, "\n{}", paint("Activities (* in use)", BOLD, look))?;
    entries(&report.activities, look, out)?;
    if report.more > 0 {
        aside(&format!("{} more with --all", report.more), look, out)?;
    }
    writeln!(out, "\n{}", paint("For config.toml", BOLD, look))?;
    out.write_all(report.config().as_bytes())
}

pub(super) fn portal(report: &Portal, look: Look, out: &mut impl Write) -> Result<()> {
    writeln!(
        out,
        "{} · {}",
        paint(&format!("Learned of {}", report.host), BOLD, look),
        report.verdict()
    )?;
    for finding in &report.learned.findings {
        let color = if finding.certain && !finding.kept {
            GREEN
        } else {
            YELLOW
        };
        let sure = paint(&format!("{:<7}", sureness(finding)), color, look);
        writeln!(
            out,
            "{}",
            format!("{sure} {:<18} {}", finding.name, finding.value).trim_end()
        )?;
        if !finding.certain || finding.kept {
            writeln!(
                out,
                "{}",
                paint(&format!("{:27}{}", "", finding.how), DIM, look)
            )?;
        }
    }
    writeln!(
        out,
        "\n{}",
        paint(&format!("For {CONFIG_FILE}, {CONFIG_PLACE}"), BOLD, look)
    )?;
    out.write_all(report.learned.table.as_bytes())?;
    writeln!(out, "\n{}", paint(AFTER_LEARNING, DIM, look))
}

/// The mark stands with the id, which is to be copied and so must not be broken.
fn entries(all: &[Named], look: Look, out: &mut impl Write) -> Result<()> {
    let entry = |named: &Named| {
        let mark = if named.used { "*" } else { " " };
        [
            format!("{mark}  {}", named.id),
            named.name.clone(),
            named.description.clone(),
        ]
    };
    let rows = grids(
        &[all.iter().map(entry).collect()],
        Clone::clone,
        stack_entry,
        look,
    );
    rows.iter()
        .try_for_each(|rows| out.write_all(rows.as_bytes()))
}

fn stack_entry(cells: &[String; 3], look: Look) -> [String; 2] {
    let [id, name, description] = cells.clone();
    let room = look.beside(&id);
    [id, stacked([name, description], room)]
}

pub(super) fn doctor(report: &Doctor, look: Look, out: &mut impl Write) -> Result<()> {
    let checks = report.checks.iter();
    let rows = checks.map(|check| {
        [
            check.health.name().to_owned(),
            check.name.to_owned(),
            check.found.clone(),
        ]
    });
    let text = if look.is_narrow() {
        grid(
            rows.map(|[health, name, found]| [health, format!("{name}\n{found}")]),
            look,
        )
    } else {
        grid(rows, look)
    };
    for line in text.lines() {
        writeln!(out, "{}", paint_health(line, look))?;
    }
    writeln!(
        out,
        "\n{}",
        paint("Files, in the order in which they count", BOLD, look)
    )?;
    // Not broken: a terminal's own breaks are not copied with a path.
    for file in &report.looked {
        writeln!(out, "  {} ({})", file.place, file.outcome)?;
    }
    if !report.steps.is_empty() {
        let heading = "Only if sign-in or bookings do not work: teach padel this portal";
        writeln!(out, "\n{}", paint(heading, BOLD, look))?;
        let steps = report
            .steps
            .iter()
            .enumerate()
            .map(|(number, step)| [format!("{}.", number + 1), step.to_string()]);
        out.write_all(grid(steps, look).as_bytes())?;
    }
    let verdict = if report.failure.is_none() {
        "\nAvailability works."
    } else {
        "\nAvailability does not work."
    };
    writeln!(out, "{verdict}")
}

/// A line that begins with a verdict, the verdict in its colour.
fn paint_health(line: &str, look: Look) -> String {
    let mut colors = [
        (Health::Good, GREEN),
        (Health::Odd, YELLOW),
        (Health::Bad, RED),
    ]
    .into_iter();
    match colors.find(|(health, _)| {
        line.strip_prefix("  ")
            .is_some_and(|line| line.starts_with(health.name()))
    }) {
        Some((health, color)) => {
            line.replacen(health.name(), &paint(health.name(), color, look), 1)
        }
        None => line.to_owned(),
    }
}

/// What is said besides, broken between words.
fn aside(text: &str, look: Look, out: &mut dyn Write) -> Result<()> {
    let lines = grid([[text.to_owned()]].into_iter(), look);
    lines
        .lines()
        .try_for_each(|line| writeln!(out, "{}", paint(line, DIM, look)))
}

/// The rows of each part, in columns that all parts share. Where a line would be too long for the
/// terminal, as on a phone, all rows become what `stack` makes of them instead of `cells`: what a
/// row begins with, and all else in lines beside it.
fn grids<T, const N: usize>(
    parts: &[Vec<T>],
    cells: fn(&T) -> [String; N],
    stack: fn(&T, Look) -> [String; 2],
    look: Look,
) -> Vec<String> {
    let rows: Vec<[String; N]> = parts.iter().flatten().map(cells).collect();
    let wide = table(&rows.iter().map(|row| &row[..]).collect::<Vec<_>>());
    let columns = wide.column_max_content_widths();
    let width: usize = columns.iter().map(|column| usize::from(*column) + 2).sum();
    if look.width.is_some_and(|most| width > usize::from(most)) {
        return parts
            .iter()
            .map(|rows| grid(rows.iter().map(|row| stack(row, look)), look))
            .collect();
    }
    let mut lines = lines(&wide);
    parts
        .iter()
        .map(|rows| lines.by_ref().take(rows.len()).collect())
        .collect()
}

/// Rows in columns, broken between words where the terminal ends.
fn grid<const N: usize>(rows: impl Iterator<Item = [String; N]>, look: Look) -> String {
    let rows: Vec<[String; N]> = rows.collect();
    fitted(&rows.iter().map(|row| &row[..]).collect::<Vec<_>>(), look)
}

fn fitted(rows: &[&[String]], look: Look) -> String {
    let mut table = table(rows);
    if let Some(width) = look.width {
        // One column less for the margin.
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width.saturating_sub(1));
        // The first of several columns is a time or an id: never broken.
        if let Some(first) = table
            .column_mut(0)
            .filter(|_| rows.first().is_some_and(|row| row.len() > 1))
        {
            first.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    lines(&table).collect()
}

/// Columns without rules; empty ones are left out.
fn table(rows: &[&[String]]) -> Table {
    let columns = rows.first().map_or(0, |row| row.len());
    let used: Vec<usize> = (0..columns)
        .filter(|column| rows.iter().any(|row| !row[*column].is_empty()))
        .collect();
    let mut table = Table::new();
    table.load_style(NOTHING).add_rows(
        rows.iter()
            .map(|row| used.iter().map(|column| &row[*column])),
    );
    table
}

/// Each with a margin and a line's end.
fn lines(table: &Table) -> impl Iterator<Item = String> {
    table.lines().map(|line| format!(" {}\n", line.trim_end()))
}

/// Columns that a line takes: escape sequences, which end with an `m`, take none.
fn shown(line: &str) -> usize {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().map_or(0, |text| text.chars().count());
    first
        + parts
            .map(|part| {
                part.split_once('m')
                    .map_or(0, |(_, text)| text.chars().count())
            })
            .sum::<usize>()
}

fn paint(text: &str, code: &str, look: Look) -> String {
    if look.color {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
