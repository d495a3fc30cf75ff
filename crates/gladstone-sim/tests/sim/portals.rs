//! A client of each shape, written from the README's table and not from the code.

use aes::{Aes256, cipher::KeyIvInit};
use aes_gcm::{Aes256Gcm, KeyInit, aead::Aead};
use base64::{Engine, engine::general_purpose::STANDARD};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, block_padding::Pkcs7};
use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Europe::London;
use gladstone_sim::{Club, Shape, TruthBooking};
use serde_json::{Value, json};

use crate::http::{Answer, request, send};

/// The host-derived key of a club on 127.0.0.1.
const KEY: &[u8; 32] = b"127.0.0.1127.0.0.1127.0.0.1127.0";

/// The default member.
pub(crate) const ALEX: (&str, &str) = gladstone_sim::DEFAULT_MEMBER;

/// Headers of a session.
pub(crate) type Session = Vec<(&'static str, String)>;

/// Where a shape keeps a booking's fields.
struct Fields {
    items: &'static str,
    reference: &'static [&'static str],
    start: &'static str,
    end: &'static str,
    activity: &'static str,
    court: &'static [&'static str],
    site: &'static str,
    status: &'static str,
}

pub(crate) fn login_path(shape: Shape) -> &'static str {
    match shape {
        Shape::Token => "/api/identity/v1/token",
        Shape::Form => "/account/sign-in",
        Shape::SealedCbc => "/api/auth/secure-login",
        Shape::SealedGcm => "/api/v2/sessions",
        Shape::Odd => "/rest/0/auth",
        Shape::Basic | Shape::Headers => "/api/token",
        Shape::Query | Shape::Parts => "/api/login",
        Shape::Assumed | Shape::Absent => "/api/samlauthentication/login",
    }
}

