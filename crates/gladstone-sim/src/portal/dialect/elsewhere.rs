//! Credentials that are in no body of JSON: in `Authorization: Basic`, in headers, in the query, or
//! in the parts of a form. All else is as in the assumed shape, but for times, whose offset has no
//! colon.

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{AppCall, Asked, Credentials, Dialect, MALFORMED, Pass, assumed::Assumed, of_type};
use crate::{
    diary::TruthBooking,
    portal::{fields, gate, parameters::Parameters},
};

/// Where the credentials are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elsewhere {
    Basic,
    Headers,
    Query,
    Parts,
}

const USER: &str = "x-username";
const PASSWORD: &str = "x-password";
const BOUNDARY: &str = "----WebKitFormBoundaryq7rT0sX2";

impl Dialect for Elsewhere {
    fn login_path(&self) -> &'static str {
        match self {
            Self::Basic | Self::Headers => "/api/token",
            Self::Query | Self::Parts => "/api/login",
        }
    }

    fn by_get(&self) -> bool {
        *self == Self::Query
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Credentials, StatusCode> {
        match self {
            Self::Basic => in_basic(headers),
            Self::Headers => in_headers(headers),
            Self::Query => in_query(body),
            Self::Parts => in_parts(headers, body),
        }
        .ok_or(MALFORMED)
    }

    fn welcome(&self, pass: &Pass) -> Response {
        Assumed.welcome(pass)
    }

    fn refuse(&self, locked: bool) -> Response {
        Assumed.refuse(locked)
    }

    fn token<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        Assumed.token(headers)
    }

    fn bookings_paths(&self) -> &'static [&'static str] {
        Assumed.bookings_paths()
    }

    fn asked(
        &self,
        path: &str,
        parameters: &Parameters,
        now: DateTime<Utc>,
    ) -> Result<Asked, String> {
        Assumed.asked(path, parameters, now)
    }

    fn bookings(&self, bookings: &[&TruthBooking]) -> Value {
        let mut rows = Assumed.bookings(bookings);
        for row in rows.as_array_mut().into_iter().flatten() {
            for name in ["startTime", "endTime"] {
                if let Some(time) = row[name]
                    .as_str()
                    .map(|time| time.replace('Z', ".000+0000"))
                {
                    row[name] = time.into();
                }
            }
        }
        rows
    }

    fn sign_in(&self, _: &str, email: &str, password: &str) -> AppCall {
        let call = |headers, body| AppCall { headers, body };
        let json = ("content-type", "application/json".to_owned());
        match self {
            Self::Basic => {
                let basic = format!("Basic {}", STANDARD.encode(format!("{email}:{password}")));
                call(vec![json, ("authorization", basic)], String::new())
            }
            Self::Headers => call(
                vec![
                    json,
                    (USER, email.to_owned()),
                    (PASSWORD, password.to_owned()),
                ],
                "{}".to_owned(),
            ),
            Self::Query => call(
                Vec::new(),
                fields::encoded([("email", email), ("password", password)].into_iter()),
            ),
            Self::Parts => {
                let part = |(name, value)| {
                    format!(
                        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                    )
                };
                let parts: String = [("email", email), ("password", password)]
                    .map(part)
                    .concat();
                let kind = (
                    "content-type",
                    format!("multipart/form-data; boundary={BOUNDARY}"),
                );
                call(vec![kind], format!("{parts}--{BOUNDARY}--\r\n"))
            }
        }
    }

    fn carried(&self, host: &str, answer: &[u8]) -> Vec<(&'static str, String)> {
        Assumed.carried(host, answer)
    }

    fn listings(&self, now: DateTime<Utc>) -> [String; 2] {
        Assumed.listings(now)
    }
}

fn in_basic(headers: &HeaderMap) -> Option<Credentials> {
    let encoded = gate::header(headers, "authorization")?.strip_prefix("Basic ")?;
    let plain = STANDARD.decode(encoded).ok()?;
    let colon = plain.iter().position(|byte| *byte == b':')?;
    Some(Credentials {
        email: text(&plain[..colon]),
        password: plain[colon + 1..].to_vec(),
    })
}

/// Values of headers are bytes of Latin-1.
fn in_headers(headers: &HeaderMap) -> Option<Credentials> {
    let value = |name: &str| {
        Some(
            headers
                .get(name)?
                .as_bytes()
                .iter()
                .map(|byte| char::from(*byte))
                .collect::<String>(),
        )
    };
    Some(Credentials {
        email: value(USER)?,
        password: value(PASSWORD)?.into_bytes(),
    })
}

fn in_query(query: &[u8]) -> Option<Credentials> {
    let pairs = fields::decoded(query);
    let value = |name: &str| {
        Some(
            pairs
                .iter()
                .find(|(known, _)| known == name.as_bytes())?
                .1
                .clone(),
        )
    };
    Some(Credentials {
        email: text(&value("email")?),
        password: value("password")?,
    })
}

/// Two parts, whatever the boundary is; every line ends with CR and LF.
fn in_parts(headers: &HeaderMap, body: &[u8]) -> Option<Credentials> {
    of_type(headers, "multipart/form-data").ok()?;
    let boundary = gate::header(headers, "content-type")?
        .split_once("boundary=")?
        .1;
    let body = text(body);
    let parts = body.strip_suffix(&format!("--{boundary}--\r\n"))?;
    let value = |name: &str| {
        let head =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        let (value, _) = parts
            .split_once(&head)?
            .1
            .split_once(&format!("\r\n--{boundary}"))
            .or_else(|| Some((parts.split_once(&head)?.1.strip_suffix("\r\n")?, "")))?;
        Some(value.to_owned())
    };
    Some(Credentials {
        email: value("email")?,
        password: value("password")?.into_bytes(),
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
