//! `reactions.add` and `reactions.remove`: the bot's own.

use serde_json::json;
use sim_server::locked;

use super::{Refusal, answer::Reply, arguments::Arguments, gate::Caller};
use crate::{
    objects::{ChannelKind, Message, Objects, Reaction},
    setup::BOT_USER,
    sim::Sim,
};

/// Documented as a limit without a figure; known of Slack: different emoji on one message.
const MOST_EMOJI: usize = 50;

pub(super) fn add(sim: &Sim, _: &Caller, arguments: &Arguments) -> Reply {
    let name = read_name(arguments)?;
    let mut objects = locked(&sim.objects);
    let message = find_message(&mut objects, arguments)?;
    let count = message.reactions.len();
    let bot = BOT_USER.to_owned();
    match message.reactions.iter_mut().find(|have| have.name == name) {
        Some(reaction) if reaction.users.contains(&bot) => {
            return Err(Refusal::new("already_reacted"));
        }
        Some(reaction) => reaction.users.push(bot),
        None if count >= MOST_EMOJI => return Err(Refusal::new("too_many_emoji")),
        None => message.reactions.push(Reaction {
            name,
            users: vec![bot],
        }),
    }
    Ok(json!({}))
}

pub(super) fn remove(sim: &Sim, _: &Caller, arguments: &Arguments) -> Reply {
    let name = read_name(arguments)?;
    let mut objects = locked(&sim.objects);
    let message = find_message(&mut objects, arguments)?;
    let reaction = message.reactions.iter_mut().find(|have| have.name == name);
    let reaction = reaction.ok_or_else(|| Refusal::new("no_reaction"))?;
    let before = reaction.users.len();
    reaction.users.retain(|user| user != BOT_USER);
    if reaction.users.len() == before {
        return Err(Refusal::new("no_reaction"));
    }
    message
        .reactions
        .retain(|reaction| !reaction.users.is_empty());
    Ok(json!({}))
}

/// Assumed: any name of the right letters is an emoji.
fn read_name(arguments: &Arguments) -> Result<String, Refusal> {
    let name = arguments.required_text("name")?;
    let fits = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-+:'".contains(letter)
    };
    if name.len() <= 100 && name.chars().all(fits) && !name.starts_with(':') {
        Ok(name)
    } else {
        Err(Refusal::new("invalid_name"))
    }
}

fn find_message<'a>(
    objects: &'a mut Objects,
    arguments: &Arguments,
) -> Result<&'a mut Message, Refusal> {
    let (Some(channel), Some(ts)) = (arguments.text("channel"), arguments.text("timestamp")) else {
        return Err(Refusal::new("no_item_specified"));
    };
    let channel = objects.channels.get_mut(&channel);
    let channel = channel
        .filter(|channel| channel.has_bot || channel.kind == ChannelKind::Public)
        .ok_or_else(|| Refusal::new("channel_not_found"))?;
    if channel.is_archived {
        return Err(Refusal::new("is_archived"));
    }
    // Assumed: a bot outside may not react.
    if !channel.has_bot {
        return Err(Refusal::new("not_in_channel"));
    }
    if !is_timestamp(&ts) {
        return Err(Refusal::new("bad_timestamp"));
    }
    let message = channel.messages.get_mut(&ts);
    message.ok_or_else(|| Refusal::new("message_not_found"))
}

fn is_timestamp(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(seconds, rest)| is_number(seconds) && is_number(rest))
}
