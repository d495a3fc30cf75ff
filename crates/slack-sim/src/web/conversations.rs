//! `conversations.*`: what stands in channels and threads.

use serde_json::json;
use sim_server::locked;

use super::{
    Refusal,
    answer::Reply,
    arguments::Arguments,
    gate::{self, Caller},
    paging::Page,
};
use crate::{
    objects::{Channel, ChannelKind, Objects},
    sim::Sim,
};

pub(super) fn replies(sim: &Sim, _: &Caller, arguments: &Arguments) -> Reply {
    let objects = locked(&sim.objects);
    let channel = readable_channel(sim, &objects, arguments)?;
    let ts = arguments.required_text("ts")?;
    let message = channel.messages.get(&ts);
    let message = message.ok_or_else(|| Refusal::new("thread_not_found"))?;
    let page = Page::read(arguments, 1000, 1000)?;
    let with_metadata = arguments.flag("include_all_metadata");
    if !message.is_root() {
        // A reply alone is answered, not its thread.
        let cut = page.cut(std::iter::once(message));
        return Ok(cut.into_json(sim, channel, with_metadata));
    }
    let mut cut = page.cut(channel.thread(&ts));
    let is_there = cut.messages.first().is_some_and(|first| first.ts == ts);
    if sim.setup.repeats_root && !is_there {
        cut.messages.insert(0, message);
    }
    Ok(cut.into_json(sim, channel, with_metadata))
}

pub(super) fn history(sim: &Sim, _: &Caller, arguments: &Arguments) -> Reply {
    let objects = locked(&sim.objects);
    let channel = readable_channel(sim, &objects, arguments)?;
    let page = Page::read(arguments, 100, 999)?;
    let cut = page.cut(channel.roots().rev());
    let mut body = cut.into_json(sim, channel, arguments.flag("include_all_metadata"));
    body["pin_count"] = json!(0);
    Ok(body)
}

pub(super) fn info(sim: &Sim, _: &Caller, arguments: &Arguments) -> Reply {
    let objects = locked(&sim.objects);
    let channel = visible_channel(&objects, arguments)?;
    gate::check_channel_scope(sim, channel, "read")?;
    Ok(json!({"channel": channel.to_json()}))
}

/// Tells the conversation with a person, which is there from the start.
pub(super) fn open(sim: &Sim, _: &Caller, arguments: &Arguments) -> Reply {
    let users = arguments.required_text("users")?;
    let objects = locked(&sim.objects);
    if !objects.people.contains_key(&users) {
        return Err(Refusal::new("user_not_found"));
    }
    let mut channels = objects.channels.values();
    let channel =
        channels.find(|channel| channel.kind == ChannelKind::Direct && channel.name == users);
    let channel = channel.ok_or_else(|| Refusal::new("cannot_dm_bot"))?;
    Ok(json!({"channel": {"id": channel.id}, "no_op": true, "already_open": true}))
}

/// The channel whose messages the bot may read.
fn readable_channel<'a>(
    sim: &Sim,
    objects: &'a Objects,
    arguments: &Arguments,
) -> Result<&'a Channel, Refusal> {
    let channel = visible_channel(objects, arguments)?;
    gate::check_channel_scope(sim, channel, "history")?;
    if channel.has_bot {
        Ok(channel)
    } else {
        Err(Refusal::new("not_in_channel"))
    }
}

/// The channel, by id alone. A private one does not exist for those outside.
fn visible_channel<'a>(
    objects: &'a Objects,
    arguments: &Arguments,
) -> Result<&'a Channel, Refusal> {
    let id = arguments.required_text("channel")?;
    let channel = objects.channels.get(&id);
    channel
        .filter(|channel| channel.has_bot || channel.kind == ChannelKind::Public)
        .ok_or_else(|| Refusal::new("channel_not_found"))
}
