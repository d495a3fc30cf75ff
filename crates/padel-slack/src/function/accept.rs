//! The function that answers Slack, and sweeps when the schedule says so.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{
    cloud::Cloud,
    dynamodb::DynamoLedger,
    front::{Delivery, respond_unreadable},
    invoke::Invoker,
    secrets::SigningStore,
    units::{HASTY, SWEEP_AFTER},
};
use crate::{
    accept::{Intake, Verdict},
    clock::Clock,
    handover::{Errand, Handover as _},
    ledger::Ledger as _,
    log::{Entry, Level, Log},
    settings::{Lookup, SettingsError, read_filter, read_limit},
    signature::Rejection,
};

/// The path at which Slack delivers events.
const PATH: &str = "/slack/events";
/// The longest time for a sweep; the function's own limit is ten seconds.
const SWEEP_TIME: Duration = Duration::from_secs(8);

/// The function.
pub struct Accept {
    intake: Intake<DynamoLedger, Invoker>,
    secrets: SigningStore,
    clock: Clock,
    log: Log,
}

impl Accept {
    /// Reads the settings; connects to nothing.
    ///
    /// # Errors
    ///
    /// Settings that are missing or wrong.
    pub fn new(lookup: &Lookup<'_>, clock: Clock, log: Log) -> Result<Self, SettingsError> {
        let filter = read_filter(lookup)?;
        let mut missing = Vec::new();
        let mut need = |name: &'static str| {
            let value = lookup(name);
            if value.is_none() {
                missing.push(name);
            }
            value.unwrap_or_default()
        };
        let (table, function) = (need("PADEL_TABLE"), need("PADEL_ANSWER_FUNCTION"));
        if filter.channels.is_empty() && !filter.direct_messages && !filter.mentions {
            missing.push("PADEL_SLACK_CHANNELS");
        }
        if !missing.is_empty() {
            return Err(SettingsError::Missing(missing));
        }
        let cloud = Cloud::new(lookup, HASTY)?;
        Ok(Self {
            intake: Intake {
                filter,
                limit: read_limit(lookup)?,
                ledger: DynamoLedger::new(cloud.dynamodb(), table),
                handover: Invoker::new(cloud.lambda(), function),
            },
            secrets: SigningStore::new(lookup, cloud.ssm(), Arc::clone(&clock))?,
            clock,
            log,
        })
    }

    /// Reads the secret before the first request, while Lambda gives a starting function all of a
    /// processor. What does not work now is tried again then.
    pub async fn prepare(&self) {
        if let Err(error) = self.secrets.load().await {
            let entry = Entry::new(Level::Warning, "secret_unreadable");
            (self.log)(&entry.with("reason", error.to_string()));
        }
    }

    /// Handles one event, and returns the answer for whoever sent it. Never fails: an error would be
    /// Lambda's own words to Slack.
    pub async fn handle(&self, event: &Value) -> Value {
        // No front can make an event without a context.
        if event["sweep"] == true && event.get("requestContext").is_none() {
            return self.sweep().await;
        }
        let started = (self.clock)();
        let delivery = match Delivery::read(event) {
            Ok(delivery) => delivery,
            Err(unreadable) => {
                let entry = Entry::new(Level::Warning, "rejected");
                (self.log)(&entry.with("reason", unreadable.to_string()));
                return respond_unreadable(unreadable);
            }
        };
        if !delivery.path.ends_with(PATH) {
            return delivery.respond(404, "no such address\n");
        }
        if delivery.method != "POST" {
            return delivery.respond(405, "POST only\n");
        }
        let verdict = self.accept(&delivery).await;
        let elapsed = (self.clock)() - started;
        (self.log)(&verdict.entry.with("ms", elapsed));
        delivery.respond(verdict.status, &verdict.body)
    }

    async fn accept(&self, delivery: &Delivery) -> Verdict {
        let now = (self.clock)();
        let mut secrets = match self.secrets.load().await {
            Ok(secrets) => secrets,
            Err(error) => {
                let entry = Entry::new(Level::Error, "secret_unreadable");
                return Verdict {
                    status: 503,
                    body: String::new(),
                    entry: entry.with("reason", error.to_string()),
                };
            }
        };
        let seconds = u64::try_from(now / 1000).unwrap_or(0);
        let verified = secrets.verify(&delivery.headers, &delivery.body, seconds);
        if verified == Err(Rejection::Signature)
            && let Some(replaced) = self.secrets.reload().await
        {
            secrets = replaced;
        }
        let accepting = self
            .intake
            .accept(&secrets, &delivery.headers, &delivery.body, now);
        accepting.await
    }

    /// Hands over again what was accepted and is not answered: an invocation may have been lost.
    async fn sweep(&self) -> Value {
        let sweeping = tokio::time::timeout(SWEEP_TIME, self.hand_over_again());
        let (level, event, reason, count) = match sweeping.await {
            Ok(Ok(0)) => (Level::Info, "swept", String::new(), 0),
            Ok(Ok(count)) => (Level::Warning, "swept", String::new(), count),
            Ok(Err(reason)) => (Level::Error, "sweep_failed", reason, 0),
            Err(_) => (Level::Error, "sweep_failed", "timeout".to_owned(), 0),
        };
        let mut entry = Entry::new(level, event).with("threads", count);
        if !reason.is_empty() {
            entry = entry.with("reason", reason);
        }
        (self.log)(&entry);
        json!({"threads": count})
    }

    async fn hand_over_again(&self) -> Result<usize, String> {
        let now = (self.clock)();
        let waiting = self
            .intake
            .ledger
            .find_waiting(now - SWEEP_AFTER, now)
            .await;
        let waiting = waiting.map_err(|error| error.to_string())?;
        for thread in &waiting {
            let errand = Errand {
                thread: thread.clone(),
                arrived: None,
            };
            let handed = self.intake.handover.hand_over(errand).await;
            handed.map_err(|error| error.to_string())?;
        }
        Ok(waiting.len())
    }
}
