//! Lines for the operator. They name questions by their keys and times, and never hold a text, a
//! token, a secret or a signature.

use std::{io::Write as _, sync::Arc};

use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::clock::{Clock, read_time};

/// Weight of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Goes as it should.
    Info,
    /// May go wrong, or went wrong for one person.
    Warning,
    /// Somebody has to look.
    Error,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its weight.
    pub level: Level,
    /// A stable name for programs, such as `accepted`.
    pub event: &'static str,
    /// Facts about it.
    pub fields: Map<String, Value>,
}

/// A line as it is written: what all have comes first.
#[derive(Serialize)]
struct Line<'a> {
    time: &'a str,
    level: &'static str,
    event: &'static str,
    #[serde(flatten)]
    fields: &'a Map<String, Value>,
}

/// The place for lines.
pub type Log = Arc<dyn Fn(&Entry) + Send + Sync>;

/// Makes the log: a line of JSON on stderr for each entry.
#[must_use]
pub fn make_log(clock: Clock) -> Log {
    Arc::new(move |entry| {
        let time = read_time(&clock);
        let line = entry.to_json(&time.to_rfc3339_opts(SecondsFormat::Millis, true));
        // With stderr closed there is nobody to tell.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    })
}

impl Entry {
    /// Makes a line without facts.
    #[must_use]
    pub fn new(level: Level, event: &'static str) -> Self {
        Self {
            level,
            event,
            fields: Map::new(),
        }
    }

    /// Adds a fact. Texts come from others: they become one short, printable line.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        /// Long enough for a sentence about a failure.
        const LONGEST: usize = 500;
        let value = match value.into() {
            Value::String(text) => printable::line(&text, LONGEST).into(),
            value => value,
        };
        self.fields.insert(name.to_owned(), value);
        self
    }

    /// Writes the line as JSON, `time` in RFC 3339 first, then `level` and `event`.
    #[must_use]
    pub fn to_json(&self, time: &str) -> String {
        let level = match self.level {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        let line = Line {
            time,
            level,
            event: self.event,
            fields: &self.fields,
        };
        // Strings and maps of JSON cannot fail.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_lines_have_comes_first() {
        let entry = Entry::new(Level::Info, "accepted").with("attempt", 2);
        assert_eq!(
            entry.to_json("2026-11-28T02:00:00Z"),
            r#"{"time":"2026-11-28T02:00:00Z","level":"info","event":"accepted","attempt":2}"#
        );
    }
}
