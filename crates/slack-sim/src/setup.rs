//! The nature of a workspace and its app: settings that stay for its lifetime.

use std::collections::BTreeSet;

/// The workspace.
pub const TEAM: &str = "T0SIMTEAM01";
/// The app.
pub const APP: &str = "A0SIMAPP001";
/// The app's bot as a user: the author of what it posts.
pub const BOT_USER: &str = "U0SIMBOT001";
/// The app's bot as a bot: `bot_id` of what it posts.
pub const BOT: &str = "B0SIMBOT001";

/// Scopes of the bot token that the app has when no others are named: those that `padel-slack`
/// needs, and `channels:read`.
pub const SCOPES: [&str; 8] = [
    "channels:history",
    "channels:read",
    "chat:write",
    "groups:history",
    "groups:read",
    "im:history",
    "metadata.message:read",
    "reactions:write",
];

/// Events that the app subscribes to when no others are named.
pub const EVENTS: [&str; 3] = ["message.channels", "message.groups", "message.im"];

#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) bot_name: String,
    pub(crate) scopes: BTreeSet<String>,
    pub(crate) events: BTreeSet<String>,
    /// Events go over Socket Mode, and to no request URL.
    pub(crate) socket_mode: bool,
    /// The Web API refuses what comes too fast.
    pub(crate) rate_limits: bool,
    /// Deliveries of events in 60 minutes; more are not sent.
    pub(crate) events_per_hour: usize,
    /// Metadata is left out of what is read without `metadata.message:read`, the app's own too.
    pub(crate) metadata_needs_scope: bool,
    /// Every page of `conversations.replies` begins with the root, whatever its bounds.
    pub(crate) repeats_root: bool,
    /// A retry is signed again, with the time at which it is sent.
    pub(crate) fresh_retries: bool,
    /// Four failed attempts are followed by one every hour.
    pub(crate) hourly_retries: bool,
    /// The clock of signatures: the machine's, or the workspace's.
    pub(crate) signs_by_own_clock: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            bot_name: "padel".to_owned(),
            scopes: SCOPES.map(str::to_owned).into(),
            events: EVENTS.map(str::to_owned).into(),
            socket_mode: false,
            rate_limits: true,
            // Documented: 30,000 per workspace and app.
            events_per_hour: 30_000,
            metadata_needs_scope: true,
            repeats_root: false,
            fresh_retries: true,
            hourly_retries: false,
            signs_by_own_clock: false,
        }
    }
}

impl Setup {
    /// The scopes in one line, as headers and errors tell them.
    pub(crate) fn scope_list(&self) -> String {
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        scopes.join(",")
    }
}
