//! Accepting: from a delivery of Slack to an entry of the ledger, within Slack's three seconds. Talks
//! to the ledger and the handover, never to Slack or the platform.
//!
//! Everything that Slack signed and that is no question is answered 200: Slack disables apps whose
//! answers fail (documented), and sending it again would not make it a question.

use std::time::Duration;

use http::HeaderMap;

use crate::{
    envelope::{Envelope, EventCallback},
    filter::Filter,
    handover::{Errand, Handover},
    ledger::{Ledger, Millis, RateLimit, Recorded},
    log::{Entry, Level},
    question::Question,
    signature::SigningSecrets,
};

/// The longest time for the ledger; the way to Slack and back has to fit into three seconds, too.
pub const LEDGER_TIME: Duration = Duration::from_secs(2);
/// Said to whoever types a command, which this app does not declare.
const NO_COMMANDS: &str = "I answer messages, not commands. Just ask in the channel.";

/// Everything that accepting needs.
#[derive(Debug)]
pub struct Intake<L, H> {
    /// Filter that knows questions.
    pub filter: Filter,
    /// Limit of questions by one person.
    pub limit: RateLimit,
    /// Ledger that keeps them.
    pub ledger: L,
    /// Handover to the one who answers them.
    pub handover: H,
}

/// Answer for Slack, and the line for the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The HTTP status.
    pub status: u16,
    /// The body, `text/plain`.
    pub body: String,
    /// Line for the log, without the message's text.
    pub entry: Entry,
}

impl Verdict {
    fn new(status: u16, level: Level, event: &'static str) -> Self {
        Self {
            status,
            body: String::new(),
            entry: Entry::new(level, event),
        }
    }

    fn ignored(reason: &'static str) -> Self {
        let verdict = Self::new(200, Level::Info, "ignored");
        verdict.with("reason", reason)
    }

    fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.entry = self.entry.with(name, value);
        self
    }
}

impl<L: Ledger, H: Handover> Intake<L, H> {
    /// Accepts one request to `POST /slack/events`.
    pub async fn accept(
        &self,
        secrets: &SigningSecrets,
        headers: &HeaderMap,
        body: &[u8],
        now: Millis,
    ) -> Verdict {
        let seconds = u64::try_from(now / 1000).unwrap_or(0);
        if let Err(rejection) = secrets.verify(headers, body, seconds) {
            return Verdict::new(401, Level::Warning, "rejected")
                .with("reason", rejection.to_string());
        }
        let mut verdict = self.take(Envelope::parse(body), now).await;
        for (header, field) in [
            ("x-slack-retry-num", "retry"),
            ("x-slack-retry-reason", "retry_reason"),
        ] {
            if let Some(value) = headers.get(header).and_then(|value| value.to_str().ok()) {
                verdict = verdict.with(field, value);
            }
        }
        verdict
    }

    /// Takes a delivery that is known to be Slack's.
    pub async fn take(&self, envelope: Envelope, now: Millis) -> Verdict {
        match envelope {
            Envelope::UrlVerification(Some(challenge)) => Verdict {
                body: challenge,
                ..Verdict::new(200, Level::Info, "address_verified")
            },
            Envelope::UrlVerification(None) => {
                Verdict::new(400, Level::Warning, "rejected").with("reason", "challenge")
            }
            Envelope::EventCallback(callback) => self.take_event(&callback, now).await,
            Envelope::AppRateLimited => {
                Verdict::new(200, Level::Warning, "slack_holds_events_back")
            }
            Envelope::Form => Verdict {
                body: NO_COMMANDS.to_owned(),
                ..Verdict::ignored("form")
            },
            Envelope::Unknown => Verdict::ignored("unknown"),
        }
    }

    async fn take_event(&self, callback: &EventCallback, now: Millis) -> Verdict {
        let verdict = match self.filter.select(callback) {
            Ok(question) => self.record(question, now).await,
            Err(unwanted) => Verdict::ignored(unwanted.name()),
        };
        verdict.with("event_id", callback.event_id.as_str())
    }

    async fn record(&self, question: Question, now: Millis) -> Verdict {
        let recording = self.ledger.record(&question, self.limit, now);
        let verdict = match tokio::time::timeout(LEDGER_TIME, recording).await {
            Ok(Ok(Recorded::New)) => Verdict::new(200, Level::Info, "accepted"),
            Ok(Ok(Recorded::Known)) => Verdict::ignored("known"),
            Ok(Ok(Recorded::OverLimit)) => Verdict::new(200, Level::Error, "too_many"),
            Ok(Ok(Recorded::Dropped)) => Verdict::ignored("too_many"),
            Ok(Err(error)) => {
                Verdict::new(503, Level::Error, "ledger_failed").with("reason", error.to_string())
            }
            Err(_) => Verdict::new(503, Level::Error, "ledger_failed").with("reason", "timeout"),
        };
        let verdict = verdict
            .with("key", question.key.as_str())
            .with("access", question.access.name());
        // One that was known may have been accepted by a run that died before it handed over; the
        // sweep is for that.
        if matches!(verdict.entry.event, "accepted" | "too_many") {
            let errand = Errand {
                thread: question.thread,
                arrived: (verdict.entry.event == "accepted").then_some(question.ts),
            };
            if let Err(error) = self.handover.hand_over(errand).await {
                let mut verdict = verdict.with("handover", error.to_string());
                verdict.entry.level = Level::Error;
                return verdict;
            }
        }
        verdict
    }
}
