//! The figures as a Markdown table: what was measured, the comparison, the target.

use std::{fmt::Write as _, time::Duration};

use crate::series::Series;

/// The table, row by row.
#[derive(Default)]
pub(crate) struct Table {
    text: String,
    missed: usize,
}

/// A target.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// At most this, or this share of the comparison.
    AtMost(f64),
    /// So many times better than the comparison.
    Times(f64),
    /// No target.
    None,
}

impl Table {
    /// Adds a figure of padel's own; the target is in the same unit.
    pub(crate) fn add_figure(&mut self, what: &str, padel: f64, unit: &str, target: Target) {
        self.add_row(
            [what, &format!("{padel:.1} {unit}"), "", ""],
            padel,
            unit,
            target,
        );
    }

    /// Adds a time of padel's own, the target in milliseconds.
    pub(crate) fn add_time(&mut self, what: &str, padel: &Series, target: Target) {
        self.add_row(
            [what, &format_times(padel), "", ""],
            to_millis(padel.median()),
            "ms",
            target,
        );
    }

    /// Adds two times; the target is about the medians.
    pub(crate) fn compare_times(
        &mut self,
        what: &str,
        padel: &Series,
        name: &str,
        other: &Series,
        target: Target,
    ) {
        let ratio = to_millis(padel.median()) / to_millis(other.median());
        self.add_comparison(
            [
                what,
                &format_times(padel),
                &format!("{name}: {}", format_times(other)),
            ],
            ratio,
            target,
        );
    }

    /// Adds two sizes in bytes.
    pub(crate) fn compare_sizes(
        &mut self,
        what: &str,
        padel: u64,
        name: &str,
        other: u64,
        target: Target,
    ) {
        let texts = [
            what,
            &format!("{:.1} MB", to_megabytes(padel)),
            &format!("{name}: {:.1} MB", to_megabytes(other)),
        ];
        self.add_comparison(texts, to_megabytes(padel) / to_megabytes(other), target);
    }

    /// Returns the whole table and, below it, the number of missed targets.
    pub(crate) fn render(self) -> String {
        let head =
            "| what | padel | compared with | ratio | target | met |\n|---|---|---|---|---|---|\n";
        let missed = match self.missed {
            0 => "All targets are met.".to_owned(),
            missed => format!("NOT met: {missed}."),
        };
        format!("{head}{}\n{missed}", self.text)
    }

    fn add_comparison(&mut self, [what, padel, other]: [&str; 3], ratio: f64, target: Target) {
        let (text, figure) = match target {
            Target::Times(_) => (format!("{:.1} × better", 1.0 / ratio), 1.0 / ratio),
            _ => (format!("{ratio:.2} ×"), ratio),
        };
        self.add_row([what, padel, other, &text], figure, "×", target);
    }

    fn add_row(&mut self, cells: [&str; 4], figure: f64, unit: &str, target: Target) {
        let (target, met) = match target {
            Target::AtMost(most) => (format!("≤ {most} {unit}"), Some(figure <= most)),
            Target::Times(least) => (format!("≥ {least} {unit}"), Some(figure >= least)),
            Target::None => (String::new(), None),
        };
        self.missed += usize::from(met == Some(false));
        let met = met.map_or("", |met| if met { "met" } else { "NOT met" });
        writeln!(self.text, "| {} | {target} | {met} |", cells.join(" | ")).unwrap();
    }
}

/// A number of bytes in MB of a million bytes.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(crate) fn to_megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn to_millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn format_times(series: &Series) -> String {
    format!(
        "{:.2} ms ({:.2})",
        to_millis(series.median()),
        to_millis(series.tenth_percentile())
    )
}
