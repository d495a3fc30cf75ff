//! Messages of people: their drafts, their way into a channel, their later changes.

use serde_json::json;
use sim_server::locked;

use crate::{
    events,
    objects::{Author, Message},
    sim::Sim,
    wording,
};

/// A message that a person writes.
///
/// People and channels are named by id or name. An unknown one is an error when it is sent.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    person: String,
    channel: String,
    text: String,
    is_coded: bool,
    thread: Option<String>,
    subtype: Option<&'static str>,
    files: usize,
}

/// A mistake in a draft, so that nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    #[error("there is no person `{0}` in this workspace")]
    Person(String),
    #[error("there is no channel `{0}` in this workspace")]
    Channel(String),
    #[error("{person} is not in the channel `{channel}`")]
    Outside { person: String, channel: String },
    #[error("no message `{0}` stands at the root of the channel")]
    Thread(String),
    #[error("there is no message `{0}` in the channel")]
    Message(String),
}

impl Draft {
    /// A text as it is typed: `@name` and the like become links, `&`, `<` and `>` are escaped.
    pub fn new(
        person: impl Into<String>,
        channel: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            person: person.into(),
            channel: channel.into(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// The text is already as Slack keeps it: `<@U…> &lt;`.
    pub fn coded(mut self) -> Self {
        self.is_coded = true;
        self
    }

    /// A reply below the message with that `ts`.
    pub fn in_thread(mut self, ts: impl Into<String>) -> Self {
        self.thread = Some(ts.into());
        self
    }

    /// Comes with so many files: `file_share`, without `client_msg_id`.
    pub fn with_files(mut self, count: usize) -> Self {
        self.files = count;
        self.subtype = Some("file_share");
        self
    }

    /// `/me …`: `me_message`, without `client_msg_id`.
    pub fn about_me(mut self) -> Self {
        self.subtype = Some("me_message");
        self
    }

    /// "Also send to channel": `thread_broadcast`.
    pub fn broadcast(mut self) -> Self {
        self.subtype = Some("thread_broadcast");
        self
    }
}

/// Sends a draft; returns its `ts`.
pub(crate) fn send_draft(sim: &Sim, draft: Draft) -> Result<String, DraftError> {
    let mut objects = locked(&sim.objects);
    let person = objects.person_id(&draft.person).map(str::to_owned);
    let person = person.ok_or_else(|| DraftError::Person(draft.person.clone()))?;
    let text = if draft.is_coded {
        draft.text
    } else {
        wording::encode_typed(&draft.text, &objects)
    };
    let channel = objects.channel_mut(&draft.channel);
    let channel = channel.ok_or_else(|| DraftError::Channel(draft.channel.clone()))?;
    if !channel.members.is_empty() && !channel.members.contains(&person) {
        let channel = draft.channel;
        return Err(DraftError::Outside { person, channel });
    }
    if let Some(thread) = draft.thread.as_ref().filter(|ts| !channel.has_root(ts)) {
        return Err(DraftError::Thread(thread.clone()));
    }
    // Documented by a report: what comes with files or by `/me` has none.
    let has_id = !matches!(draft.subtype, Some("file_share" | "me_message"));
    let message = Message {
        ts: sim.stamps.message_ts(),
        thread_ts: draft.thread,
        user: person,
        author: Author::Person,
        notified: wording::find_notified(&text),
        text,
        is_markdown: false,
        subtype: draft.subtype.map(str::to_owned),
        files: (0..draft.files).map(|_| sim.stamps.id("F")).collect(),
        client_msg_id: has_id.then(|| sim.stamps.uuid()),
        metadata: None,
        reactions: Vec::new(),
        edited: None,
    };
    channel.messages.insert(message.ts.clone(), message.clone());
    events::announce_message(sim, channel, &message);
    Ok(message.ts)
}

/// A later change of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change<'a> {
    /// Its author gives it another text, as it is typed.
    Edited(&'a str),
    /// Slack shows what its links lead to.
    Unfurled,
    Deleted,
}

/// Changes a message; the app gets `message_changed` or `message_deleted`.
pub(crate) fn change_message(
    sim: &Sim,
    channel: &str,
    ts: &str,
    change: Change<'_>,
) -> Result<(), DraftError> {
    let mut objects = locked(&sim.objects);
    let text = match change {
        Change::Edited(text) => Some(wording::encode_typed(text, &objects)),
        Change::Unfurled | Change::Deleted => None,
    };
    let channel = objects
        .channel_mut(channel)
        .ok_or_else(|| DraftError::Channel(channel.to_owned()))?;
    let unknown = || DraftError::Message(ts.to_owned());
    let previous = channel.messages.get(ts).ok_or_else(unknown)?.to_json();
    let changed_at = sim.stamps.message_ts();
    let mut inner = json!({
        "type": "message", "hidden": true, "ts": changed_at, "previous_message": previous,
    });
    if change == Change::Deleted {
        channel.messages.remove(ts);
        inner["subtype"] = json!("message_deleted");
        inner["deleted_ts"] = json!(ts);
    } else {
        let message = channel.messages.get_mut(ts).ok_or_else(unknown)?;
        if let Some(text) = text {
            message.text = text;
            message.edited = Some(changed_at);
        }
        inner["subtype"] = json!("message_changed");
        inner["message"] = message.to_json();
    }
    events::announce_change(sim, channel, inner);
    Ok(())
}
