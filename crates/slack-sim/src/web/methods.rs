//! The methods: which token and scope each needs, how often it may be called, who answers.

use super::{
    answer::Reply, apps, arguments::Arguments, auth, chat, conversations, gate::Caller, reactions,
};
use crate::sim::Sim;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Any,
    Bot,
    /// An app-level token, `xapp-…`.
    App,
}

pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) token: Token,
    /// Empty when none is needed, or it depends on the channel.
    pub(super) scope: &'static str,
    /// Documented as a tier: calls per minute. None for `chat.postMessage`, which is counted by
    /// channel.
    pub(super) per_minute: Option<u32>,
    pub(super) handler: fn(&Sim, &Caller, &Arguments) -> Reply,
}

const METHODS: &[Method] = &[
    Method {
        name: "auth.test",
        token: Token::Any,
        scope: "",
        // "Hundreds per minute".
        per_minute: Some(300),
        handler: auth::test,
    },
    Method {
        name: "apps.connections.open",
        token: Token::App,
        scope: "connections:write",
        // Tier 1, "1+"; assumed: ten connections may be opened at once, as many as an app can have.
        per_minute: Some(10),
        handler: apps::open_connection,
    },
    Method {
        name: "chat.postMessage",
        token: Token::Bot,
        scope: "chat:write",
        per_minute: None,
        handler: chat::post_message,
    },
    Method {
        name: "conversations.history",
        token: Token::Bot,
        scope: "",
        per_minute: Some(50),
        handler: conversations::history,
    },
    Method {
        name: "conversations.info",
        token: Token::Bot,
        scope: "",
        per_minute: Some(50),
        handler: conversations::info,
    },
    Method {
        name: "conversations.open",
        token: Token::Bot,
        scope: "im:write",
        per_minute: Some(50),
        handler: conversations::open,
    },
    Method {
        name: "conversations.replies",
        token: Token::Bot,
        scope: "",
        per_minute: Some(50),
        handler: conversations::replies,
    },
    Method {
        name: "reactions.add",
        token: Token::Bot,
        scope: "reactions:write",
        per_minute: Some(50),
        handler: reactions::add,
    },
    Method {
        name: "reactions.remove",
        token: Token::Bot,
        scope: "reactions:write",
        per_minute: Some(20),
        handler: reactions::remove,
    },
];

pub(super) fn find_method(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}
