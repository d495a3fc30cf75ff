//! Small captures, written by hand, each with one thing that real ones may have.

mod bookings;
mod capture;
mod items;
mod secrets;
mod sign_in;
mod token;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::*;

const HOST: &str = "club.gladstonego.cloud";
const USER: &str = "alex@example.org";
const PASSWORD: &str = "pä ss&w=rd+%\"\\";
const TOKEN: &str = "eyJhbGciOi.J9ZWxsbyB3b3JsZDEyMzQ1Njc4OTA.c2lnbmF0dXJl";

/// One entry of a capture.
struct Shot(Value);

fn shot(second: u32, method: &str, path: &str) -> Shot {
    Shot(json!({
        "startedDateTime": format!("2026-11-23T09:{:02}:{:02}.000Z", second / 60, second % 60),
        "request": {"method": method, "url": format!("https://{HOST}{path}"), "headers": [], "cookies": []},
        "response": {"status": 200, "headers": [], "cookies": [], "content": {}},
    }))
}

impl Shot {
    fn push(mut self, side: &str, name: &str, value: &str) -> Self {
        let list = self.0[side]["headers"].as_array_mut().unwrap();
        list.push(json!({"name": name, "value": value}));
        self
    }

    fn sends(self, name: &str, value: &str) -> Self {
        self.push("request", name, value)
    }

    fn sets(self, cookie: &str) -> Self {
        self.push(
            "response",
            "Set-Cookie",
            &format!("{cookie}; Path=/; HttpOnly"),
        )
    }

    fn body(mut self, kind: &str, text: &str) -> Self {
        self.0["request"]["postData"] = json!({"mimeType": kind, "text": text});
        self
    }

    fn json(self, fields: &Value) -> Self {
        self.body("application/json", &fields.to_string())
    }

    fn answers(mut self, status: u16, body: &Value) -> Self {
        self.0["response"]["status"] = status.into();
        self.0["response"]["content"] =
            json!({"mimeType": "application/json", "text": body.to_string()});
        self
    }

    fn text(mut self, text: &str) -> Self {
        self.0["response"]["content"] = json!({"mimeType": "text/plain", "text": text});
        self
    }
}

fn har(shots: impl IntoIterator<Item = Shot>) -> Vec<u8> {
    let entries: Vec<Value> = shots.into_iter().map(|shot| shot.0).collect();
    json!({"log": {"entries": entries}})
        .to_string()
        .into_bytes()
}

fn credentials() -> Credentials {
    Credentials::typed(USER.into(), PASSWORD.into())
}

fn read(har: Vec<u8>, credentials: &Credentials) -> Result<Learned, LearnError> {
    learn_profile(&Capture::new(har)?, HOST, credentials, DateTime::UNIX_EPOCH)
}

fn learn_all(shots: Vec<Shot>) -> Result<Learned, LearnError> {
    read(har(shots), &credentials())
}

/// A sign-in that brings a token in its JSON, as most tests need one.
fn login() -> Shot {
    shot(10, "POST", "/api/login")
        .json(&pair())
        .answers(200, &json!({"token": TOKEN}))
}

/// The member's credentials as most apps send them.
fn pair() -> Value {
    json!({"email": USER, "password": PASSWORD})
}

/// The member's credentials in a header.
fn basic() -> String {
    format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")))
}

/// A request for bookings with the token.
fn list(second: u32, target: &str, body: &Value) -> Shot {
    shot(second, "GET", target)
        .sends("authorization", &format!("Bearer {TOKEN}"))
        .answers(200, body)
}

/// A request for the upcoming bookings with the token.
fn request_bookings() -> Shot {
    list(20, "/api/bookings", &upcoming())
}

/// The same without the token.
fn request_bookings_bare() -> Shot {
    shot(20, "GET", "/api/bookings").answers(200, &upcoming())
}

fn booking(start: &str, end: &str) -> Value {
    json!({"id": start, "startTime": start, "endTime": end, "courtName": "Court 1", "activityName": "Padel"})
}

fn upcoming() -> Value {
    json!([
        booking("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"),
        booking("2026-11-25T10:00:00Z", "2026-11-25T11:00:00Z")
    ])
}

fn past() -> Value {
    json!([
        booking("2026-10-24T10:00:00Z", "2026-10-24T11:00:00Z"),
        booking("2026-10-25T10:00:00Z", "2026-10-25T11:00:00Z")
    ])
}

/// A value of the table, and whether it is certain; `None` where the capture does not show it.
#[track_caller]
fn value(learned: &Learned, name: &str) -> Option<(toml::Value, bool)> {
    let table: toml::Table = learned.table.parse().unwrap();
    let (group, key) = name.split_once('.').unwrap();
    let finding = learned.findings.iter().find(|it| it.name == name)?;
    let value = table["portal"][group].get(key);
    assert_eq!(value.is_some(), !finding.value.is_empty(), "{name}");
    Some((value?.clone(), finding.certain))
}

/// The line of the report about a value.
#[track_caller]
fn finding<'a>(learned: &'a Learned, name: &str) -> &'a Finding {
    let mut findings = learned.findings.iter();
    findings.find(|finding| finding.name == name).unwrap()
}

/// A value as the report has it.
fn told<'a>(learned: &'a Learned, name: &str) -> &'a str {
    &finding(learned, name).value
}

#[track_caller]
fn is(learned: &Learned, name: &str, expected: &str, certain: bool) {
    let found = value(learned, name);
    assert_eq!(
        found,
        Some((expected.into(), certain)),
        "{name}: {learned:#?}"
    );
}

#[track_caller]
fn first(learned: &Learned, name: &str, expected: &str) {
    let found = value(learned, name).map(|(value, _)| value[0].as_str().unwrap().to_owned());
    assert_eq!(found.as_deref(), Some(expected), "{name}: {learned:#?}");
}

/// Learns from a body that signs in.
fn of_body(kind: &str, body: &str) -> Learned {
    learn_all(vec![login().body(kind, body)]).unwrap()
}
