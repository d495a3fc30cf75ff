//! `padel availability`: the courts that answer a query.

mod days;
mod ics;
mod json;
mod markdown;
mod table;

use std::io::{Result, Write};

use chrono::{DateTime, Utc};

use super::{detail::Detail, report::Report, style::Style};
use crate::{
    config::Club,
    courts::{Answer, Query, State, Stretch},
    gladstone::Site,
};

/// The courts that answer a query.
pub struct AvailabilityReport {
    pub club: Club,
    pub now: DateTime<Utc>,
    pub query: Query,
    /// `true` if slots that are not free are shown, too.
    pub all: bool,
    /// All slots that answer it, free or not.
    pub answer: Answer,
    /// The names of the answer's sites, where it could be at another one and the names are at
    /// hand.
    pub sites: Vec<Site>,
    pub warnings: Vec<String>,
}

impl AvailabilityReport {
    /// The stretches to show, in order of time.
    fn shown(&self) -> impl Iterator<Item = &Stretch> {
        let stretches = self.answer.stretches.iter();
        stretches.filter(|stretch| self.is_shown(stretch))
    }

    fn is_shown(&self, stretch: &Stretch) -> bool {
        self.all || stretch.state == State::Free
    }

    /// The query besides its days, such as `17:00–21:00` and `60 min`: without it a part of a day
    /// passes for the whole.
    fn wishes(&self) -> Vec<String> {
        let hours = match (self.query.from, self.query.to) {
            (Some(from), Some(to)) => Some(format!("{from}–{to}")),
            (Some(from), None) => Some(format!("from {from}")),
            (None, Some(to)) => Some(format!("until {to}")),
            (None, None) => None,
        };
        let length = self.query.minutes.map(|minutes| format!("{minutes} min"));
        hours.into_iter().chain(length).collect()
    }

    /// The names of the rows' sites, where they are known: `Site UB is Riverside Padel Centre, 14
    /// is Riverside Leisure Centre`, or `All at Riverside Padel Centre (UB)` where no row names
    /// one.
    fn legend(&self, detail: Detail) -> Option<String> {
        let first = self.sites.first().filter(|_| detail != Detail::Counts)?;
        if !self.answer.spans_sites() {
            return Some(format!("All at {} ({})", first.name, first.id));
        }
        let names = self
            .sites
            .iter()
            .map(|site| format!("{} is {}", site.id, site.name));
        Some(format!("Site {}", names.collect::<Vec<_>>().join(", ")))
    }
}

impl Report for AvailabilityReport {
    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn write_table(&self, style: Style, out: &mut dyn Write) -> Result<()> {
        table::write(self, style, out)
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        json::write(self, out)
    }

    fn write_markdown(&self, out: &mut dyn Write) -> Result<()> {
        markdown::write(self, out)
    }

    fn write_ics(&self, out: &mut dyn Write) -> Result<()> {
        ics::write(self, out)
    }
}
