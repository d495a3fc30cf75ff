//! Deployments: a session that is described, started by hand or by a schedule, and its runs.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::cron::Schedule;
use crate::{answer::Refusal, stamps::to_text};

/// The next runs that an answer tells. Documented.
const MOST_UPCOMING: usize = 5;

#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) id: String,
    /// As the API shows it, but for what follows from the fields below.
    pub(crate) object: Value,
    pub(crate) schedule: Option<Schedule>,
    /// Nothing that was due until then will run any more: it has, or was skipped for good.
    pub(crate) settled_until: DateTime<Utc>,
    pub(crate) last_run_at: Option<String>,
}

impl Deployment {
    /// Archived ones read active, as documented.
    pub(crate) fn to_json(&self, now: DateTime<Utc>) -> Value {
        let mut shown = self.object.clone();
        shown["schedule"] = self.schedule.as_ref().map_or(Value::Null, |schedule| {
            let upcoming = match self.is_scheduled() {
                true => schedule.upcoming(now, MOST_UPCOMING),
                false => Vec::new(),
            };
            let upcoming: Vec<_> = upcoming.into_iter().map(to_text).collect();
            json!({
                "type": "cron", "expression": schedule.expression,
                "timezone": schedule.timezone.name(), "upcoming_runs_at": upcoming,
                "last_run_at": self.last_run_at,
            })
        });
        shown
    }

    pub(crate) fn is_archived(&self) -> bool {
        !self.object["archived_at"].is_null()
    }

    pub(crate) fn refuse_archived(&self) -> Result<(), Refusal> {
        match self.is_archived() {
            true => Err(Refusal::invalid("an archived deployment cannot be changed")),
            false => Ok(()),
        }
    }

    /// True where the schedule counts.
    pub(crate) fn is_scheduled(&self) -> bool {
        self.object["status"] == "active" && !self.is_archived()
    }

    /// The times at which it should have run by now and has not.
    pub(crate) fn take_due(&mut self, now: DateTime<Utc>, most: usize) -> Vec<DateTime<Utc>> {
        let since = std::mem::replace(&mut self.settled_until, now);
        if !self.is_scheduled() {
            return Vec::new();
        }
        let mut due = self
            .schedule
            .as_ref()
            .map_or_else(Vec::new, |schedule| schedule.upcoming(since, most));
        due.retain(|time| *time <= now);
        due
    }

    pub(crate) fn pause(&mut self, reason: Value) {
        self.object["status"] = json!("paused");
        self.object["paused_reason"] = reason;
    }
}
