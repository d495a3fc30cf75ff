//! Decides which messages are questions. An allow-list throughout: what is not known is dropped.
//!
//! Channels, authors and kinds come first and the key last, so that an event that is dropped never
//! takes the key of another that is not.

use std::collections::BTreeSet;

use crate::{
    envelope::{EventCallback, MessageEvent},
    question::{Access, Question, Thread},
    text::{clean_text, has_app_footer, is_wordless},
};

/// The kinds of messages that people write: typed, with a file, "also send to channel", `/me`.
const SUBTYPES: [&str; 3] = ["file_share", "thread_broadcast", "me_message"];
/// Slack's own account.
const SLACKBOT: &str = "USLACKBOT";
/// Characters of an id; Slack's have about eleven.
const LONGEST_ID: usize = 32;
/// Characters of a `client_msg_id`; Slack's are UUIDs.
const LONGEST_CLIENT_ID: usize = 64;

/// Channels and authors that are answered.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only deliveries to this app; to any without.
    pub app: Option<String>,
    /// Only deliveries from this workspace; from any without.
    pub team: Option<String>,
    /// Channels in which the agent reads every message.
    pub channels: BTreeSet<String>,
    /// Direct messages to the bot are questions.
    pub direct_messages: bool,
    /// In channels that are not listed, messages that mention the bot are questions.
    pub mentions: bool,
    /// Channels that other companies read, too, are answered; nobody counts as an owner there.
    pub external: bool,
    /// Authors whose messages are never questions: the bot, the account that the agent posts as.
    pub ignored: BTreeSet<String>,
    /// The owners of the deployment.
    pub owners: BTreeSet<String>,
}

/// Reason why an event is no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwanted {
    /// Delivered to another app.
    App,
    /// From another workspace.
    Team,
    /// Neither a message nor a mention.
    EventType,
    /// A channel that other companies read.
    External,
    /// A channel that is not listed.
    Channel,
    /// A bot, an app, Slack itself or an ignored account.
    Author,
    /// No kind of message that people write.
    Subtype,
    /// An app wrote it in somebody's name.
    AppFooter,
    /// An id that Slack does not make.
    Malformed,
    /// Nothing to read.
    Blank,
    /// Emoji and nothing else: no question, and each would cost one.
    Wordless,
}

impl Unwanted {
    /// Returns the reason for the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "other_app",
            Self::Team => "other_team",
            Self::EventType => "event_type",
            Self::External => "external_channel",
            Self::Channel => "channel",
            Self::Author => "author",
            Self::Subtype => "subtype",
            Self::AppFooter => "app_footer",
            Self::Malformed => "malformed",
            Self::Blank => "blank",
            Self::Wordless => "wordless",
        }
    }
}

impl Filter {
    /// Makes an event a question.
    ///
    /// # Errors
    ///
    /// The reason why it is none.
    pub fn select(&self, callback: &EventCallback) -> Result<Question, Unwanted> {
        let event = &callback.event;
        let is_other =
            |wanted: &Option<String>, is: &str| wanted.as_ref().is_some_and(|wanted| wanted != is);
        if is_other(&self.app, &callback.app) {
            return Err(Unwanted::App);
        }
        if is_other(&self.team, &callback.team) {
            return Err(Unwanted::Team);
        }
        if callback.is_external && !self.external {
            return Err(Unwanted::External);
        }
        self.check_channel(event)?;
        let is_ignored = event.user == SLACKBOT || self.ignored.contains(&event.user);
        if event.is_automatic || event.user.is_empty() || is_ignored {
            return Err(Unwanted::Author);
        }
        if let Some(subtype) = &event.subtype
            && !SUBTYPES.contains(&subtype.as_str())
        {
            return Err(Unwanted::Subtype);
        }
        if has_app_footer(&event.text) {
            return Err(Unwanted::AppFooter);
        }
        let text = clean_text(&event.text, &callback.bot);
        if text.is_empty() {
            return Err(Unwanted::Blank);
        }
        if is_wordless(&text) {
            return Err(Unwanted::Wordless);
        }
        let thread_ts = event.thread_ts.as_ref().unwrap_or(&event.ts);
        let are_ids = is_id(&event.channel) && is_id(&event.user);
        if !are_ids || !is_time(&event.ts) || !is_time(thread_ts) {
            return Err(Unwanted::Malformed);
        }
        // Outsiders would read an owner's bookings.
        let is_owner = self.owners.contains(&event.user) && !callback.is_external;
        Ok(Question {
            key: make_key(&callback.app, event),
            thread: Thread {
                channel: event.channel.clone(),
                ts: thread_ts.clone(),
            },
            ts: event.ts.clone(),
            user: event.user.clone(),
            access: if is_owner {
                Access::Owner
            } else {
                Access::Courts
            },
            text,
            files: event.files,
        })
    }

    /// Slack delivers a mention twice, as `message` and as `app_mention`, in any order. In a listed
    /// channel the first counts, elsewhere the second: never both.
    fn check_channel(&self, event: &MessageEvent) -> Result<(), Unwanted> {
        let is_listed = self.channels.contains(&event.channel);
        let is_wanted = match event.kind.as_str() {
            "message" => is_listed || (event.channel_type == "im" && self.direct_messages),
            "app_mention" => !is_listed && event.channel_type != "im" && self.mentions,
            _ => return Err(Unwanted::EventType),
        };
        is_wanted.then_some(()).ok_or(Unwanted::Channel)
    }
}

/// Makes the key by which one message is known. Not `event_id`, of which a message may have many;
/// not `ts` alone, of which one that was sent twice by its author's program has two.
fn make_key(app: &str, event: &MessageEvent) -> String {
    let is_plain = |id: &&String| {
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (1..=LONGEST_CLIENT_ID).contains(&id.len()) && id.bytes().all(is_plain)
    };
    let app: String = printable::line(app, LONGEST_ID);
    match event.client_msg_id.as_ref().filter(is_plain) {
        Some(id) => format!("m#{app}#{id}"),
        None => format!("t#{app}#{}#{}", event.channel, event.ts),
    }
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Returns whether a text is a message's time, such as `1531420618.000100`.
fn is_time(text: &str) -> bool {
    let are_digits =
        |part: &str| (1..=16).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(seconds, rest)| are_digits(seconds) && are_digits(rest))
}
