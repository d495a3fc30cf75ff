//! A form as web pages have it, outside `/api`, a cookie of its own on a redirect, and times
//! without offset.

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{AppCall, Asked, Credentials, Dialect, MALFORMED, Pass, of_type};
use crate::{
    diary::TruthBooking,
    portal::{fields, gate, parameters::Parameters},
    timetable::local,
};

pub(super) struct Form;

const UPCOMING: &str = "/account/bookings/upcoming.json";
const HISTORY: &str = "/account/bookings/history.json";
const COOKIE: &str = ".Club.Session";
const XHR: (&str, &str) = ("x-requested-with", "XMLHttpRequest");
/// Fields that the page has besides the credentials, and that must come with them.
const FIXED: [(&str, &str); 2] = [("RememberMe", "true"), ("ReturnUrl", "/")];

impl Dialect for Form {
    fn login_path(&self) -> &'static str {
        "/account/sign-in"
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Credentials, StatusCode> {
        of_type(headers, "application/x-www-form-urlencoded")?;
        let fields = fields::decoded(body);
        let field = |name: &str| {
            fields
                .iter()
                .find(|(known, _)| known == name.as_bytes())
                .map(|(_, value)| value)
        };
        let fixed = FIXED
            .iter()
            .all(|(name, value)| field(name).is_some_and(|it| it == value.as_bytes()));
        if gate::header(headers, XHR.0) != Some(XHR.1) || !fixed {
            return Err(MALFORMED);
        }
        match (field("Username"), field("Password")) {
            (Some(email), Some(password)) => Ok(Credentials {
                email: String::from_utf8_lossy(email).into_owned(),
                password: password.clone(),
            }),
            _ => Err(MALFORMED),
        }
    }

    fn welcome(&self, pass: &Pass) -> Response {
        let cookie = format!(
            "{COOKIE}={}{}; SameSite=Lax",
            pass.token, pass.cookie_attributes
        );
        (
            StatusCode::FOUND,
            [(header::SET_COOKIE, cookie)],
            [(header::LOCATION, "/")],
        )
            .into_response()
    }

    fn refuse(&self, locked: bool) -> Response {
        let (status, message) = match locked {
            true => (
                StatusCode::FORBIDDEN,
                "This account is locked for 30 minutes.",
            ),
            false => (StatusCode::OK, "Wrong user name or password."),
        };
        (status, Json(json!({"success": false, "message": message}))).into_response()
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        gate::cookie(headers, COOKIE)
    }

    fn bookings_paths(&self) -> &'static [&'static str] {
        &[UPCOMING, HISTORY]
    }

    fn asked(&self, path: &str, _: &Parameters, now: DateTime<Utc>) -> Result<Asked, String> {
        Ok(if path == UPCOMING {
            Asked::upcoming(now)
        } else {
            Asked::past(now)
        })
    }

    fn bookings(&self, bookings: &[&TruthBooking]) -> Value {
        let time = |at: DateTime<Utc>| local(at).format("%Y-%m-%dT%H:%M:%S").to_string();
        let rows = bookings.iter().map(|it| {
            json!({
                "BookingRef": it.reference.as_deref().unwrap_or_default(),
                "Starts": time(it.start),
                "Ends": it.end.map(time),
                "Title": it.activity,
                "Facility": it.court.as_deref().unwrap_or_default(),
                "Club": it.site,
                "StatusText": it.status,
            })
        });
        json!({"Success": true, "Model": {"Rows": rows.collect::<Value>()}})
    }

    fn sign_in(&self, _: &str, email: &str, password: &str) -> AppCall {
        let fields = [("Username", email), ("Password", password)]
            .into_iter()
            .chain(FIXED);
        AppCall {
            headers: vec![
                (
                    "content-type",
                    "application/x-www-form-urlencoded; charset=UTF-8".to_owned(),
                ),
                (XHR.0, XHR.1.to_owned()),
            ],
            body: fields::encoded(fields),
        }
    }

    fn carried(&self, _: &str, _: &[u8]) -> Vec<(&'static str, String)> {
        vec![(XHR.0, XHR.1.to_owned())]
    }

    fn listings(&self, _: DateTime<Utc>) -> [String; 2] {
        [UPCOMING, HISTORY].map(str::to_owned)
    }
}