/// Content type and body of a login.
pub(crate) fn login_body(shape: Shape, email: &str, password: &str) -> (&'static str, String) {
    let json = |value: Value| ("application/json", value.to_string());
    match shape {
        Shape::Assumed | Shape::Absent => json(json!({"email": email, "password": password})),
        Shape::Token => json(json!({"grant": "password", "secret": password, "userName": email})),
        Shape::Odd => json(json!({"fn": "auth", "args": [email, password, false]})),
        Shape::Basic | Shape::Query => ("application/json", String::new()),
        Shape::Headers => json(json!({})),
        Shape::Parts => {
            let part = |name, value| {
                format!(
                    "--frontier\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
            };
            let body = format!(
                "{}{}--frontier--\r\n",
                part("password", password),
                part("email", email)
            );
            ("multipart/form-data; boundary=frontier", body)
        }
        Shape::SealedCbc => json(
            json!({"payload": seal_cbc(&json!({"Email": email, "Password": password}).to_string())}),
        ),
        Shape::SealedGcm => {
            let inner = json!({"login": email, "pwd": password, "device": "web"}).to_string();
            ("text/plain", seal_gcm(&inner))
        }
        Shape::Form => {
            let hex = |text: &str| {
                text.bytes()
                    .map(|byte| format!("%{byte:02x}"))
                    .collect::<String>()
            };
            let (email, password) = (hex(email), hex(password));
            let body =
                format!("RememberMe=true&Username={email}&Password={password}&ReturnUrl=%2F");
            ("application/x-www-form-urlencoded", body)
        }
    }
}

pub(crate) fn login(club: &Club, shape: Shape, email: &str, password: &str) -> Answer {
    let (content_type, body) = login_body(shape, email, password);
    let mut headers = vec![("Content-Type", content_type)];
    let basic = format!("Basic {}", STANDARD.encode(format!("{email}:{password}")));
    let hex = |text: &str| {
        text.bytes()
            .map(|byte| format!("%{byte:02x}"))
            .collect::<String>()
    };
    let query = format!(
        "{}?password={}&email={}",
        login_path(shape),
        hex(password),
        hex(email)
    );
    match shape {
        Shape::Form => headers.push(("X-Requested-With", "XMLHttpRequest")),
        Shape::Basic => headers.push(("Authorization", &basic)),
        Shape::Headers => headers.extend([("X-Username", email), ("X-Password", password)]),
        Shape::Query => return request(club, "GET", &query, &[]).unwrap(),
        _ => {}
    }
    send(club, "POST", login_path(shape), &headers, &body).unwrap()
}

/// The session that a login brought, if any.
pub(crate) fn session(shape: Shape, answer: &Answer) -> Option<Session> {
    let cookie = |name: &str| {
        answer
            .headers
            .get("set-cookie")
            .filter(|cookie| cookie.starts_with(&format!("{name}=")))
    };
    let cookie = |name: &str| cookie(name).map(|_| ("Cookie", answer.cookie().to_owned()));
    let bearer = |token: &Value| {
        token
            .as_str()
            .map(|token| vec![("Authorization", format!("Bearer {token}"))])
    };
    match shape {
        Shape::Assumed
        | Shape::Absent
        | Shape::Basic
        | Shape::Headers
        | Shape::Query
        | Shape::Parts => cookie("Jwt").map(|cookie| vec![cookie, ("X-Use-Sso", "1".to_owned())]),
        Shape::Form => cookie(".Club.Session").map(|cookie| vec![cookie]),
        Shape::Odd => cookie("sid").map(|cookie| vec![cookie]),
        Shape::Token => bearer(&answer.json()["result"]["accessToken"]),
        Shape::SealedCbc => bearer(&open_cbc(answer.text())?["Token"]),
        Shape::SealedGcm => bearer(&open_gcm(answer.json()["data"].as_str()?)["session"]["jwt"]),
    }
}

/// The default member's session.
pub(crate) fn signed_in(club: &Club, shape: Shape) -> Session {
    session(shape, &login(club, shape, ALEX.0, ALEX.1)).unwrap_or_else(|| panic!("{shape:?}"))
}

pub(crate) fn get(club: &Club, target: &str, session: &Session) -> Answer {
    let headers: Vec<_> = session
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    request(club, "GET", target, &headers).unwrap()
}

/// Upcoming and past, as of 2026-11-23T09:00:00Z where the client has to say so.
pub(crate) fn listings(shape: Shape) -> [&'static str; 2] {
    match shape {
        Shape::Assumed
        | Shape::Absent
        | Shape::Basic
        | Shape::Headers
        | Shape::Query
        | Shape::Parts => [
            "/api/bookings?dateFrom=2026-11-23T09:00:00.000Z&dateTo=2027-11-23T09:00:00.000Z",
            "/api/bookings?dateFrom=2020-01-01T00:00:00.000Z&dateTo=2026-11-23T08:59:59.000Z",
        ],
        Shape::Token => [
            "/api/reservations/v1/mine?view=upcoming",
            "/api/reservations/v1/mine?view=past",
        ],
        Shape::Form => [
            "/account/bookings/upcoming.json",
            "/account/bookings/history.json",
        ],
        Shape::SealedCbc => [
            "/api/member/bookings/list?from=2026-11-23&to=2027-11-23",
            "/api/member/bookings/list?from=2020-01-01&to=2026-11-22",
        ],
        Shape::SealedGcm => ["/api/v2/me/visits/next", "/api/v2/me/visits/past"],
        Shape::Odd => ["/rest/0/list?t=1", "/rest/0/list?t=2"],
    }
}

/// The bookings of an answer, by start.
pub(crate) fn read(shape: Shape, answer: &Value) -> Vec<TruthBooking> {
    let fields = fields(shape);
    let items = answer
        .pointer(fields.items)
        .and_then(Value::as_array)
        .unwrap();
    let mut bookings: Vec<_> = items.iter().map(|item| fields.read(item)).collect();
    bookings.sort_by_key(|booking| booking.start);
    bookings
}

fn fields(shape: Shape) -> Fields {
    let new = |items, reference, start, end, activity, court, site, status| Fields {
        items,
        reference,
        start,
        end,
        activity,
        court,
        site,
        status,
    };
    match shape {
        Shape::Assumed
        | Shape::Absent
        | Shape::Basic
        | Shape::Headers
        | Shape::Query
        | Shape::Parts => new(
            "",
            &["/bookingReference"],
            "/startTime",
            "/endTime",
            "/activityName",
            &["/locationName"],
            "/siteName",
            "/status",
        ),
        Shape::Token => new(
            "/data/reservations",
            &["/ref"],
            "/slot/from",
            "/slot/to",
            "/what/title",
            &["/where/court/label"],
            "/where/venue/label",
            "/state/text",
        ),
        Shape::Form => new(
            "/Model/Rows",
            &["/BookingRef"],
            "/Starts",
            "/Ends",
            "/Title",
            &["/Facility"],
            "/Club",
            "/StatusText",
        ),
        Shape::SealedCbc => new(
            "/bookings/list",
            &["/bookingNumber"],
            "/start",
            "/end",
            "/description",
            &["/resource/name"],
            "/centre/name",
            "/bookingState",
        ),
        Shape::SealedGcm => new(
            "/items",
            &["/bookingCode"],
            "/times/0",
            "/times/1",
            "/activity/name",
            &["/courts/0/name"],
            "/centre",
            "/state",
        ),
        Shape::Odd => new(
            "/0",
            &["/0_ref", "/0_ref~0old"],
            "/1_from~1ms",
            "/2_to~1ms",
            "/3_activity name",
            &["/4_court", "/4_courts/0"],
            "/5_site",
            "/6_status",
        ),
    }
}

impl Fields {
    fn read(&self, item: &Value) -> TruthBooking {
        let text =
            |pointers: &[&str]| match pointers.iter().find_map(|pointer| item.pointer(pointer)) {
                None | Some(Value::Null) => None,
                Some(Value::String(text)) if text.is_empty() => None,
                Some(Value::String(text)) => Some(text.clone()),
                Some(other) => Some(other.to_string()),
            };
        let time = |pointer| text(&[pointer]).map(|text| instant(&text));
        TruthBooking {
            reference: text(self.reference),
            start: time(self.start).unwrap(),
            end: time(self.end),
            activity: text(&[self.activity]).unwrap(),
            court: text(self.court),
            site: text(&[self.site]).unwrap(),
            status: text(&[self.status]).unwrap(),
        }
    }
}

/// A time in any of the ways that occur; `:59` is rounded up.
fn instant(text: &str) -> DateTime<Utc> {
    let text = &text.replace("+0000", "Z");
    let at = match (text.parse(), DateTime::parse_from_rfc3339(text)) {
        (Ok(millis), _) => DateTime::from_timestamp_millis(millis).unwrap(),
        (_, Ok(at)) => at.to_utc(),
        _ => {
            let local: NaiveDateTime = text.parse().unwrap();
            London
                .from_local_datetime(&local)
                .earliest()
                .unwrap()
                .to_utc()
        }
    };
    if at.timestamp() % 60 == 59 {
        at + TimeDelta::seconds(1)
    } else {
        at
    }
}

fn seal_cbc(plain: &str) -> String {
    let iv = [7; 16];
    let sealed = cbc::Encryptor::<Aes256>::new(KEY.into(), &iv.into())
        .encrypt_padded_vec::<Pkcs7>(plain.as_bytes());
    STANDARD.encode([&iv[..], &sealed].concat())
}

fn open_cbc(envelope: &str) -> Option<Value> {
    let bytes = STANDARD.decode(envelope).ok()?;
    let iv: [u8; 16] = bytes.get(..16)?.try_into().ok()?;
    let plain = cbc::Decryptor::<Aes256>::new(KEY.into(), &iv.into())
        .decrypt_padded_vec::<Pkcs7>(&bytes[16..]);
    serde_json::from_slice(&plain.ok()?).ok()
}

fn seal_gcm(plain: &str) -> String {
    let nonce = [9; 12];
    let sealed = Aes256Gcm::new(KEY.into())
        .encrypt(&nonce.into(), plain.as_bytes())
        .unwrap();
    STANDARD.encode([&nonce[..], &sealed].concat())
}

fn open_gcm(envelope: &str) -> Value {
    let bytes = STANDARD.decode(envelope).unwrap();
    let nonce: [u8; 12] = bytes[..12].try_into().unwrap();
    let plain = Aes256Gcm::new(KEY.into())
        .decrypt(&nonce.into(), &bytes[12..])
        .unwrap();
    serde_json::from_slice(&plain).unwrap()
}
