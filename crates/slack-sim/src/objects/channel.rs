//! A channel: who is in it, and its messages.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Message;
use crate::setup::TEAM;

/// The kinds of conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelKind {
    Public,
    Private,
    /// Between the app and one person.
    Direct,
}

impl ChannelKind {
    /// `channel_type` of events.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Public => "channel",
            Self::Private => "group",
            Self::Direct => "im",
        }
    }

    /// Prefix of the scopes: `channels:history`.
    pub(crate) fn scope_prefix(self) -> &'static str {
        match self {
            Self::Public => "channels",
            Self::Private => "groups",
            Self::Direct => "im",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    /// Without `#`; a person's id for direct messages.
    pub(crate) name: String,
    pub(crate) kind: ChannelKind,
    /// The app's bot is in it.
    pub(crate) has_bot: bool,
    /// People who are in it by id; everybody when it is empty.
    pub(crate) members: BTreeSet<String>,
    /// A Slack Connect channel: people of other companies are in it.
    pub(crate) is_ext_shared: bool,
    pub(crate) is_archived: bool,
    /// By `ts`, which has one length and so sorts by age.
    pub(crate) messages: BTreeMap<String, Message>,
}

impl Channel {
    pub(crate) fn new(id: String, name: String, kind: ChannelKind) -> Self {
        Self {
            id,
            name,
            kind,
            has_bot: true,
            members: BTreeSet::new(),
            is_ext_shared: false,
            is_archived: false,
            messages: BTreeMap::new(),
        }
    }

    /// True when a message with that `ts` stands at the root, so that it can have a thread.
    pub(crate) fn has_root(&self, ts: &str) -> bool {
        self.messages.get(ts).is_some_and(Message::is_root)
    }

    /// The message at the root of a thread and its replies, oldest first.
    pub(crate) fn thread(&self, root: &str) -> impl DoubleEndedIterator<Item = &Message> {
        let messages = self.messages.values();
        messages.filter(move |message| message.thread_ts.as_deref().unwrap_or(&message.ts) == root)
    }

    /// The messages in the channel itself, oldest first: roots, and replies that were also sent to
    /// the channel.
    pub(crate) fn roots(&self) -> impl DoubleEndedIterator<Item = &Message> {
        let messages = self.messages.values();
        messages.filter(|message| message.is_root() || message.is_broadcast())
    }

    /// A message as the Web API tells it.
    pub(crate) fn describe_message(&self, message: &Message) -> Value {
        let mut told = message.to_json();
        let replies: Vec<&Message> = self
            .thread(&message.ts)
            .filter(|reply| reply.ts != message.ts)
            .collect();
        if let Some(latest) = replies.last() {
            let users: BTreeSet<&str> = replies.iter().map(|reply| reply.user.as_str()).collect();
            told["thread_ts"] = json!(message.ts);
            told["reply_count"] = json!(replies.len());
            told["reply_users_count"] = json!(users.len());
            told["reply_users"] = json!(users);
            told["latest_reply"] = json!(latest.ts);
            told["is_locked"] = json!(false);
            told["subscribed"] = json!(false);
        } else if let Some(thread_ts) = &message.thread_ts {
            let root = self.messages.get(thread_ts);
            told["parent_user_id"] = json!(root.map(|root| &root.user));
            if message.is_broadcast() {
                told["root"] = json!(root.map(Message::to_json));
            }
        }
        told
    }

    /// The channel as `conversations.info` tells it.
    pub(crate) fn to_json(&self) -> Value {
        if self.kind == ChannelKind::Direct {
            return json!({
                "id": self.id, "is_im": true, "user": self.name, "is_archived": self.is_archived,
                "is_org_shared": false, "context_team_id": TEAM, "is_open": true,
            });
        }
        let is_private = self.kind == ChannelKind::Private;
        json!({
            "id": self.id, "name": self.name, "name_normalized": self.name,
            "is_channel": !is_private, "is_group": is_private, "is_im": false, "is_mpim": false,
            "is_private": is_private, "is_archived": self.is_archived, "is_general": false,
            "is_shared": self.is_ext_shared, "is_ext_shared": self.is_ext_shared,
            "is_org_shared": false, "is_member": self.has_bot, "context_team_id": TEAM,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        })
    }
}
