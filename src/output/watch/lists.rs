//! `padel watch --list`, `--test` and `--forget`.

use std::io::{Result, Write};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    error::Error,
    local::format_moment,
    output::{
        escape::escape_name,
        json::{format_at_club, write_document},
        report::Report,
        style::Style,
    },
    zone::Zone,
};

/// What is watched.
pub struct ListReport {
    pub club: String,
    pub zone: Zone,
    /// The state file.
    pub state: String,
    pub looked_at: Option<DateTime<Utc>>,
    pub looks: u64,
    /// Number of looks in a row that failed.
    pub failures: u32,
    /// The end of a portal's wait.
    pub wait_until: Option<DateTime<Utc>>,
    /// Number of events that wait for a target.
    pub pending: usize,
    pub wishes: Vec<ListedWish>,
}

/// One wish of the list.
pub struct ListedWish {
    pub name: String,
    /// Its filters in words.
    pub about: String,
    /// Who is told.
    pub notify: Vec<String>,
    pub is_over: bool,
    /// Time since which it is watched.
    pub since: Option<DateTime<Utc>>,
    /// Number of games that were free at the last look.
    pub free: usize,
    /// Number of games that somebody was told of.
    pub told: usize,
}

#[derive(Serialize)]
struct ListV1<'a> {
    schema: &'static str,
    club: &'a str,
    state: &'a str,
    looked_at: Option<String>,
    looks: u64,
    failures: u32,
    wait_until: Option<String>,
    pending: usize,
    watches: Vec<WishV1<'a>>,
}

#[derive(Serialize)]
struct WishV1<'a> {
    name: &'a str,
    about: &'a str,
    notify: &'a [String],
    over: bool,
    since: Option<String>,
    free: usize,
    told: usize,
}

impl ListReport {
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for wish in &self.wishes {
            let state = match (wish.is_over, wish.since) {
                (true, _) => "over".to_owned(),
                (false, None) => "not looked for yet".to_owned(),
                (false, Some(_)) => format!("{} free, {} told", wish.free, wish.told),
            };
            let about = if wish.name == wish.about {
                String::new()
            } else {
                format!(" ({})", wish.about)
            };
            let notify = wish.notify.join(", ");
            lines.push(format!("{}{about}: {state}; tells {notify}", wish.name));
        }
        let moment = |time: DateTime<Utc>| format_moment(time.with_timezone(&self.zone));
        lines.push(match self.looked_at {
            None => "No look so far".to_owned(),
            Some(at) => format!("Last look: {}; {} in all", moment(at), self.looks),
        });
        if self.failures > 0 {
            lines.push(format!("{} looks in a row failed", self.failures));
        }
        if let Some(until) = self.wait_until {
            lines.push(format!("The club is not asked before {}", moment(until)));
        }
        if self.pending > 0 {
            lines.push(format!("{} messages wait to be sent", self.pending));
        }
        lines
    }
}

impl Report for ListReport {
    fn write_table(&self, _: Style, out: &mut dyn Write) -> Result<()> {
        let mut lines = self.lines().into_iter();
        lines.try_for_each(|line| writeln!(out, "{line}"))
    }

    fn write_markdown(&self, out: &mut dyn Write) -> Result<()> {
        let mut lines = self.lines().into_iter();
        lines.try_for_each(|line| writeln!(out, "- {}", escape_name(&line)))
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        let at_club = |time: Option<DateTime<Utc>>| time.map(|at| format_at_club(at, self.zone));
        let watches = self.wishes.iter().map(|wish| WishV1 {
            name: &wish.name,
            about: &wish.about,
            notify: &wish.notify,
            over: wish.is_over,
            since: at_club(wish.since),
            free: wish.free,
            told: wish.told,
        });
        let document = ListV1 {
            schema: "padel.watch.list/v1",
            club: &self.club,
            state: &self.state,
            looked_at: at_club(self.looked_at),
            looks: self.looks,
            failures: self.failures,
            wait_until: at_club(self.wait_until),
            pending: self.pending,
            watches: watches.collect(),
        };
        write_document(&document, out)
    }
}

/// What became of the test messages.
pub struct TestReport {
    pub club: String,
    pub targets: Vec<TestedTarget>,
    /// The error to end with.
    pub failure: Option<Error>,
}

/// One target that was tried.
pub struct TestedTarget {
    pub name: String,
    /// The fault, where it did not take the message.
    pub fault: Option<String>,
}

#[derive(Serialize)]
struct TestV1<'a> {
    schema: &'static str,
    club: &'a str,
    targets: Vec<TargetV1<'a>>,
}

#[derive(Serialize)]
struct TargetV1<'a> {
    name: &'a str,
    delivered: bool,
    fault: Option<&'a str>,
}

impl Report for TestReport {
    fn into_failure(self: Box<Self>) -> Option<Error> {
        self.failure
    }

    fn write_table(&self, _: Style, out: &mut dyn Write) -> Result<()> {
        self.targets.iter().try_for_each(|target| {
            let outcome = target.fault.as_deref().unwrap_or("took the message");
            writeln!(out, "{}: {outcome}", target.name)
        })
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        let targets = self.targets.iter().map(|target| TargetV1 {
            name: &target.name,
            delivered: target.fault.is_none(),
            fault: target.fault.as_deref(),
        });
        let document = TestV1 {
            schema: "padel.watch.test/v1",
            club: &self.club,
            targets: targets.collect(),
        };
        write_document(&document, out)
    }
}

/// What was forgotten.
pub struct ForgetReport {
    pub club: String,
    /// The state file.
    pub state: String,
    /// `false` if there was none.
    pub forgotten: bool,
}

#[derive(Serialize)]
struct ForgetV1<'a> {
    schema: &'static str,
    club: &'a str,
    state: &'a str,
    forgotten: bool,
}

impl Report for ForgetReport {
    fn write_table(&self, _: Style, out: &mut dyn Write) -> Result<()> {
        if self.forgotten {
            writeln!(
                out,
                "Forgotten; the next look at {} is a first one",
                self.club
            )
        } else {
            writeln!(out, "There was nothing to forget of {}", self.club)
        }
    }

    fn write_json(&self, out: &mut dyn Write) -> Result<()> {
        let document = ForgetV1 {
            schema: "padel.watch.forget/v1",
            club: &self.club,
            state: &self.state,
            forgotten: self.forgotten,
        };
        write_document(&document, out)
    }
}
