//! A message: as it is stored, and as JSON.

use serde::Serialize;
use serde_json::{Value, json};

use crate::setup::{APP, BOT, TEAM};

/// The author of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Author {
    Person,
    /// The app, by `chat.postMessage`.
    App,
}

/// An emoji below a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// Without colons.
    pub name: String,
    /// Ids, in the order in which they reacted.
    pub users: Vec<String>,
}

/// A message in a channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// Its time and its name: `1531420618.000200`.
    pub ts: String,
    /// The message at the root of its thread, for a reply.
    pub thread_ts: Option<String>,
    /// Id of the person, or of the app's bot.
    pub user: String,
    pub(crate) author: Author,
    /// As Slack keeps it: `&`, `<` and `>` escaped, mentions as `<@U…>`.
    pub text: String,
    /// It was posted as Markdown.
    pub is_markdown: bool,
    /// `file_share`, `me_message`, `thread_broadcast`.
    pub subtype: Option<String>,
    /// Ids of the files that came with it.
    pub files: Vec<String>,
    pub client_msg_id: Option<String>,
    pub metadata: Option<Value>,
    /// In the order in which they came.
    pub reactions: Vec<Reaction>,
    /// `ts` of its last edit.
    pub edited: Option<String>,
    /// Everybody that it calls: `channel`, `here`, `everyone`, and ids of people and groups.
    pub notified: Vec<String>,
}

impl Message {
    pub(crate) fn is_root(&self) -> bool {
        self.thread_ts
            .as_ref()
            .is_none_or(|thread| *thread == self.ts)
    }

    pub(crate) fn is_broadcast(&self) -> bool {
        self.subtype.as_deref() == Some("thread_broadcast")
    }

    /// True for what the app posted.
    pub fn is_from_app(&self) -> bool {
        self.author == Author::App
    }

    /// The message as events and the Web API tell it, without what its thread adds.
    pub(crate) fn to_json(&self) -> Value {
        let mut told = json!({
            "type": "message", "user": self.user, "ts": self.ts, "text": self.text, "team": TEAM,
        });
        let optional = [
            ("subtype", &self.subtype),
            ("client_msg_id", &self.client_msg_id),
            ("thread_ts", &self.thread_ts),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                told[name] = json!(value);
            }
        }
        if self.is_from_app() {
            told["bot_id"] = json!(BOT);
            told["app_id"] = json!(APP);
            told["bot_profile"] = json!({
                "id": BOT, "app_id": APP, "user_id": self.user, "team_id": TEAM, "deleted": false,
            });
        }
        if let Some(metadata) = &self.metadata {
            told["metadata"] = metadata.clone();
        }
        if !self.files.is_empty() {
            let files = self
                .files
                .iter()
                .map(|id| json!({"id": id, "mode": "hosted"}));
            told["files"] = files.collect();
        } else if !self.is_from_app() && self.subtype.is_none() {
            told["blocks"] = self.blocks();
        }
        if !self.reactions.is_empty() {
            let reactions = self.reactions.iter().map(|Reaction { name, users }| {
                json!({"name": name, "users": users, "count": users.len()})
            });
            told["reactions"] = reactions.collect();
        }
        if let Some(ts) = &self.edited {
            told["edited"] = json!({"user": self.user, "ts": ts});
        }
        told
    }

    /// The blocks that Slack's own editor adds to a typed message, in their simplest form.
    fn blocks(&self) -> Value {
        json!([{
            "type": "rich_text", "block_id": "b1",
            "elements": [{
                "type": "rich_text_section",
                "elements": [{"type": "text", "text": self.text}],
            }],
        }])
    }
}
