//! Times, and the figures as Markdown.

use std::fmt::Write as _;

/// Times in milliseconds.
#[derive(Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, millis: f64) {
        self.0.push(millis);
    }

    /// The time within which so many of a hundred are.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
    }

    /// Median and 99th percentile in words.
    pub(crate) fn describe(&self) -> String {
        let (median, most) = (self.percentile(50), self.percentile(99));
        format!("{median:.1} ms ({most:.1})")
    }
}

/// The table, row by row.
#[derive(Default)]
pub(crate) struct Table {
    text: String,
    missed: usize,
}

impl Table {
    /// Adds a row; the target is about the bridge's 99th percentile.
    pub(crate) fn compare(&mut self, what: &str, bridge: &Samples, floor: &Samples, most: f64) {
        let ratio = bridge.percentile(50) / floor.percentile(50);
        let added = bridge.percentile(50) - floor.percentile(50);
        let is_met = bridge.percentile(99) <= most;
        self.missed += usize::from(!is_met);
        let met = if is_met { "met" } else { "NOT met" };
        writeln!(
            self.text,
            "| {what} | {} | {} | {added:.1} ms | {ratio:.1} × | ≤ {most} ms | {met} |",
            bridge.describe(),
            floor.describe(),
        )
        .unwrap();
    }

    pub(crate) fn render(self) -> String {
        let head = "| from | padel-slack | the floor | added | ratio | target for 99 % | met |\n\
            |---|---|---|---|---|---|---|\n";
        let missed = match self.missed {
            0 => "All targets are met.".to_owned(),
            missed => format!("NOT met: {missed}."),
        };
        format!("{head}{}\n{missed}", self.text)
    }
}
