//! Deliveries as Slack makes them, to be changed by each test.

use hmac::{Hmac, KeyInit as _, Mac as _};
use padel_slack::filter::Filter;
use serde_json::{Value, json};
use sha2::Sha256;

pub(crate) const APP: &str = "A01APP";
pub(crate) const CHANNEL: &str = "C01COURTS";
pub(crate) const OWNER: &str = "U01OWNER";
pub(crate) const GUEST: &str = "U02GUEST";
pub(crate) const TS: &str = "1531420618.000100";

/// Fields of messages that programs write, one of them the ignored account `U09AGENT`.
pub(crate) fn write_as_programs() -> [Value; 7] {
    [
        json!({"subtype": "bot_message", "user": null}),
        json!({"bot_id": "B1"}),
        json!({"bot_profile": {"id": "B1"}}),
        json!({"app_id": "A1"}),
        json!({"user": "USLACKBOT"}),
        json!({"user": null}),
        json!({"user": "U09AGENT"}),
    ]
}

/// A delivery of a typed message, with these fields of the event in place of the usual ones; null
/// leaves a field out.
pub(crate) fn delivery(fields: Value) -> Value {
    let mut event = json!({
        "type": "message",
        "channel": CHANNEL,
        "channel_type": "channel",
        "user": GUEST,
        "text": "is a court free tonight?",
        "ts": TS,
        "event_ts": TS,
        "client_msg_id": "5a6b7c8d-0000-4000-8000-0123456789ab",
        "team": "T01",
    });
    let (Value::Object(event_fields), Value::Object(fields)) = (&mut event, fields) else {
        panic!("fields are an object");
    };
    event_fields.extend(fields);
    event_fields.retain(|_, value| !value.is_null());
    json!({
        "token": "old",
        "team_id": "T01",
        "api_app_id": APP,
        "type": "event_callback",
        "event": event,
        "event_id": "Ev01",
        "event_time": 1_531_420_618,
        "authorizations": [{"team_id": "T01", "user_id": "U00BOT", "is_bot": true}],
        "is_ext_shared_channel": false,
    })
}

/// Answers every message of one channel.
pub(crate) fn filter() -> Filter {
    Filter {
        channels: [CHANNEL.to_owned()].into(),
        owners: [OWNER.to_owned()].into(),
        ..Filter::default()
    }
}

pub(crate) const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// Signs by the rule of the documentation, apart from the code under test.
pub(crate) fn sign(secret: &str, version: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{version}:{timestamp}:").as_bytes());
    mac.update(body);
    let digits: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{version}={digits}")
}
