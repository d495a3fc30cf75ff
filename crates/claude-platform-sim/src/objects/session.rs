//! Sessions: an agent as it was at the start, a file system of its own, and events.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::{answer::Refusal, sandbox::Sandbox, stamps::Stamps};

/// The most events that come at once. Documented.
const MOST_EVENTS: usize = 50;

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// As the API shows it, but for what follows from the fields below.
    pub(crate) object: Value,
    /// Of the environment's config, as it was at the start: later changes do not reach a sandbox.
    pub(crate) networking: Value,
    /// In this order the first credential for something counts.
    pub(crate) vault_ids: Vec<String>,
    pub(crate) updated_at: String,
    pub(crate) archived_at: Option<String>,
    /// In order.
    pub(crate) events: Vec<Value>,
    /// Messages that no turn has worked on yet.
    pub(crate) inbox: VecDeque<String>,
    pub(crate) running: bool,
    /// Which turn it is; one that was interrupted notices by this.
    pub(crate) turn: u64,
    /// Cents so far, and the most there may be.
    pub(crate) spent: u64,
    pub(crate) budget: Option<u64>,
    pub(crate) sandbox: Sandbox,
}

enum UserEvent {
    Message(String),
    Interrupt,
}

impl Session {
    pub(crate) fn to_json(&self) -> Value {
        let mut object = self.object.clone();
        object["status"] = match (&self.archived_at, self.running) {
            (Some(_), _) => json!("terminated"),
            (None, true) => json!("running"),
            (None, false) => json!("idle"),
        };
        object["vault_ids"] = json!(self.vault_ids);
        object["updated_at"] = json!(self.updated_at);
        object["archived_at"] = json!(self.archived_at);
        object["usage"] = json!({
            "input_tokens": 100 * self.spent,
            "output_tokens": 10 * self.spent,
            "list_cost": {"amount": self.spent.to_string(), "currency": "USD"},
        });
        object
    }

    /// Adds an event, with an id and a time.
    pub(crate) fn add_event(&mut self, stamps: &Stamps, mut event: Value) -> Value {
        event["id"] = json!(stamps.id("sevt"));
        event["processed_at"] = json!(stamps.now());
        self.updated_at = stamps.now();
        self.events.push(event.clone());
        event
    }

    pub(crate) fn end_turn(&mut self, stamps: &Stamps, reason: &str) {
        self.running = false;
        self.turn += 1;
        self.inbox.clear();
        let explanation = "The simulated model refuses.";
        let details = (reason == "refusal")
            .then(|| json!({"type": "refusal", "category": null, "explanation": explanation}));
        let idle = json!({
            "type": "session.status_idle",
            "stop_reason": {"type": reason},
            "stop_details": details,
        });
        self.add_event(stamps, idle);
    }

    /// Takes in all of a client's events, or none.
    pub(crate) fn receive_events(
        &mut self,
        stamps: &Stamps,
        events: &Value,
    ) -> Result<Vec<Value>, Refusal> {
        let Some(events) = events
            .as_array()
            .filter(|events| (1..=MOST_EVENTS).contains(&events.len()))
        else {
            return Err(Refusal::invalid(format!(
                "events: an array of 1 to {MOST_EVENTS}"
            )));
        };
        let read = events
            .iter()
            .map(UserEvent::parse)
            .collect::<Result<Vec<_>, _>>()?;
        let mut added = Vec::new();
        for (event, sent) in events.iter().zip(read) {
            added.push(self.add_event(stamps, event.clone()));
            match sent {
                UserEvent::Message(text) => self.inbox.push_back(text),
                UserEvent::Interrupt if self.running => self.end_turn(stamps, "end_turn"),
                UserEvent::Interrupt => {}
            }
        }
        Ok(added)
    }
}

impl UserEvent {
    fn parse(event: &Value) -> Result<Self, Refusal> {
        match event["type"].as_str().unwrap_or_default() {
            "user.message" => message_text(event).map(Self::Message),
            "user.interrupt" => Ok(Self::Interrupt),
            other => Err(Refusal::invalid(format!(
                "events: `{other}` is not a user event that is simulated"
            ))),
        }
    }
}

fn message_text(event: &Value) -> Result<String, Refusal> {
    let blocks = event["content"]
        .as_array()
        .filter(|blocks| !blocks.is_empty());
    let blocks =
        blocks.ok_or_else(|| Refusal::invalid("events: content must be an array of blocks"))?;
    let texts = blocks.iter().map(
        |block| match (block["type"].as_str(), block["text"].as_str()) {
            (Some("text"), Some(text)) => Ok(text),
            _ => Err(Refusal::invalid("events: only text blocks are simulated")),
        },
    );
    Ok(texts.collect::<Result<Vec<_>, _>>()?.join("\n"))
}
