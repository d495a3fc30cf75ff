//! Days by hours: how many courts there are in each.

use chrono::Timelike as _;

use super::{
    AvailabilityReport,
    nothing::name_next_day,
    view::{DayView, list_days},
};
use crate::courts::{State, Stretch, count_courts};

/// Days by hours.
pub(super) struct Week<'a> {
    pub(super) days: Vec<DayView<'a>>,
    /// The first hour of each column.
    pub(super) hours: Vec<u32>,
    /// The free stretches, in order of time, with the columns in which they begin.
    free: Vec<(u32, &'a Stretch)>,
}

/// Legend of the numbers.
const LEGEND: &str = "Each number: the courts on which a game can begin in that hour. \
                                 For times and courts ask for one day, such as --date sat.";

impl<'a> Week<'a> {
    /// Makes columns of `step` hours each, from the first with a free court to the last.
    pub(super) fn new(report: &'a AvailabilityReport, step: u32) -> Self {
        let zone = report.query.zone;
        let stretches = report.answer.stretches.iter();
        let free: Vec<(u32, &Stretch)> = stretches
            .filter(|one| one.state == State::Free)
            .map(|one| (one.start.with_timezone(&zone).hour() / step * step, one))
            .collect();
        let used = || free.iter().map(|(hour, _)| *hour);
        let hours = match used().min().zip(used().max()) {
            Some((first, last)) => (first..=last)
                .step_by(usize::try_from(step).unwrap_or(1))
                .collect(),
            None => Vec::new(),
        };
        Self {
            days: list_days(report).0,
            hours,
            free,
        }
    }

    /// Makes columns that fit into so many characters beside the days.
    pub(super) fn fitting(report: &'a AvailabilityReport, room: usize) -> Self {
        let mut week = Self::new(report, 1);
        for step in [2, 3, 4, 6] {
            if week.hours.len() * CELL <= room {
                break;
            }
            week = Self::new(report, step);
        }
        week
    }

    /// The free stretches of a day that begin in a column.
    pub(super) fn cell(&self, day: &DayView<'_>, hour: u32) -> impl Iterator<Item = &'a Stretch> {
        let first = self.free.partition_point(|(_, one)| one.date < day.date);
        let of_day = self.free[first..].iter();
        of_day
            .take_while(move |(_, one)| one.date == day.date)
            .filter(move |(column, _)| *column == hour)
            .map(|(_, one)| *one)
    }

    /// `7 days from Monday 23 November 2026`
    pub(super) fn heading(&self) -> String {
        match &self.days[..] {
            [] => String::new(),
            [day] => day.heading(),
            [first, ..] => format!("{} days from {}", self.days.len(), first.heading()),
        }
    }

    /// `6 courts free on 7 days` and `the first Mon 23 Nov 09:30`
    pub(super) fn verdict(&self, report: &AvailabilityReport) -> Vec<String> {
        let free = || self.free.iter().map(|(_, one)| *one);
        let Some(first) = free().min_by_key(|stretch| stretch.start) else {
            return vec!["nothing free".to_owned()];
        };
        let days = self.days.iter().filter(|day| day.is_free).count();
        let days = match days {
            1 => String::new(),
            days => format!(" on {days} days"),
        };
        let courts = match count_courts(free()) {
            1 => "1 court".to_owned(),
            count => format!("{count} courts"),
        };
        let start = report.day_and_clock(first.start);
        vec![format!("{courts} free{days}"), format!("the first {start}")]
    }

    /// `nothing free yet, bookable from Tue 24 Nov 00:00`
    pub(super) fn why_nothing(&self, report: &AvailabilityReport, day: &DayView<'_>) -> String {
        let opens = day.next_opens.map(|at| report.day_and_clock(at));
        let opens = opens.map_or(String::new(), |at| format!(", bookable from {at}"));
        format!("{}{opens}", day.verdict)
    }

    /// What stands below the grid: the legend; where all is empty, what would be free instead.
    pub(super) fn notes(&self, report: &AvailabilityReport) -> Vec<String> {
        if !self.hours.is_empty() {
            return vec![LEGEND.to_owned()];
        }
        let mut days = self.days.iter().filter(|day| day.next_opens.is_none());
        let instead = days.find_map(|day| Some(format!("{}: {}", short(day), day.notes.first()?)));
        instead.into_iter().chain(name_next_day(report)).collect()
    }

    /// The lines of the grid: the hours, then a line a day with its cells or why there are none.
    /// Each cell has a number and its text. Where all is empty, days with one reason share a line.
    pub(super) fn lines(&self, report: &AvailabilityReport) -> Vec<(String, Vec<(usize, String)>)> {
        if self.hours.is_empty() {
            let whys = self
                .days
                .iter()
                .map(|day| (day, self.why_nothing(report, day)));
            let whys: Vec<(&DayView<'_>, String)> = whys.collect();
            let runs = whys.chunk_by(|one, next| one.1 == next.1);
            let lines = runs.map(|run| {
                let (first, why) = &run[0];
                let last = short(run[run.len() - 1].0);
                let label = match run.len() {
                    1 => last,
                    _ => format!("{}–{last}", short(first)),
                };
                (label, vec![(0, format!("  {why}"))])
            });
            return lines.collect();
        }
        let head = self.hours.iter().map(|hour| (1, format!("{hour:>CELL$}")));
        let mut lines = vec![(format!("{:LABEL$}", ""), head.collect())];
        for day in &self.days {
            let label = format!("{:LABEL$}", short(day));
            let cells = if day.is_free {
                let cells =
                    self.hours
                        .iter()
                        .map(|hour| match count_courts(self.cell(day, *hour)) {
                            0 => (0, format!("{:>CELL$}", "·")),
                            count => (count, format!("{count:>CELL$}")),
                        });
                cells.collect()
            } else {
                vec![(0, format!("  {}", self.why_nothing(report, day)))]
            };
            lines.push((label, cells));
        }
        lines
    }
}

/// `Mon 23 Nov`
fn short(day: &DayView<'_>) -> String {
    day.date.format("%a %-d %b").to_string()
}

/// Columns of a cell, and of a day's name with its margin.
const CELL: usize = 3;
pub(super) const LABEL: usize = 10;
