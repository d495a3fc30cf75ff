//! The figures as a Markdown table: what was measured, against what, and whether the target is met.

use std::{fmt::Write as _, time::Duration};

use crate::series::Series;

/// The table, row by row.
#[derive(Default)]
pub(crate) struct Table {
    text: String,
    missed: usize,
}

/// What is to be reached.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// At most this, or this share of the comparison.
    AtMost(f64),
    /// So many times better than the comparison.
    Times(f64),
    /// Only to be known.
    None,
}

impl Table {
    /// A figure of padel's own in a unit; the target is in the same.
    pub(crate) fn alone(&mut self, what: &str, padel: f64, unit: &str, target: Target) {
        self.row(
            [what, &format!("{padel:.1} {unit}"), "", ""],
            padel,
            unit,
            target,
        );
    }

    /// A time of padel's own, the target in milliseconds.
    pub(crate) fn time(&mut self, what: &str, padel: &Series, target: Target) {
        self.row(
            [what, &times(padel), "", ""],
            millis(padel.median()),
            "ms",
            target,
        );
    }

    /// Two times; the target is about the medians.
    pub(crate) fn times(
        &mut self,
        what: &str,
        padel: &Series,
        name: &str,
        other: &Series,
        target: Target,
    ) {
        let ratio = millis(padel.median()) / millis(other.median());
        self.compared(
            [what, &times(padel), &format!("{name}: {}", times(other))],
            ratio,
            target,
        );
    }

    /// Two sizes in bytes.
    pub(crate) fn sizes(&mut self, what: &str, padel: u64, name: &str, other: u64, target: Target) {
        let texts = [
            what,
            &format!("{:.1} MB", mega(padel)),
            &format!("{name}: {:.1} MB", mega(other)),
        ];
        self.compared(texts, mega(padel) / mega(other), target);
    }

    /// The whole table and, below it, how many targets are missed.
    pub(crate) fn finish(self) -> String {
        let head =
            "| what | padel | compared with | ratio | target | met |\n|---|---|---|---|---|---|\n";
        let missed = match self.missed {
            0 => "All targets are met.".to_owned(),
            missed => format!("NOT met: {missed}."),
        };
        format!("{head}{}\n{missed}", self.text)
    }

    fn compared(&mut self, [what, padel, other]: [&str; 3], ratio: f64, target: Target) {
        let (text, figure) = match target {
            Target::Times(_) => (format!("{:.1} × better", 1.0 / ratio), 1.0 / ratio),
            _ => (format!("{ratio:.2} ×"), ratio),
        };
        self.row([what, padel, other, &text], figure, "×", target);
    }

    fn row(&mut self, cells: [&str; 4], figure: f64, unit: &str, target: Target) {
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
pub(crate) fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn times(series: &Series) -> String {
    format!(
        "{:.2} ms ({:.2})",
        millis(series.median()),
        millis(series.tenth())
    )
}
