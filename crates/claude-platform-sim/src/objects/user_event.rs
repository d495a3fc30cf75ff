//! The events that a client sends.

use serde_json::Value;

use crate::{
    answer::Refusal,
    fields::{Fields, only_known, optional_text, read_array, require_object, require_text},
};

/// The most events that come at once. Documented.
const MOST_EVENTS: usize = 50;

/// The client's word about a tool call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allow,
    /// With the message for the model.
    Deny(String),
}

/// An event of a client's, understood.
pub(super) enum UserEvent {
    Message(String),
    Interrupt,
    Confirmation { call: String, verdict: Verdict },
}

impl UserEvent {
    pub(super) fn parse(event: &Value) -> Result<Self, Refusal> {
        let fields = require_object(event, "events: an entry")?;
        match event["type"].as_str().unwrap_or_default() {
            "user.message" => {
                only_known(fields, &["type", "content"])?;
                read_message(event).map(Self::Message)
            }
            "user.interrupt" => {
                only_known(fields, &["type", "session_thread_id"])?;
                Ok(Self::Interrupt)
            }
            "user.tool_confirmation" => read_confirmation(fields),
            other => Err(Refusal::invalid(format!(
                "events: `{other}` is not a user event that is simulated"
            ))),
        }
    }
}

/// Checks the events with which a session starts: 1 to 50 messages.
pub(crate) fn check_first_events(events: &Value) -> Result<(), Refusal> {
    let events = read_events(events)?;
    for event in events {
        if !matches!(UserEvent::parse(event)?, UserEvent::Message(_)) {
            return Err(Refusal::invalid(
                "initial_events: only messages are simulated",
            ));
        }
    }
    Ok(())
}

/// The entries of a list of events.
pub(super) fn read_events(events: &Value) -> Result<&[Value], Refusal> {
    match read_array(Some(events), "events", MOST_EVENTS)? {
        [] => Err(Refusal::invalid(format!(
            "events: an array of 1 to {MOST_EVENTS}"
        ))),
        events => Ok(events),
    }
}

fn read_message(event: &Value) -> Result<String, Refusal> {
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

fn read_confirmation(fields: &Fields) -> Result<UserEvent, Refusal> {
    only_known(fields, &["type", "tool_use_id", "result", "deny_message"])?;
    let call = require_text(fields, "tool_use_id", 1..=255)?;
    let message = optional_text(fields, "deny_message", usize::MAX)?;
    let verdict = match fields.get("result").and_then(Value::as_str) {
        Some("allow") if message.is_null() => Verdict::Allow,
        Some("deny") => Verdict::Deny(message.as_str().unwrap_or_default().to_owned()),
        _ => {
            return Err(Refusal::invalid(
                "result: `allow`, or `deny` with or without a `deny_message`",
            ));
        }
    };
    Ok(UserEvent::Confirmation {
        call: call.as_str().unwrap_or_default().to_owned(),
        verdict,
    })
}
