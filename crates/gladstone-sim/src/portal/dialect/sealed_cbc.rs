//! Login sealed both ways like the older anonymous flow, and bookings by local dates.

use axum::{
    Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::{AppCall, Asked, Credentials, Dialect, MALFORMED, Pass, app_iv, json_body, made, utc};
use crate::{
    diary::{Span, TruthBooking},
    portal::{envelope, gate, parameters::Parameters},
    timetable::{instant, local_date},
};

pub(super) struct SealedCbc;

impl Dialect for SealedCbc {
    fn login_path(&self) -> &'static str {
        "/api/auth/secure-login"
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Credentials, StatusCode> {
        let body = json_body(headers, body)?;
        let payload = body["payload"].as_str().unwrap_or_default();
        let opened = envelope::open(gate::host_name(headers), payload.as_bytes());
        let inner: Option<Value> = opened.and_then(|plain| serde_json::from_slice(&plain).ok());
        inner
            .and_then(|inner| Credentials::at(&inner, "/Email", "/Password"))
            .ok_or(MALFORMED)
    }

    fn welcome(&self, pass: &Pass) -> Response {
        let inner = json!({"Token": pass.token, "MemberName": "A. Member"});
        envelope::seal(pass.host, pass.iv, &inner.to_string()).into_response()
    }

    fn refuse(&self, locked: bool) -> Response {
        let answer = match locked {
            true => {
                json!({"code": "ACCOUNT_LOCKED", "message": "This account is locked for 30 minutes."})
            }
            false => json!({"code": "BAD_CREDENTIALS", "message": "Invalid e-mail or password."}),
        };
        (StatusCode::UNAUTHORIZED, Json(answer)).into_response()
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        gate::bearer(headers)
    }

    fn bookings_paths(&self) -> &'static [&'static str] {
        &["/api/member/bookings/list"]
    }

    fn asked(&self, _: &str, parameters: &Parameters, _: DateTime<Utc>) -> Result<Asked, String> {
        let date = |name: &str| match parameters.list(name).unwrap_or_default()[..] {
            [] => Ok(None),
            [text] => text
                .parse::<NaiveDate>()
                .map(Some)
                .map_err(|_| format!("{name} must be a date.")),
            _ => Err(format!("{name} must be one date.")),
        };
        let from = date("from")?.map(|from| instant(from, 0));
        let after = date("to")?.and_then(|to| to.checked_add_days(Days::new(1)));
        let to = after.map(|after| instant(after, 0) - TimeDelta::seconds(1));
        Ok(Asked {
            span: Span { from, to },
            latest_first: false,
        })
    }

    fn bookings(&self, bookings: &[&TruthBooking]) -> Value {
        let list: Value = bookings.iter().map(|it| Value::Object(row(it))).collect();
        json!({"bookings": {"count": bookings.len(), "list": list}})
    }

    fn sign_in(&self, host: &str, email: &str, password: &str) -> AppCall {
        let inner = json!({"Email": email, "Password": password}).to_string();
        AppCall::json(&json!({"payload": envelope::seal(host, app_iv(email, password), &inner)}))
    }

    fn carried(&self, host: &str, answer: &[u8]) -> Vec<(&'static str, String)> {
        let inner = envelope::open(host, answer).unwrap_or_default();
        let inner: Value = serde_json::from_slice(&inner).unwrap_or_default();
        super::bearer(inner["Token"].as_str().unwrap_or_default())
    }

    fn listings(&self, now: DateTime<Utc>) -> [String; 2] {
        let listing = |from, to| format!("/api/member/bookings/list?from={from}&to={to}");
        let today = local_date(now);
        let ahead = today.checked_add_days(Days::new(90)).unwrap_or(today);
        let ago = today.checked_sub_months(Months::new(48)).unwrap_or(today);
        [listing(today, ahead), listing(ago, today)]
    }
}

/// A booking; what it has not got is not there.
fn row(booking: &TruthBooking) -> Map<String, Value> {
    // A number without quotes.
    let number = booking
        .reference
        .as_ref()
        .and_then(|digits| digits.parse::<u64>().ok());
    [
        ("bookingNumber", number.map(Value::from)),
        ("start", Some(utc(booking.start).into())),
        ("end", booking.end.map(|end| utc(end).into())),
        ("description", Some(booking.activity.clone().into())),
        (
            "resource",
            booking.court.as_ref().map(|court| json!({"name": court})),
        ),
        ("centre", Some(json!({"name": booking.site}))),
        ("bookingState", Some(booking.status.clone().into())),
        ("bookedOn", Some(utc(made(booking)).into())),
    ]
    .into_iter()
    .filter_map(|(key, value)| Some((key.to_owned(), value?)))
    .collect()
}
