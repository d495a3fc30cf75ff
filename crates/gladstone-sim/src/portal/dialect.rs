//! The member side in its several shapes: for each, what the portal understands and answers, and
//! what its own app sends.
//!
//! All of it is invented. The app's half is there for the recorder of HARs alone; it goes through
//! the portal's half like any client, so the two cannot drift apart.

mod assumed;
mod elsewhere;
mod form;
mod odd;
mod sealed_cbc;
mod sealed_gcm;
mod token;

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::parameters::Parameters;
use crate::{
    diary::{Span, TruthBooking},
    shape::Shape,
};

/// One shape of the member side.
pub(crate) trait Dialect: Sync {
    /// Where members sign in.
    fn login_path(&self) -> &'static str;

    /// Whether they do so by GET, with the credentials in the query, which is read in place of the
    /// body.
    fn by_get(&self) -> bool {
        false
    }

    /// The credentials of a login; the error is the status of what is no login at all.
    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Credentials, StatusCode>;

    /// The answer to the right credentials.
    fn welcome(&self, pass: &Pass) -> Response;

    /// The answer to wrong credentials, or to any while the e-mail is locked.
    fn refuse(&self, locked: bool) -> Response;

    /// The member's token of a request.
    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str>;

    /// Where bookings are, by GET.
    fn bookings_paths(&self) -> &'static [&'static str];

    /// Which bookings are asked for; the error is what the portal says of what it does not
    /// understand.
    fn asked(
        &self,
        path: &str,
        parameters: &Parameters,
        now: DateTime<Utc>,
    ) -> Result<Asked, String>;

    /// Bookings as the portal words them.
    fn bookings(&self, bookings: &[&TruthBooking]) -> Value;

    /// The app's login request.
    fn sign_in(&self, host: &str, email: &str, password: &str) -> AppCall;

    /// The headers of the app's further requests, after the answer to its login; cookies come by
    /// themselves.
    fn carried(&self, host: &str, answer: &[u8]) -> Vec<(&'static str, String)>;

    /// What the app asks for on its page of bookings: those to come, those gone by.
    fn listings(&self, now: DateTime<Utc>) -> [String; 2];
}

/// E-mail and password as a login carried them.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) email: String,
    /// Byte for byte.
    pub(crate) password: Vec<u8>,
}

/// What a member who signed in gets.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    pub(crate) token: &'a str,
    /// The host whose name seals.
    pub(crate) host: &'a str,
    /// Never the same twice.
    pub(crate) iv: [u8; 16],
    /// Attributes of a session's cookie.
    pub(crate) cookie_attributes: &'a str,
}

/// Bookings that are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) span: Span,
    pub(crate) latest_first: bool,
}

/// A login of the portal's own app.
#[derive(Debug)]
pub(crate) struct AppCall {
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The query of a GET.
    pub(crate) body: String,
}

/// A shape's dialect; none without a member side.
pub(crate) fn of(shape: Shape) -> Option<&'static dyn Dialect> {
    match shape {
        Shape::Assumed => Some(&assumed::Assumed),
        Shape::Token => Some(&token::Token),
        Shape::Form => Some(&form::Form),
        Shape::SealedCbc => Some(&sealed_cbc::SealedCbc),
        Shape::SealedGcm => Some(&sealed_gcm::SealedGcm),
        Shape::Odd => Some(&odd::Odd),
        Shape::Basic => Some(&elsewhere::Elsewhere::Basic),
        Shape::Headers => Some(&elsewhere::Elsewhere::Headers),
        Shape::Query => Some(&elsewhere::Elsewhere::Query),
        Shape::Parts => Some(&elsewhere::Elsewhere::Parts),
        Shape::Absent => None,
    }
}

/// A login that is none.
const MALFORMED: StatusCode = StatusCode::BAD_REQUEST;

impl Asked {
    fn upcoming(now: DateTime<Utc>) -> Self {
        Self {
            span: Span::upcoming(now),
            latest_first: false,
        }
    }

    fn past(now: DateTime<Utc>) -> Self {
        Self {
            span: Span::past(now),
            latest_first: true,
        }
    }

    /// By two words of a parameter, the one for those to come first.
    fn by_word(
        parameters: &Parameters,
        name: &str,
        [upcoming, past]: [&str; 2],
        now: DateTime<Utc>,
    ) -> Result<Self, String> {
        match parameters.list(name).unwrap_or_default()[..] {
            [word] if word == upcoming => Ok(Self::upcoming(now)),
            [word] if word == past => Ok(Self::past(now)),
            _ => Err(format!("{name} must be {upcoming} or {past}.")),
        }
    }
}

impl AppCall {
    fn json(body: &Value) -> Self {
        Self {
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
        }
    }
}

impl Credentials {
    /// Two texts within JSON.
    fn at(value: &Value, email: &str, password: &str) -> Option<Self> {
        let text = |pointer: &str| value.pointer(pointer)?.as_str().map(str::to_owned);
        Some(Self {
            email: text(email)?,
            password: text(password)?.into_bytes(),
        })
    }

    /// Two texts within a JSON body, which must say that it is one.
    fn in_json(
        headers: &HeaderMap,
        body: &[u8],
        email: &str,
        password: &str,
    ) -> Result<Self, StatusCode> {
        json_body(headers, body)
            .and_then(|value| Self::at(&value, email, password).ok_or(MALFORMED))
    }
}

/// A body that must say that it is JSON, and be it.
fn json_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, StatusCode> {
    of_type(headers, "application/json")?;
    serde_json::from_slice(body).map_err(|_| MALFORMED)
}

/// Whether a body says that it is of this type.
fn of_type(headers: &HeaderMap, wanted: &str) -> Result<(), StatusCode> {
    let said = super::gate::header(headers, "content-type").unwrap_or_default();
    let said = said.split(';').next().unwrap_or_default().trim();
    said.eq_ignore_ascii_case(wanted)
        .then_some(())
        .ok_or(StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

fn bearer(token: &str) -> Vec<(&'static str, String)> {
    vec![("authorization", format!("Bearer {token}"))]
}

fn utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An IV for the app; a login's content changes it, as chance would.
fn app_iv(email: &str, password: &str) -> [u8; 16] {
    let hash = email.bytes().chain(password.bytes()).fold(1, |hash, byte| {
        crate::timetable::mix(hash ^ u64::from(byte))
    });
    super::iv(hash)
}

/// When a booking was made, for portals that tell: a time that is not its start.
fn made(booking: &TruthBooking) -> DateTime<Utc> {
    booking.start - TimeDelta::minutes(7 * 24 * 60 - 3)
}
