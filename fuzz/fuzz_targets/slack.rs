//! Whatever Slack's deliveries, headers and the agent's answers are, reading them neither panics nor
//! lets anything through that calls somebody or looks like a second event.
#![no_main]

use padel_slack::{
    envelope::{Envelope, EventCallback},
    filter::Filter,
    markdown::prepare_answer,
    signature::SigningSecrets,
};

/// Takes everything that a filter can take.
fn open_filter(callback: &EventCallback) -> Filter {
    Filter {
        channels: [callback.event.channel.clone()].into(),
        owners: ["U1".to_owned()].into(),
        direct_messages: true,
        mentions: true,
        external: true,
        ..Filter::default()
    }
}

fn check_question(callback: &EventCallback) {
    let Ok(question) = open_filter(callback).select(callback) else {
        return;
    };
    let line = question.to_line();
    assert!(!line.contains(|c: char| c.is_control()) && question.is_said_by(&line));
    assert!(question.text.chars().count() <= 4000 && !question.text.is_empty());
    assert!(!format!("{question:?}").contains(['\n', '\r']));
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Envelope::EventCallback(callback) = Envelope::parse(bytes) {
        check_question(&callback);
    }
    let text = String::from_utf8_lossy(bytes);
    let event = serde_json::json!({
        "type": "event_callback",
        "event": {"type": "message", "channel": "C1", "user": "U1", "ts": "1.1", "text": text},
    });
    if let Envelope::EventCallback(callback) = Envelope::parse(event.to_string().as_bytes()) {
        check_question(&callback);
    }
    let answer = prepare_answer(&text);
    assert!(answer.chars().count() <= 12_000 && !answer.contains("<!") && !answer.contains("<@"));
    let Ok(secrets) = SigningSecrets::new(["secret".to_owned()]) else {
        return;
    };
    let mut headers = http::HeaderMap::new();
    for (name, part) in ["x-slack-request-timestamp", "x-slack-signature"]
        .into_iter()
        .zip(bytes.splitn(2, |byte| *byte == b'\n'))
    {
        if let Ok(value) = http::HeaderValue::from_bytes(part) {
            headers.append(name, value);
        }
    }
    assert!(secrets.verify(&headers, bytes, 0).is_err());
});
