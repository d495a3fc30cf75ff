//! A text that Slack sends over Socket Mode, read as leniently as an [`Envelope`].

use serde_json::{Value, json};

use crate::envelope::Envelope;

/// What a text of Slack's says.
#[derive(Debug, Clone, PartialEq)]
pub enum Frame {
    /// The first of a connection: from now on it brings events.
    Hello,
    /// Slack ends the connection soon.
    Warning,
    /// Slack ends the connection; the reason for the log.
    Disconnect(&'static str),
    /// Something happened in the workspace.
    Delivery(Delivery),
    /// Nothing that is known.
    Other,
}

/// A delivery that Slack repeats until it is acknowledged.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Slack's id of the delivery.
    id: String,
    /// What happened.
    pub envelope: Envelope,
    /// Which repetition this is, from 1; none for the first time.
    pub retry: Option<u64>,
}

impl Frame {
    /// Reads a text. Nothing that it may be is an error.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        // Nesting is bounded by the parser, as a body's is.
        let frame: Value = serde_json::from_str(text).unwrap_or_default();
        let kind = frame["type"].as_str();
        match (kind, frame["reason"].as_str()) {
            (Some("hello"), _) => return Self::Hello,
            (Some("disconnect"), Some("warning" | "refresh_requested")) => return Self::Warning,
            (Some("disconnect"), Some("link_disabled")) => {
                return Self::Disconnect("Socket Mode is switched off in the app's settings");
            }
            (Some("disconnect"), _) => return Self::Disconnect("disconnect"),
            _ => {}
        }
        let Some(id) = frame["envelope_id"].as_str() else {
            return Self::Other;
        };
        Self::Delivery(Delivery {
            id: id.to_owned(),
            envelope: match kind {
                Some("events_api") => Envelope::read(&frame["payload"]),
                Some("slash_commands" | "interactive") => Envelope::Form,
                _ => Envelope::Unknown,
            },
            retry: frame["retry_attempt"].as_u64().filter(|retry| *retry > 0),
        })
    }
}

impl Delivery {
    /// Writes what tells Slack that the delivery is taken.
    #[must_use]
    pub fn acknowledge(&self) -> String {
        json!({"envelope_id": self.id}).to_string()
    }
}
