//! For people: a heading a day, a row for all courts that are alike, and a line for what is not
//! free.

use std::io::{Result, Write};

use unicode_width::UnicodeWidthStr as _;

use super::{
    AvailabilityReport,
    days::{DayRows, Row, TimesRow, days_heading, list_days},
};
use crate::output::{
    detail::{Detail, check_room, write_fitting},
    grid::{align_parts, join_in_lines, write_aside, write_heading},
    style::{GREEN, NORMAL, Style, YELLOW},
};

pub(super) fn write(report: &AvailabilityReport, style: Style, out: &mut dyn Write) -> Result<()> {
    let days = list_days(report);
    let mut about = report.wishes();
    about.push(report.club.name());
    let about = about.join(" · ");
    write_fitting(out, &|detail, out| {
        let counts = detail == Detail::Counts;
        let grids = align_days(&days, detail, style)?;
        if counts {
            write_heading(&days_heading(&days), &[(&about, NORMAL)], style, out)?;
            writeln!(out)?;
        }
        for (index, (day, rows)) in days.iter().zip(&grids).enumerate() {
            if index > 0 && !counts {
                writeln!(out)?;
            }
            let paint = if day.summary.free == 0 { YELLOW } else { GREEN };
            let parts = [(&*about, NORMAL), (&day.verdict(), paint)];
            write_heading(&day.heading(), &parts[usize::from(counts)..], style, out)?;
            out.write_all(rows.as_bytes())?;
            let rest = day.count_rest(detail);
            if !rest.is_empty() {
                write_aside(&rest.join(" · "), style, out)?;
            }
        }
        let legend = report.legend(detail);
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
            .try_for_each(|text| write_aside(text, style, out))
    })
}

/// The rows of each day.
fn align_days(days: &[DayRows<'_>], detail: Detail, style: Style) -> Result<Vec<String>> {
    match detail {
        Detail::Courts => {
            check_room(days.iter().map(|day| day.rows.len()).sum())?;
            let days: Vec<&[Row<'_>]> = days.iter().map(|day| &day.rows[..]).collect();
            Ok(align_parts(&days, row_cells, stack_row, style))
        }
        Detail::Times => {
            let times: Vec<Vec<TimesRow<'_>>> = days.iter().map(DayRows::merge_times).collect();
            check_room(times.iter().map(Vec::len).sum())?;
            let times: Vec<&[TimesRow<'_>]> = times.iter().map(Vec::as_slice).collect();
            Ok(align_parts(&times, times_cells, stack_times, style))
        }
        Detail::Counts => Ok(vec![String::new(); days.len()]),
    }
}

fn row_cells(row: &Row<'_>) -> [String; 6] {
    [
        row.hours(),
        row.length(),
        row.court_names().join(", "),
        row.activity().to_owned(),
        row.site(),
        row.notes().join(", "),
    ]
}

fn stack_row(row: &Row<'_>, style: Style) -> [String; 2] {
    let [hours, length, mut courts, activity, site, notes] = row_cells(row);
    let room = style.room_beside(&hours);
    // Sets of courts have long names: each in lines of its own.
    if courts.width() > room {
        courts = row.court_names().join(",\n");
    }
    let rest = join_in_lines(&[length, notes, activity, site], room);
    [hours, format!("{courts}\n{rest}")]
}

fn times_cells(TimesRow { row, starts }: &TimesRow<'_>) -> [String; 5] {
    [
        row.length(),
        row.activity().to_owned(),
        row.site(),
        row.notes().join(", "),
        starts.join(" "),
    ]
}

fn stack_times(times: &TimesRow<'_>, style: Style) -> [String; 2] {
    let [length, activity, site, notes, starts] = times_cells(times);
    let rest = join_in_lines(&[activity, site, notes], style.room_beside(&length));
    [length, format!("{rest}\n{starts}")]
}
