//! Sessions: an agent as it was at the start, a file system of its own, and events.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sim_server::Feed;

use super::user_event::{UserEvent, Verdict, read_events};
use crate::{answer::Refusal, sandbox::Sandbox, stamps::Stamps};

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// As the API shows it, but for what follows from the fields below.
    pub(crate) object: Value,
    /// Of the environment's config, as it was at the start: later changes do not reach a sandbox.
    pub(crate) networking: Value,
    /// In this order the first credential for something counts.
    pub(crate) vault_ids: Vec<String>,
    pub(crate) archived_at: Option<String>,
    /// In order.
    pub(crate) events: Vec<Value>,
    /// Open streams of its events.
    pub(crate) feeds: Vec<Feed>,
    /// Messages that no turn has worked on yet.
    pub(crate) inbox: VecDeque<Message>,
    pub(crate) running: bool,
    /// When it came to rest, and for how long it is shown as running after that.
    pub(crate) rested_at: Option<Instant>,
    pub(crate) status_lag: Duration,
    /// A tool call that waits for a confirmation.
    pub(crate) question: Option<Question>,
    /// Which turn it is; one that was interrupted notices by this.
    pub(crate) turn: u64,
    /// Cents so far, and the most there may be.
    pub(crate) spent: u64,
    pub(crate) budget: Option<u64>,
    pub(crate) sandbox: Sandbox,
}

#[derive(Debug)]
pub(crate) struct Message {
    event_id: String,
    text: String,
}

/// A tool call that a policy asks about.
#[derive(Debug)]
pub(crate) struct Question {
    event_id: String,
    verdict: Option<Verdict>,
}

impl Session {
    pub(crate) fn to_json(&self) -> Value {
        let mut object = self.object.clone();
        object["status"] = match (&self.archived_at, self.is_shown_running()) {
            (Some(_), _) => json!("terminated"),
            (None, true) => json!("running"),
            (None, false) => json!("idle"),
        };
        object["vault_ids"] = json!(self.vault_ids);
        object["archived_at"] = json!(self.archived_at);
        object["usage"] = describe_usage(self.spent);
        object["stats"] = json!({
            "active_seconds": active_seconds(self.spent),
            "duration_seconds": active_seconds(self.spent),
        });
        object
    }

    /// The status lags the idle event a little, as documented.
    fn is_shown_running(&self) -> bool {
        let has_just_rested = |at: Instant| at.elapsed() < self.status_lag;
        self.running || self.rested_at.is_some_and(has_just_rested)
    }

    pub(crate) fn refuse_archived(&self) -> Result<(), Refusal> {
        match self.archived_at {
            Some(_) => Err(Refusal::invalid("an archived session cannot be changed")),
            None => Ok(()),
        }
    }

    /// Refuses what only a session at rest allows.
    pub(crate) fn require_rest(&self, what: &str) -> Result<(), Refusal> {
        match self.is_shown_running() {
            true => Err(Refusal::invalid(format!(
                "a running session cannot be {what}; interrupt it first"
            ))),
            false => Ok(()),
        }
    }

    /// Adds an event of the platform's own, with an id and a time.
    pub(crate) fn add_event(&mut self, stamps: &Stamps, mut event: Value) -> Value {
        event["processed_at"] = json!(stamps.now());
        self.store_event(stamps, event)
    }

    fn store_event(&mut self, stamps: &Stamps, mut event: Value) -> Value {
        event["id"] = json!(stamps.id("sevt"));
        self.object["updated_at"] = json!(stamps.now());
        let kind = event["type"].as_str().unwrap_or_default();
        let piece = format!("event: {kind}\ndata: {event}\n\n");
        self.feeds.retain(|feed| feed.send(piece.clone()));
        self.events.push(event.clone());
        event
    }

    fn note_processed(&mut self, stamps: &Stamps, event_id: &str) {
        let event = self.events.iter_mut().find(|event| event["id"] == event_id);
        if let Some(event) = event {
            event["processed_at"] = json!(stamps.now());
        }
    }

    /// The next message, paid for; without one, or without the means, the turn ends.
    pub(crate) fn begin_message(&mut self, stamps: &Stamps, cost: u64) -> Option<String> {
        if self.inbox.is_empty() {
            self.end_turn(stamps, "end_turn");
            return None;
        }
        let cannot_pay = self.budget.is_some_and(|budget| self.spent + cost > budget);
        if cannot_pay {
            self.end_turn(stamps, "budget_reached");
            return None;
        }
        let Message { event_id, text } = self.inbox.pop_front()?;
        self.spent += cost;
        self.note_processed(stamps, &event_id);
        Some(text)
    }

