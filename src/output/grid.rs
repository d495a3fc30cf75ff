//! Tables for people: headings, rows in columns, asides, all broken where the terminal ends. Each
//! line can be read aloud: nothing is told by its place or colour alone.

use std::io::{Result, Write};

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets::NOTHING};
use unicode_width::UnicodeWidthStr as _;

use super::style::{BOLD, DIM, Style};

/// Writes a title and its parts, as many in a line as there is room for. Each part has its colour.
pub(super) fn write_heading(
    title: &str,
    parts: &[(&str, anstyle::Style)],
    style: Style,
    out: &mut dyn Write,
) -> Result<()> {
    let mut line = style.paint(title, BOLD);
    let mut columns = title.width();
    for (text, paint) in parts {
        let (gap, width) = match columns + 3 + text.width() {
            width if style.fits(width) => (" · ", width),
            _ => ("\n  ", 2 + text.width()),
        };
        line.push_str(gap);
        line.push_str(&style.paint(text, *paint));
        columns = width;
    }
    writeln!(out, "{line}")
}

/// Writes an empty line and a line in bold, however wide it is.
pub(super) fn write_section(title: &str, style: Style, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "\n{}", style.paint(title, BOLD))
}

/// Writes a remark, broken between words.
pub(super) fn write_aside(text: &str, style: Style, out: &mut dyn Write) -> Result<()> {
    let lines = wrap_rows(&[[text.to_owned()]], style);
    lines
        .lines()
        .try_for_each(|line| writeln!(out, "{}", style.paint(line, DIM)))
}

/// Writes rows in columns. Where a line would be too long for the terminal, as on a phone, every row
/// becomes what `stack` makes of it: its first cell, and all else in lines beside it.
pub(super) fn write_rows<const N: usize>(
    rows: &[[String; N]],
    stack: fn(&[String; N], Style) -> [String; 2],
    style: Style,
    out: &mut dyn Write,
) -> Result<()> {
    let table = build_table(rows);
    let columns = table.column_max_content_widths();
    let text = if style.fits(columns.iter().map(|width| usize::from(*width) + 2).sum()) {
        table_lines(&table).collect()
    } else {
        let rows: Vec<[String; 2]> = rows.iter().map(|row| stack(row, style)).collect();
        wrap_rows(&rows, style)
    };
    out.write_all(text.as_bytes())
}

/// Aligns rows in columns, broken between words where the terminal ends.
pub(super) fn wrap_rows<const N: usize>(rows: &[[String; N]], style: Style) -> String {
    let mut table = build_table(rows);
    if let Some(width) = style.width {
        // One column less for the margin.
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width.saturating_sub(1));
        // The first of several columns is a time or an id: never broken.
        if let Some(first) = table.column_mut(0).filter(|_| N > 1) {
            first.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table_lines(&table).collect()
}

/// Joins the parts that are not empty, as many in a line as there is room for.
pub(super) fn join_in_lines(parts: &[String], room: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.width() + 3 + part.width() <= room => {
                line.push_str(" · ");
                line.push_str(part);
            }
            _ => lines.push(part.clone()),
        }
    }
    lines.join("\n")
}

/// Columns without rules; empty ones are left out.
fn build_table<const N: usize>(rows: &[[String; N]]) -> Table {
    let used: Vec<usize> = (0..N)
        .filter(|column| rows.iter().any(|row| !row[*column].is_empty()))
        .collect();
    let mut table = Table::new();
    table.load_style(NOTHING).add_rows(
        rows.iter()
            .map(|row| used.iter().map(|column| &row[*column])),
    );
    table
}

/// The table's lines, each with a margin.
fn table_lines(table: &Table) -> impl Iterator<Item = String> {
    table.lines().map(|line| format!(" {}\n", line.trim_end()))
}
