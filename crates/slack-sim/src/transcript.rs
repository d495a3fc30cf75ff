//! A channel or a thread as a person reads it.

use std::fmt::Write;

use chrono::DateTime;

use crate::{
    objects::{Channel, Message, Objects},
    wording,
};

/// The channel: what stands at its root, and how many replies each has.
pub(crate) fn show_channel(objects: &Objects, channel: &Channel) -> String {
    let mut shown = String::new();
    for message in channel.roots() {
        show_message(&mut shown, objects, message, "");
        let replies = channel.thread(&message.ts).count().saturating_sub(1);
        // Writing to a String never fails.
        let _ = match replies {
            0 => Ok(()),
            1 => writeln!(shown, "          1 reply"),
            count => writeln!(shown, "          {count} replies"),
        };
    }
    shown
}

/// A thread: the message at its root, and the replies a step to the right.
pub(crate) fn show_thread(objects: &Objects, channel: &Channel, root: &str) -> String {
    let mut shown = String::new();
    for message in channel.thread(root) {
        let indent = if message.is_root() { "" } else { "  " };
        show_message(&mut shown, objects, message, indent);
    }
    shown
}

/// `09:00:01  anna: text  :eyes: 1`, further lines below the text. Times are UTC.
fn show_message(shown: &mut String, objects: &Objects, message: &Message, indent: &str) {
    let author = objects.person_name(&message.user);
    let app = if message.is_from_app() { " (app)" } else { "" };
    let text = wording::decode_stored(&message.text, objects);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let time = show_time(&message.ts);
    let _ = write!(shown, "{indent}{time}  {author}{app}: {first}");
    for line in lines {
        let _ = write!(shown, "\n{indent}          {line}");
    }
    if message.edited.is_some() {
        shown.push_str("  (edited)");
    }
    for file in &message.files {
        let _ = write!(shown, "  [file {file}]");
    }
    for reaction in &message.reactions {
        let _ = write!(shown, "  :{}: {}", reaction.name, reaction.users.len());
    }
    shown.push('\n');
}

fn show_time(ts: &str) -> String {
    let seconds = ts
        .split('.')
        .next()
        .and_then(|seconds| seconds.parse().ok());
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map(|time| time.format("%H:%M:%S").to_string())
        .unwrap_or_default()
}
