//! Everything at an odd place: credentials in an array, keys that a JSON pointer must escape, times
//! as milliseconds, and one thing under two names.

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Datelike, Utc};
use serde_json::{Map, Value, json};

use super::{AppCall, Asked, Credentials, Dialect, Pass};
use crate::{
    diary::TruthBooking,
    portal::{gate, parameters::Parameters},
};

pub(super) struct Odd;

const COOKIE: &str = "sid";
/// To come, gone by.
const TYPES: [&str; 2] = ["1", "2"];

impl Dialect for Odd {
    fn login_path(&self) -> &'static str {
        "/rest/0/auth"
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Credentials, StatusCode> {
        Credentials::in_json(headers, body, "/args/0", "/args/1")
    }

    fn welcome(&self, pass: &Pass) -> Response {
        let cookie = [(
            header::SET_COOKIE,
            format!("{COOKIE}={}{}", pass.token, pass.cookie_attributes),
        )];
        (cookie, Json(json!({"ok": 1}))).into_response()
    }

    fn refuse(&self, locked: bool) -> Response {
        let why = if locked { "locked" } else { "credentials" };
        (StatusCode::UNAUTHORIZED, Json(json!({"ok": 0, "why": why}))).into_response()
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        gate::cookie(headers, COOKIE)
    }

    fn bookings_paths(&self) -> &'static [&'static str] {
        &["/rest/0/list"]
    }

    fn asked(&self, _: &str, parameters: &Parameters, now: DateTime<Utc>) -> Result<Asked, String> {
        Asked::by_word(parameters, "t", TYPES, now)
    }

    fn bookings(&self, bookings: &[&TruthBooking]) -> Value {
        json!([
            bookings
                .iter()
                .map(|it| Value::Object(row(it)))
                .collect::<Value>(),
            bookings.len()
        ])
    }

    fn sign_in(&self, _: &str, email: &str, password: &str) -> AppCall {
        AppCall::json(&json!({"fn": "auth", "args": [email, password, false]}))
    }

    fn carried(&self, _: &str, _: &[u8]) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn listings(&self, _: DateTime<Utc>) -> [String; 2] {
        TYPES.map(|kind| format!("/rest/0/list?t={kind}"))
    }
}

/// A booking; what it has not got is not there, and those of every other day have court and
/// reference elsewhere.
fn row(booking: &TruthBooking) -> Map<String, Value> {
    let usual = booking.start.num_days_from_ce() % 2 == 0;
    let court = booking.court.clone();
    [
        (
            if usual { "0_ref" } else { "0_ref~old" },
            booking.reference.clone().map(Value::from),
        ),
        ("1_from/ms", Some(booking.start.timestamp_millis().into())),
        (
            "2_to/ms",
            booking.end.map(|end| end.timestamp_millis().into()),
        ),
        ("3_activity name", Some(booking.activity.clone().into())),
        (
            if usual { "4_court" } else { "4_courts" },
            court.map(|it| if usual { it.into() } else { json!([it]) }),
        ),
        ("5_site", Some(booking.site.clone().into())),
        ("6_status", Some(booking.status.clone().into())),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key.to_owned(), value?)))
    .collect()
}
