//! The stream of a session's events.

use std::{
    io::{BufRead, BufReader},
    sync::mpsc::{self, Receiver},
    thread,
};

use claude_platform_sim::{Fault, Platform};
use serde_json::{Value, json};

use crate::{
    chat::{Chat, RUN, builder, start, types, with_skill},
    client::request,
};

/// An open stream: its events, then how it ended.
enum Seen {
    Event(Value),
    End { is_clean: bool },
}

/// Opens a stream; its events come as they are read.
fn open(chat: &Chat) -> Receiver<Seen> {
    let target = chat.target("/events/stream");
    let answer = request(chat.platform, "GET", &target).send().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let (sender, seen) = mpsc::channel();
    thread::spawn(move || {
        let mut name = String::new();
        for line in BufReader::new(answer).lines() {
            let Ok(line) = line else {
                return sender.send(Seen::End { is_clean: false });
            };
            if let Some(text) = line.strip_prefix("event: ") {
                text.clone_into(&mut name);
            } else if let Some(data) = line.strip_prefix("data: ") {
                let Ok(event) = serde_json::from_str::<Value>(data) else {
                    continue;
                };
                assert_eq!(event["type"], *name);
                sender.send(Seen::Event(event))?;
            }
        }
        sender.send(Seen::End { is_clean: true })
    });
    seen
}

/// The events up to the next idle one.
fn until_idle(seen: &Receiver<Seen>) -> Vec<Value> {
    let mut events = Vec::new();
    while let Ok(Seen::Event(event)) = seen.recv() {
        let is_idle = event["type"] == "session.status_idle";
        events.push(event);
        if is_idle {
            break;
        }
    }
    events
}

/// All events, and true for an end in good order.
fn to_the_end(seen: &Receiver<Seen>) -> (Vec<Value>, bool) {
    let mut events = Vec::new();
    loop {
        match seen.recv().unwrap() {
            Seen::Event(event) => events.push(event),
            Seen::End { is_clean } => return (events, is_clean),
        }
    }
}

fn platform() -> Platform {
    with_skill(builder(), "hello").0
}

#[test]
fn a_stream_tells_what_the_list_tells() {
    let platform = platform();
    let chat = start(&platform, &json!({}));
    let streams = [open(&chat), open(&chat)];
    chat.say(RUN);
    for seen in &streams {
        let ids = |events: &[Value]| -> Vec<Value> {
            events.iter().map(|event| event["id"].clone()).collect()
        };
        assert_eq!(ids(&until_idle(seen)), ids(&platform.events(chat.id())));
    }
}

#[test]
fn a_stream_replays_nothing() {
    let platform = platform();
    let chat = start(&platform, &json!({}));
    chat.run(RUN);
    let before = platform.events(chat.id()).len();
    let seen = open(&chat);
    chat.say(RUN);
    assert_eq!(
        until_idle(&seen).len(),
        platform.events(chat.id()).len() - before
    );
}

#[test]
fn a_stream_ends_when_its_session_is_deleted() {
    let platform = platform();
    let chat = start(&platform, &json!({}));
    let seen = open(&chat);
    chat.delete().ok();
    let (events, is_clean) = to_the_end(&seen);
    assert_eq!((types(&events), is_clean), (vec!["session.deleted"], true));
    chat.get("/events/stream").refused(404);
}

#[test]
fn a_fault_cuts_a_stream_or_ends_it_early() {
    let platform = platform();
    for (fault, count, is_clean) in [
        (Fault::CutStream(2), 2, false),
        (Fault::CutStream(0), 0, false),
        (Fault::EndStream(3), 3, true),
        (Fault::Truncated, 0, false),
        (Fault::Malformed, 0, true),
    ] {
        let chat = start(&platform, &json!({}));
        platform.push_fault(fault, "GET /v1/sessions", 1);
        let seen = open(&chat);
        chat.say(RUN);
        let (events, ended_well) = to_the_end(&seen);
        assert_eq!((events.len(), ended_well), (count, is_clean), "{fault}");
        // The session does not notice.
        assert_eq!(chat.rest().last().unwrap()["type"], "session.status_idle");
    }
}

#[test]
fn a_fault_can_refuse_a_stream() {
    let platform = platform();
    let chat = start(&platform, &json!({}));
    platform.push_fault(Fault::Status(503), "GET /v1/sessions", 1);
    chat.get("/events/stream").refused(503);
}
