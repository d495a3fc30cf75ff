//! The nearest neighbours of what is confirmed: login beside the anonymous call, the token in the
//! same cookie.

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Days, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{AppCall, Asked, Credentials, Dialect, Pass, utc};
use crate::{
    diary::{Span, TruthBooking},
    portal::{gate::sso_cookie, parameters::Parameters},
};

pub(super) struct Assumed;

impl Dialect for Assumed {
    fn login_path(&self) -> &'static str {
        "/api/samlauthentication/login"
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Credentials, StatusCode> {
        Credentials::in_json(headers, body, "/email", "/password")
    }

    fn welcome(&self, pass: &Pass) -> Response {
        let cookie = [(
            header::SET_COOKIE,
            format!("Jwt={}{}", pass.token, pass.cookie_attributes),
        )];
        (cookie, Json(json!({"isAuthenticated": true}))).into_response()
    }

    fn refuse(&self, locked: bool) -> Response {
        let (status, message) = match locked {
            true => (
                StatusCode::LOCKED,
                "Your account is locked. Please try again in 30 minutes.",
            ),
            false => (
                StatusCode::UNAUTHORIZED,
                "The e-mail or the password is not right.",
            ),
        };
        (status, Json(json!({"message": message}))).into_response()
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        sso_cookie(headers)
    }

    fn bookings_paths(&self) -> &'static [&'static str] {
        &["/api/bookings"]
    }

    fn asked(&self, _: &str, parameters: &Parameters, _: DateTime<Utc>) -> Result<Asked, String> {
        let span = Span {
            from: parameters.instant("dateFrom")?,
            to: parameters.instant("dateTo")?,
        };
        Ok(Asked {
            span,
            latest_first: false,
        })
    }

    fn bookings(&self, bookings: &[&TruthBooking]) -> Value {
        bookings
            .iter()
            .map(|it| {
                json!({
                    "id": it.reference,
                    "bookingReference": it.reference,
                    "startTime": utc(it.start),
                    "endTime": it.end.map(|end| utc(end - TimeDelta::seconds(1))),
                    "activityName": it.activity,
                    "locationName": it.court,
                    "siteName": it.site,
                    "status": it.status,
                })
            })
            .collect()
    }

    fn sign_in(&self, _: &str, email: &str, password: &str) -> AppCall {
        let mut call = AppCall::json(&json!({"email": email, "password": password}));
        call.headers.push(("x-use-sso", "1".to_owned()));
        call
    }

    fn carried(&self, _: &str, _: &[u8]) -> Vec<(&'static str, String)> {
        vec![("x-use-sso", "1".to_owned())]
    }

    fn listings(&self, now: DateTime<Utc>) -> [String; 2] {
        let listing = |from: DateTime<Utc>, to: DateTime<Utc>| {
            let time = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%S.000Z").to_string();
            format!("/api/bookings?dateFrom={}&dateTo={}", time(from), time(to))
        };
        let ahead = now.checked_add_days(Days::new(365)).unwrap_or(now);
        let ago = now.checked_sub_days(Days::new(5 * 365)).unwrap_or(now);
        [listing(now, ahead), listing(ago, now)]
    }
}
