//! A token in JSON, as OAuth has it, and bookings nested three deep.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{AppCall, Asked, Credentials, Dialect, MALFORMED, Pass, json_body, made};
use crate::{
    diary::TruthBooking,
    members::TOKEN_LIFE,
    portal::{gate, parameters::Parameters},
    timetable::local,
};

pub(super) struct Token;

const VIEWS: [&str; 2] = ["upcoming", "past"];

impl Dialect for Token {
    fn login_path(&self) -> &'static str {
        "/api/identity/v1/token"
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Credentials, StatusCode> {
        let body = json_body(headers, body)?;
        if body["grant"] != "password" {
            return Err(MALFORMED);
        }
        Credentials::at(&body, "/userName", "/secret").ok_or(MALFORMED)
    }

    fn welcome(&self, pass: &Pass) -> Response {
        Json(json!({"result": {"accessToken": pass.token, "expiresIn": TOKEN_LIFE}}))
            .into_response()
    }

    fn refuse(&self, locked: bool) -> Response {
        match locked {
            true => (
                StatusCode::FORBIDDEN,
                Json(json!({"error": "account_locked"})),
            )
                .into_response(),
            false => error("invalid_grant"),
        }
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        gate::bearer(headers)
    }

    fn bookings_paths(&self) -> &'static [&'static str] {
        &["/api/reservations/v1/mine"]
    }

    fn asked(&self, _: &str, parameters: &Parameters, now: DateTime<Utc>) -> Result<Asked, String> {
        Asked::by_word(parameters, "view", VIEWS, now)
    }

    fn bookings(&self, bookings: &[&TruthBooking]) -> Value {
        let time = |at: DateTime<Utc>| local(at).to_rfc3339_opts(SecondsFormat::Secs, false);
        let reservations = bookings.iter().map(|it| {
            json!({
                "ref": it.reference,
                "slot": {"from": time(it.start), "to": it.end.map(time)},
                "what": {"title": it.activity},
                "where": {"court": it.court.as_ref().map(|court| json!({"label": court})), "venue": {"label": it.site}},
                "state": {"text": it.status},
                "made": time(made(it)),
            })
        });
        json!({"data": {"reservations": reservations.collect::<Value>(), "total": bookings.len()}})
    }

    fn sign_in(&self, _: &str, email: &str, password: &str) -> AppCall {
        AppCall::json(&json!({"userName": email, "secret": password, "grant": "password"}))
    }

    fn carried(&self, _: &str, answer: &[u8]) -> Vec<(&'static str, String)> {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        super::bearer(answer["result"]["accessToken"].as_str().unwrap_or_default())
    }

    fn listings(&self, _: DateTime<Utc>) -> [String; 2] {
        VIEWS.map(|view| format!("/api/reservations/v1/mine?view={view}"))
    }
}

fn error(code: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": code}))).into_response()
}
