//! What the fuzz targets call: what Slack delivers, what the agent says, and what the functions read,
//! with what must hold of it.

use claude_platform::Event;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

#[cfg(feature = "aws")]
pub use crate::function::fuzzing::{front, ledger};
use crate::{
    envelope::{Envelope, EventCallback},
    failure::Failure,
    filter::Filter,
    frame::Frame,
    markdown::prepare_answer,
    question::{Access, Question, Thread},
    signature::SigningSecrets,
    turn::{Turn, is_question},
};

/// A body that was posted to us, a message's text, an answer, and headers: nobody is called, nothing
/// looks like a second event, and nothing passes for signed.
pub fn slack(bytes: &[u8]) {
    check_envelope(&Envelope::parse(bytes));
    let text = String::from_utf8_lossy(bytes);
    check_envelope(&Envelope::read(&json!({
        "type": "event_callback",
        "event": {"type": "message", "channel": "C1", "user": "U1", "ts": "1.1", "text": text},
    })));
    check_answer(&prepare_answer(&text));
    let mut headers = HeaderMap::new();
    for (name, part) in ["x-slack-request-timestamp", "x-slack-signature"]
        .into_iter()
        .zip(bytes.splitn(2, |byte| *byte == b'\n'))
    {
        if let Ok(value) = HeaderValue::from_bytes(part) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    assert!(!is_signed(&headers, bytes));
}

/// A text over Socket Mode: what is acknowledged is that delivery and nothing else.
pub fn socket(bytes: &[u8]) {
    let Frame::Delivery(delivery) = Frame::parse(&String::from_utf8_lossy(bytes)) else {
        return;
    };
    check_envelope(&delivery.envelope);
    assert_ne!(delivery.retry, Some(0));
    let acknowledgement: serde_json::Value =
        serde_json::from_str(&delivery.acknowledge()).unwrap_or_default();
    let fields = acknowledgement.as_object().map(serde_json::Map::len);
    assert!(fields == Some(1) && acknowledgement["envelope_id"].is_string());
}

/// A session's events: there is an answer only after the question, and it calls nobody.
pub fn turn(bytes: &[u8]) {
    let question = sample_question();
    let mut turn = Turn::new(&question);
    let mut was_said = false;
    for event in serde_json::from_slice::<Vec<Event>>(bytes).unwrap_or_default() {
        was_said |= is_question(&event, &question);
        match turn.read(&event) {
            Some(Ok(answer)) => {
                assert!(was_said);
                check_answer(&prepare_answer(&answer));
            }
            Some(Err(failure)) => assert!(was_said || failure == Failure::Ended),
            None => {}
        }
    }
}

pub(crate) fn sample_question() -> Question {
    Question {
        key: "m#A1#1".to_owned(),
        thread: Thread {
            channel: "C1".to_owned(),
            ts: "1.1".to_owned(),
        },
        ts: "1.1".to_owned(),
        user: "U1".to_owned(),
        access: Access::Courts,
        text: "free?".to_owned(),
        files: 0,
    }
}

/// Returns whether somebody who does not know the secret signed this, at the first second of 1970.
pub(crate) fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    SigningSecrets::new(["secret".to_owned()])
        .is_ok_and(|secrets| secrets.verify(headers, body, 0).is_ok())
}

fn check_envelope(envelope: &Envelope) {
    match envelope {
        Envelope::UrlVerification(Some(challenge)) => {
            assert!(challenge.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        Envelope::EventCallback(callback) => check_question(callback),
        _ => {}
    }
}

/// Takes everything that a filter can take.
fn check_question(callback: &EventCallback) {
    let filter = Filter {
        channels: [callback.event.channel.clone()].into(),
        owners: ["U1".to_owned()].into(),
        direct_messages: true,
        mentions: true,
        external: true,
        ..Filter::default()
    };
    let Ok(question) = filter.select(callback) else {
        return;
    };
    let line = question.to_line();
    assert!(!line.contains(printable::is_invisible) && question.is_said_by(&line));
    assert!(question.text.chars().count() <= 4000 && !question.text.is_empty());
    assert!(!format!("{question:?}").contains(char::is_control));
    let is_owner = callback.event.user == "U1" && !callback.is_external;
    assert_eq!(question.access == Access::Owner, is_owner);
}

fn check_answer(answer: &str) {
    assert!(answer.chars().count() <= 12_000);
    let folded = answer.to_ascii_lowercase().replace('\\', "");
    for call in ["<!", "<@", "<#", "@here", "@channel", "@everyone"] {
        assert!(!folded.contains(call), "{answer:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = fn(&[u8]);

    #[test]
    fn the_seeds_hold() {
        let targets: &[(&str, Read)] = &[
            ("slack", slack),
            ("socket", socket),
            ("turn", turn),
            #[cfg(feature = "aws")]
            ("front", front),
            #[cfg(feature = "aws")]
            ("ledger", ledger),
        ];
        for (target, read) in targets {
            let seeds = std::fs::read_dir(format!("../../fuzz/seeds/{target}")).unwrap();
            let read = seeds.map(|seed| read(&std::fs::read(seed.unwrap().path()).unwrap()));
            assert!(read.count() > 0, "{target}");
        }
    }
}
