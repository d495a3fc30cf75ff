//! The events that a client sends.

use serde_json::Value;

use super::session::Verdict;
use crate::{
    answer::Refusal,
    fields::{Fields, only_known, optional_text, require_object, require_text},
};

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
