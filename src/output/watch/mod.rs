//! `padel watch`: what a look brought, what is watched, and the messages to targets.

mod json;
mod lists;
mod words;

use std::io::{Result, Write};

use chrono::{DateTime, Utc};

pub use self::{
    lists::{ForgetReport, ListReport, ListedWish, TestReport, TestedTarget},
    words::{Wording, write_message},
};
use super::{report::Report, style::Style};
use crate::{config::Club, courts::watch::Event, error::Error, gladstone::Site, zone::Zone};

/// The club at which events happen.
pub struct Place {
    pub club: Club,
    pub zone: Zone,
    /// The names of its sites, as far as they are at hand.
    pub sites: Vec<Site>,
}

/// An event, and what became of its message for each target.
pub struct ToldEvent {
    pub event: Event,
    pub sent: Vec<(String, Sent)>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The target took it.
    Sent,
    /// It did not, and gets it again.
    Waiting,
    /// It is left alone at this hour.
    Quiet,
    /// Nothing is sent.
    DryRun,
}

impl Sent {
    /// The name used in JSON.
    const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Waiting => "waiting",
            Self::Quiet => "quiet",
            Self::DryRun => "dry_run",
        }
    }
}

/// One look.
pub struct LookSummary {
    pub at: DateTime<Utc>,
    /// Its number.
    pub look: u64,
    /// `false` for a look that failed, too.
    pub is_complete: bool,
    /// Number of wishes that were looked for.
    pub watches: usize,
    /// The wishes that are over.
    pub over: Vec<String>,
    /// Number of games that are free.
    pub free: usize,
    /// Number of events that wait for a target.
    pub pending: usize,
    pub requests: u32,
    /// Number of looks in a row that failed.
    pub failures: u32,
    /// Time of the next one, in a loop.
    pub next_look_at: Option<DateTime<Utc>>,
    /// Code and message of what failed.
    pub error: Option<(String, String)>,
}

/// What a look brought.
pub struct WatchReport {
    pub place: Place,
    pub events: Vec<ToldEvent>,
    pub look: LookSummary,
    pub warnings: Vec<String>,
    /// The error to end with.
    pub failure: Option<Error>,
}

impl Report for WatchReport {
    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn into_failure(self: Box<Self>) -> Option<Error> {
        self.failure
    }

    fn write_table(&self, style: Style, out: &mut dyn Write) -> Result<()> {
        let _ = style;
        self.events.iter().try_for_each(|told| {
            let line = words::describe(&told.event, &self.place, Wording::Text);
            writeln!(out, "{line}")
        })
    }

    fn write_markdown(&self, out: &mut dyn Write) -> Result<()> {
        self.events.iter().try_for_each(|told| {
            let line = words::describe(&told.event, &self.place, Wording::Markdown);
            writeln!(out, "- {line}")
        })
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        json::write(self, out)
    }
}

/// Returns events as a JSON array, for programs that are told.
#[must_use]
pub fn events_json(events: &[Event], place: &Place) -> String {
    json::events_json(events, place)
}

/// Returns a message as the JSON of Slack's incoming webhooks.
#[must_use]
pub fn slack_json(text: &str) -> String {
    json::slack_json(text)
}

/// Returns a message with its events as JSON.
#[must_use]
pub fn message_json(text: &str, events: &[Event], place: &Place) -> String {
    json::message_json(text, events, place)
}
