//! Login sealed by AES-256-GCM, the request nothing but the envelope, and times in an array.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{AppCall, Asked, Credentials, Dialect, MALFORMED, Pass, app_iv, of_type};
use crate::{
    diary::TruthBooking,
    members::TOKEN_LIFE,
    portal::{envelope, gate, parameters::Parameters},
};

pub(super) struct SealedGcm;

const NEXT: &str = "/api/v2/me/visits/next";
const PAST: &str = "/api/v2/me/visits/past";

impl Dialect for SealedGcm {
    fn login_path(&self) -> &'static str {
        "/api/v2/sessions"
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Credentials, StatusCode> {
        of_type(headers, "text/plain")?;
        let opened = envelope::open_gcm(gate::host_name(headers), body);
        let inner: Option<Value> = opened.and_then(|plain| serde_json::from_slice(&plain).ok());
        let inner = inner.filter(|inner| inner["device"] == "web");
        inner
            .and_then(|inner| Credentials::at(&inner, "/login", "/pwd"))
            .ok_or(MALFORMED)
    }

    fn welcome(&self, pass: &Pass) -> Response {
        let inner = json!({"session": {"jwt": pass.token, "seconds": TOKEN_LIFE}});
        Json(json!({"status": "ok", "data": envelope::seal_gcm(pass.host, pass.iv, &inner.to_string())}))
            .into_response()
    }

    fn refuse(&self, locked: bool) -> Response {
        let (status, word) = match locked {
            true => (StatusCode::FORBIDDEN, "locked"),
            false => (StatusCode::UNAUTHORIZED, "denied"),
        };
        (status, Json(json!({"status": word}))).into_response()
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        gate::bearer(headers)
    }

    fn bookings_paths(&self) -> &'static [&'static str] {
        &[NEXT, PAST]
    }

    fn asked(&self, path: &str, _: &Parameters, now: DateTime<Utc>) -> Result<Asked, String> {
        Ok(if path == NEXT {
            Asked::upcoming(now)
        } else {
            Asked::past(now)
        })
    }

    fn bookings(&self, bookings: &[&TruthBooking]) -> Value {
        let items = bookings.iter().map(|it| {
            json!({
                "bookingCode": it.reference,
                "times": times(it),
                "activity": {"name": it.activity},
                "courts": it.court.iter().map(|court| json!({"name": court})).collect::<Value>(),
                "centre": it.site,
                "state": it.status,
            })
        });
        json!({"items": items.collect::<Value>()})
    }

    fn sign_in(&self, host: &str, email: &str, password: &str) -> AppCall {
        let inner = json!({"login": email, "pwd": password, "device": "web"}).to_string();
        AppCall {
            headers: vec![("content-type", "text/plain".to_owned())],
            body: envelope::seal_gcm(host, app_iv(email, password), &inner),
        }
    }

    fn carried(&self, host: &str, answer: &[u8]) -> Vec<(&'static str, String)> {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let data = answer["data"].as_str().unwrap_or_default();
        let inner = envelope::open_gcm(host, data.as_bytes()).unwrap_or_default();
        let inner: Value = serde_json::from_slice(&inner).unwrap_or_default();
        super::bearer(inner["session"]["jwt"].as_str().unwrap_or_default())
    }

    fn listings(&self, _: DateTime<Utc>) -> [String; 2] {
        [NEXT, PAST].map(str::to_owned)
    }
}

/// Start and, if there is one, end, with the seven digits of a second that .NET writes.
fn times(booking: &TruthBooking) -> Value {
    let times = [Some(booking.start), booking.end].into_iter().flatten();
    times
        .map(|at| at.format("%Y-%m-%dT%H:%M:%S.0000000Z").to_string())
        .collect()
}
