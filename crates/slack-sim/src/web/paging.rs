//! Pages of messages: bounds in time, a limit, a cursor.

use serde_json::{Value, json};

use super::{Refusal, arguments::Arguments};
use crate::{
    objects::{Channel, Message},
    sim::Sim,
};

/// The messages that a call wants: its bounds in time, limit and cursor.
pub(super) struct Page {
    oldest: Option<String>,
    latest: Option<String>,
    inclusive: bool,
    /// Messages that were on the pages before.
    skipped: usize,
    limit: usize,
}

impl Page {
    /// Fails when the cursor is none of ours, or the limit is no number in its range.
    pub(super) fn read(
        arguments: &Arguments,
        default_limit: usize,
        most: usize,
    ) -> Result<Self, Refusal> {
        let skipped = match arguments.text("cursor") {
            None => 0,
            Some(cursor) => cursor
                .strip_prefix("next:")
                .and_then(|skipped| skipped.parse().ok())
                .ok_or_else(|| Refusal::new("invalid_cursor"))?,
        };
        let limit = match arguments.text("limit") {
            None => default_limit,
            Some(limit) => limit
                .parse()
                .ok()
                .filter(|limit| (1..=most).contains(limit))
                .ok_or_else(|| Refusal::new("invalid_limit"))?,
        };
        Ok(Self {
            oldest: arguments.text("oldest"),
            latest: arguments.text("latest"),
            inclusive: arguments.flag("inclusive"),
            skipped,
            limit,
        })
    }

    fn covers(&self, ts: &str) -> bool {
        let is_bound = |bound: &Option<String>| bound.as_deref() == Some(ts);
        if is_bound(&self.oldest) || is_bound(&self.latest) {
            return self.inclusive;
        }
        // Timestamps of one length sort as text; `0` and the like sort before them.
        self.oldest.as_deref().is_none_or(|oldest| ts > oldest)
            && self.latest.as_deref().is_none_or(|latest| ts < latest)
    }

    /// The messages of this page, in the order in which they came in, and what leads to the next.
    pub(super) fn cut<'a>(&self, messages: impl Iterator<Item = &'a Message>) -> Cut<'a> {
        let mut rest = messages
            .filter(|message| self.covers(&message.ts))
            .skip(self.skipped);
        let messages: Vec<&Message> = rest.by_ref().take(self.limit).collect();
        let next = rest.next().map(|_| self.skipped + messages.len());
        Cut { messages, next }
    }
}

pub(super) struct Cut<'a> {
    pub(super) messages: Vec<&'a Message>,
    /// Messages to skip for the next page; `None` on the last one.
    next: Option<usize>,
}

impl Cut<'_> {
    /// The answer with these messages of a channel.
    pub(super) fn into_json(self, sim: &Sim, channel: &Channel, with_metadata: bool) -> Value {
        let may_read =
            !sim.setup.metadata_needs_scope || sim.setup.scopes.contains("metadata.message:read");
        let messages: Vec<Value> = self
            .messages
            .iter()
            .map(|message| {
                let mut told = channel.describe_message(message);
                if let (false, Some(fields)) = (with_metadata && may_read, told.as_object_mut()) {
                    fields.remove("metadata");
                }
                told
            })
            .collect();
        let mut body = json!({"messages": messages, "has_more": self.next.is_some()});
        if let Some(next) = self.next {
            body["response_metadata"]["next_cursor"] = json!(format!("next:{next}"));
        }
        body
    }
}
