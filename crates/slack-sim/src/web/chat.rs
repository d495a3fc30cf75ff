//! `chat.postMessage`.

use serde_json::{Value, json};
use sim_server::locked;

use super::{
    Refusal,
    answer::Reply,
    arguments::Arguments,
    gate::{self, Caller},
};
use crate::{
    events,
    limits::Rate,
    objects::{Author, Channel, ChannelKind, Message, Objects},
    setup::BOT_USER,
    sim::Sim,
    wording,
};

/// Documented: more characters of `markdown_text` are refused.
const MOST_MARKDOWN: usize = 12_000;
/// Reported in public issues: more characters of `text` are cut off.
const MOST_TEXT: usize = 40_000;
/// Assumed: bytes of a message's metadata.
const MOST_METADATA: usize = 16_384;

pub(super) fn post_message(sim: &Sim, _: &Caller, arguments: &Arguments) -> Reply {
    let wanted = arguments.required_text("channel")?;
    let (text, is_markdown) = read_text(arguments)?;
    let metadata = read_metadata(arguments)?;
    let mut objects = locked(&sim.objects);
    let channel = find_channel(&mut objects, &wanted)?;
    if channel.is_archived {
        return Err(Refusal::new("is_archived"));
    }
    if !channel.has_bot && !sim.setup.scopes.contains("chat:write.public") {
        return Err(Refusal::new("not_in_channel"));
    }
    let key = format!("chat.postMessage {}", channel.id);
    gate::admit_rate(sim, &key, Rate::MESSAGES)?;
    // An unknown thread is no error: the message then stands in the channel. Assumed: also with the
    // `ts` of a reply.
    let thread_ts = arguments
        .text("thread_ts")
        .filter(|ts| channel.has_root(ts));
    let is_broadcast = thread_ts.is_some() && arguments.flag("reply_broadcast");
    let message = Message {
        ts: sim.stamps.message_ts(),
        thread_ts,
        user: BOT_USER.to_owned(),
        author: Author::App,
        notified: wording::find_notified(&text),
        text,
        is_markdown,
        subtype: is_broadcast.then(|| "thread_broadcast".to_owned()),
        files: Vec::new(),
        client_msg_id: None,
        metadata,
        reactions: Vec::new(),
        edited: None,
    };
    channel.messages.insert(message.ts.clone(), message.clone());
    events::announce_message(sim, channel, &message);
    Ok(json!({
        "channel": channel.id,
        "ts": message.ts,
        "message": channel.describe_message(&message),
    }))
}

/// Finds the channel by its id, `#name` of a public one, or the id of a person: then it is the
/// conversation with that person.
fn find_channel<'a>(objects: &'a mut Objects, wanted: &str) -> Result<&'a mut Channel, Refusal> {
    let found = objects.channels.values().find(|channel| {
        let is_direct = channel.kind == ChannelKind::Direct;
        let by_name = wanted.strip_prefix('#').unwrap_or(wanted) == channel.name;
        channel.id == wanted || (by_name && (is_direct || channel.kind == ChannelKind::Public))
    });
    // A private channel does not exist for those outside.
    let id = found
        .filter(|channel| channel.has_bot || channel.kind == ChannelKind::Public)
        .map(|channel| channel.id.clone());
    id.and_then(|id| objects.channels.get_mut(&id))
        .ok_or_else(|| Refusal::new("channel_not_found"))
}

/// The text, and whether it is Markdown.
fn read_text(arguments: &Arguments) -> Result<(String, bool), Refusal> {
    let text = arguments.text("text");
    let markdown = arguments.text("markdown_text");
    let has_blocks = arguments.structure("blocks").is_some();
    match (text, markdown) {
        (Some(_), Some(_)) => Err(Refusal::new("markdown_text_conflict")),
        (None, Some(_)) if has_blocks => Err(Refusal::new("markdown_text_conflict")),
        (None, Some(markdown)) if markdown.chars().count() > MOST_MARKDOWN => {
            Err(Refusal::new("msg_too_long"))
        }
        (None, Some(markdown)) => Ok((markdown, true)),
        (Some(text), None) => Ok((text.chars().take(MOST_TEXT).collect(), false)),
        (None, None) if has_blocks => Ok((String::new(), false)),
        (None, None) => Err(Refusal::new("no_text")),
    }
}

fn read_metadata(arguments: &Arguments) -> Result<Option<Value>, Refusal> {
    if arguments.text("metadata").is_none() && arguments.structure("metadata").is_none() {
        return Ok(None);
    }
    let metadata = arguments
        .structure("metadata")
        .ok_or_else(|| Refusal::new("invalid_metadata_format"))?;
    if !metadata["event_type"].is_string() || !metadata["event_payload"].is_object() {
        return Err(Refusal::new("invalid_metadata_schema"));
    }
    if metadata.to_string().len() > MOST_METADATA {
        return Err(Refusal::new("metadata_too_large"));
    }
    Ok(Some(metadata))
}
