//! The workspace in the evening: every conversation with its threads, without times.

use std::fmt::Write as _;

use crate::stage::{CHANNEL, ELSEWHERE, Stage, direct, writers};

pub(crate) fn read(stage: &Stage) -> String {
    let mut shown = String::new();
    for (name, channel) in [("#padel", CHANNEL), ("#social", ELSEWHERE)] {
        writeln!(shown, "== {name}").unwrap();
        show(&mut shown, stage, channel);
    }
    for who in writers() {
        writeln!(shown, "== {who} and padel").unwrap();
        show(&mut shown, stage, &direct(who));
    }
    shown
}

fn show(shown: &mut String, stage: &Stage, channel: &str) {
    let mut roots: Vec<String> = Vec::new();
    for message in stage.workspace.messages(channel) {
        let root = message.thread_ts.unwrap_or(message.ts);
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    for root in roots {
        let thread = stage.workspace.show_thread(channel, &root);
        for line in thread.lines() {
            writeln!(shown, "{}", shorten_answer(&strip_time(line))).unwrap();
        }
    }
}

/// An answer up to the club's name: what courts there are is `padel`'s to say, and its tests'.
fn shorten_answer(line: &str) -> String {
    match line.split_once(" at brunelsport") {
        Some((day, _)) if line.contains("(app): **") => format!("{day} at brunelsport …"),
        _ => line.to_owned(),
    }
}

/// `  09:00:01  anna: text` without the time; the id of a file is another each time.
fn strip_time(line: &str) -> String {
    let text = line.trim_start();
    let indent = &line[..line.len() - text.len()];
    let is_timed = text
        .get(..10)
        .is_some_and(|time| time.as_bytes()[2] == b':' && time.ends_with("  "));
    let text = if is_timed { &text[10..] } else { text };
    let parts: Vec<&str> = text.split("[file ").collect();
    let rest = parts
        .iter()
        .skip(1)
        .map(|part| part.split_once(']').map_or(*part, |(_, rest)| rest));
    let text = parts
        .iter()
        .take(1)
        .copied()
        .chain(rest)
        .collect::<Vec<_>>()
        .join("[file]");
    format!("{indent}{text}")
}
