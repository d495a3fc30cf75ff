//! The contents of a workspace: people, channels, and the messages in them.

mod channel;
mod message;

use std::collections::BTreeMap;

pub(crate) use channel::{Channel, ChannelKind};
pub(crate) use message::Author;
pub use message::{Message, Reaction};

/// Everything in a workspace that people and the app can see.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    /// By id.
    pub(crate) channels: BTreeMap<String, Channel>,
    /// Names by id; the app's bot is among them.
    pub(crate) people: BTreeMap<String, String>,
}

impl Objects {
    /// A channel by its id or its name, `#` or not before it.
    pub(crate) fn channel(&self, wanted: &str) -> Option<&Channel> {
        let name = wanted.strip_prefix('#').unwrap_or(wanted);
        let by_id = self.channels.get(wanted);
        by_id.or_else(|| self.channels.values().find(|channel| channel.name == name))
    }

    pub(crate) fn channel_mut(&mut self, wanted: &str) -> Option<&mut Channel> {
        let id = self.channel(wanted)?.id.clone();
        self.channels.get_mut(&id)
    }

    /// The id of a person whose id or name that is, `@` or not before it.
    pub(crate) fn person_id(&self, wanted: &str) -> Option<&str> {
        let name = wanted.strip_prefix('@').unwrap_or(wanted);
        let mut people = self.people.iter();
        let found = people.find(|(id, known)| *id == name || *known == name);
        found.map(|(id, _)| id.as_str())
    }

    /// The name of a person; the id of somebody unknown.
    pub(crate) fn person_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.people.get(id).map_or(id, String::as_str)
    }
}