    /// Comes to rest. What is left to do is dropped, but for a budget that can be raised.
    pub(crate) fn end_turn(&mut self, stamps: &Stamps, reason: &str) {
        self.turn += 1;
        self.question = None;
        if reason != "budget_reached" {
            self.inbox.clear();
        }
        let explanation = "The simulated model refuses.";
        let details = (reason == "refusal")
            .then(|| json!({"type": "refusal", "category": null, "explanation": explanation}));
        self.rest(stamps, &json!({"type": reason}), &json!(details));
    }

    fn rest(&mut self, stamps: &Stamps, stop_reason: &Value, stop_details: &Value) {
        self.running = false;
        self.rested_at = Some(Instant::now());
        let idle = json!({
            "type": "session.status_idle",
            "stop_reason": stop_reason,
            "stop_details": stop_details,
        });
        self.add_event(stamps, idle);
    }

    /// Waits for a word about a tool call, without limit, as documented.
    pub(crate) fn ask(&mut self, stamps: &Stamps, call: &Value) {
        let event_id = call["id"].as_str().unwrap_or_default().to_owned();
        let reason = json!({"type": "requires_action", "event_ids": [event_id]});
        self.question = Some(Question {
            event_id,
            verdict: None,
        });
        self.rest(stamps, &reason, &Value::Null);
    }

    /// The word about the tool call, once it is there; then the turn goes on.
    pub(crate) fn take_verdict(&mut self, stamps: &Stamps) -> Option<Verdict> {
        let verdict = self.question.as_ref()?.verdict.clone()?;
        self.question = None;
        self.run(stamps);
        Some(verdict)
    }

    pub(crate) fn run(&mut self, stamps: &Stamps) {
        self.running = true;
        self.add_event(stamps, json!({"type": "session.status_running"}));
    }

    /// Takes in all of a client's events, or none. They come back unprocessed.
    pub(crate) fn receive_events(
        &mut self,
        stamps: &Stamps,
        events: &Value,
    ) -> Result<Vec<Value>, Refusal> {
        let events = read_events(events)?;
        let mut read = Vec::new();
        for event in events {
            let sent = UserEvent::parse(event)?;
            if let UserEvent::Confirmation { call, .. } = &sent {
                self.require_question(call)?;
            }
            read.push(sent);
        }
        let mut added = Vec::new();
        for (event, sent) in events.iter().zip(read) {
            let mut event = event.clone();
            event["processed_at"] = Value::Null;
            let event = self.store_event(stamps, event);
            self.take_in(stamps, &event, sent);
            added.push(event);
        }
        Ok(added)
    }

    fn require_question(&self, call: &str) -> Result<(), Refusal> {
        match &self.question {
            Some(question) if question.event_id == call && question.verdict.is_none() => Ok(()),
            _ => Err(Refusal::invalid(format!(
                "events: the tool call `{call}` waits for no confirmation"
            ))),
        }
    }

    fn take_in(&mut self, stamps: &Stamps, event: &Value, sent: UserEvent) {
        let event_id = event["id"].as_str().unwrap_or_default().to_owned();
        match sent {
            UserEvent::Message(text) => {
                self.inbox.push_back(Message { event_id, text });
                return;
            }
            UserEvent::Interrupt if self.running || self.question.is_some() => {
                self.note_processed(stamps, &event_id);
                self.end_turn(stamps, "end_turn");
            }
            UserEvent::Interrupt => {}
            UserEvent::Confirmation { verdict, .. } => {
                if let Some(question) = &mut self.question {
                    question.verdict = Some(verdict);
                }
            }
        }
        self.note_processed(stamps, &event_id);
    }

    /// Ends for good; its events stay.
    pub(crate) fn archive(&mut self, stamps: &Stamps) {
        self.turn += 1;
        self.question = None;
        self.archived_at.get_or_insert_with(|| stamps.now());
    }

    /// The last event of its streams.
    pub(crate) fn announce_deletion(&mut self, stamps: &Stamps) {
        self.add_event(stamps, json!({"type": "session.deleted"}));
    }
}

/// Figures that grow with what was spent, in the shape of real ones.
fn describe_usage(spent: u64) -> Value {
    json!({
        "input_tokens": 100 * spent,
        "output_tokens": 10 * spent,
        "cache_read_input_tokens": 200 * spent,
        "cache_creation": {
            "ephemeral_5m_input_tokens": 50 * spent, "ephemeral_1h_input_tokens": 0,
        },
        "active_seconds": active_seconds(spent),
        "list_cost": {"amount": spent.to_string(), "currency": "USD"},
        "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
    })
}

/// Half a second for a cent.
fn active_seconds(spent: u64) -> Value {
    json!(Duration::from_millis(500 * spent).as_secs_f64())
}
