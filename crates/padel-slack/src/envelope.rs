//! A delivery of Slack's Events API: the few fields that count. Everything else may be missing, of
//! another type or new.

use serde_json::Value;

/// The longest challenge that is sent back; Slack's have about 60 characters.
const LONGEST_CHALLENGE: usize = 1000;

/// Rightly signed delivery of Slack.
#[derive(Debug, Clone, PartialEq)]
pub enum Envelope {
    /// Slack tries the address. The text goes back as it is; none when it cannot.
    UrlVerification(Option<String>),
    /// Something happened in the workspace.
    EventCallback(Box<EventCallback>),
    /// Slack holds events back, as there are too many of this app.
    AppRateLimited,
    /// A form, as slash commands and buttons send.
    Form,
    /// Anything else.
    Unknown,
}

/// An event with what Slack says of its delivery. An absent text is an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventCallback {
    /// `api_app_id`: the app that this was delivered to.
    pub app: String,
    /// `team_id`: the workspace.
    pub team: String,
    /// `event_id`, for logs: one message may be delivered under several.
    pub event_id: String,
    /// `authorizations`: the bot as a user, whom the event is delivered to.
    pub bot: String,
    /// `is_ext_shared_channel`: people of other companies read the channel.
    pub is_external: bool,
    /// The event itself.
    pub event: MessageEvent,
}

/// An event as if it were a message. An absent text is an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageEvent {
    /// `message`, `app_mention` or another type.
    pub kind: String,
    /// Absent when a person typed it.
    pub subtype: Option<String>,
    /// The channel's id.
    pub channel: String,
    /// `channel`, `group`, `im` or `mpim`.
    pub channel_type: String,
    /// The author's id.
    pub user: String,
    /// With Slack's markup and escapes.
    pub text: String,
    /// The message's time, which is its id in the channel.
    pub ts: String,
    /// The time of the thread's first message, in a thread.
    pub thread_ts: Option<String>,
    /// Given by the author's own program; the same however often the message is delivered.
    pub client_msg_id: Option<String>,
    /// A program wrote it: it names a bot or an app.
    pub is_automatic: bool,
    /// The number of files.
    pub files: usize,
}

impl Envelope {
    /// Reads a body. Nothing that it may be is an error.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        // Nesting is bounded by the parser: it ends at a depth of 128.
        match serde_json::from_slice(body) {
            Ok(value) => Self::read(&value),
            Err(_) if is_form(body) => Self::Form,
            Err(_) => Self::Unknown,
        }
    }

    /// Reads a body that is JSON.
    #[must_use]
    pub fn read(value: &Value) -> Self {
        match text_of(value, "type") {
            "url_verification" => Self::UrlVerification(read_challenge(value)),
            "event_callback" => Self::EventCallback(Box::new(EventCallback {
                app: owned(value, "api_app_id"),
                team: owned(value, "team_id"),
                event_id: owned(value, "event_id"),
                bot: read_bot(value),
                is_external: value.get("is_ext_shared_channel") == Some(&Value::Bool(true)),
                event: value
                    .get("event")
                    .map(MessageEvent::read)
                    .unwrap_or_default(),
            })),
            "app_rate_limited" => Self::AppRateLimited,
            _ => Self::Unknown,
        }
    }
}

impl MessageEvent {
    fn read(event: &Value) -> Self {
        let is_there = |name: &str| event.get(name).is_some_and(|value| !value.is_null());
        let optional = |name: &str| event.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            kind: owned(event, "type"),
            // One that is no text is no kind of message that is known here.
            subtype: is_there("subtype").then(|| owned(event, "subtype")),
            channel: owned(event, "channel"),
            channel_type: owned(event, "channel_type"),
            user: owned(event, "user"),
            text: owned(event, "text"),
            ts: owned(event, "ts"),
            thread_ts: optional("thread_ts"),
            client_msg_id: optional("client_msg_id"),
            is_automatic: ["bot_id", "bot_profile", "app_id"]
                .into_iter()
                .any(is_there),
            files: event
                .get("files")
                .and_then(Value::as_array)
                .map_or(0, Vec::len),
        }
    }
}

fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn owned(value: &Value, name: &str) -> String {
    text_of(value, name).to_owned()
}

/// The bot's id as a user. There is one authorization at most (documented); it may be a person's.
fn read_bot(value: &Value) -> String {
    let authorization = &value["authorizations"][0];
    if authorization["is_bot"] == true {
        owned(authorization, "user_id")
    } else {
        String::new()
    }
}

fn read_challenge(value: &Value) -> Option<String> {
    let challenge = text_of(value, "challenge");
    // It becomes the whole answer: nothing but a plain token may.
    let is_token = challenge.bytes().all(|byte| byte.is_ascii_graphic());
    ((1..=LONGEST_CHALLENGE).contains(&challenge.len()) && is_token).then(|| challenge.to_owned())
}

/// Returns whether a body has the look of `name=value&…`.
fn is_form(body: &[u8]) -> bool {
    let name = body.split(|byte| *byte == b'=').next().unwrap_or_default();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    name.len() < body.len() && !name.is_empty() && name.iter().all(is_name)
}
