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

/// A shape, as the README's tables have it.
struct Portal {
    login: &'static str,
    /// The session's cookie; a bearer token without.
    cookie: Option<&'static str>,
    /// Upcoming and past, as of 2026-11-23T09:00:00Z where the client has to say so.
    listings: [&'static str; 2],
    /// JSON pointers.
    items: &'static str,
    reference: &'static [&'static str],
    times: [&'static str; 2],
    activity: &'static str,
    court: &'static [&'static str],
    site: &'static str,
    status: &'static str,
}

const ASSUMED: Portal = Portal {
    login: "/api/samlauthentication/login",
    cookie: Some("Jwt"),
    listings: [
        "/api/bookings?dateFrom=2026-11-23T09:00:00.000Z&dateTo=2027-11-23T09:00:00.000Z",
        "/api/bookings?dateFrom=2020-01-01T00:00:00.000Z&dateTo=2026-11-23T08:59:59.000Z",
    ],
    items: "",
    reference: &["/bookingReference"],
    times: ["/startTime", "/endTime"],
    activity: "/activityName",
    court: &["/locationName"],
    site: "/siteName",
    status: "/status",
};
const TOKEN: Portal = Portal {
    login: "/api/identity/v1/token",
    cookie: None,
    listings: [
        "/api/reservations/v1/mine?view=upcoming",
        "/api/reservations/v1/mine?view=past",
    ],
    items: "/data/reservations",
    reference: &["/ref"],
    times: ["/slot/from", "/slot/to"],
    activity: "/what/title",
    court: &["/where/court/label"],
    site: "/where/venue/label",
    status: "/state/text",
};
const FORM: Portal = Portal {
    login: "/account/sign-in",
    cookie: Some(".Club.Session"),
    listings: [
        "/account/bookings/upcoming.json",
        "/account/bookings/history.json",
    ],
    items: "/Model/Rows",
    reference: &["/BookingRef"],
    times: ["/Starts", "/Ends"],
    activity: "/Title",
    court: &["/Facility"],
    site: "/Club",
    status: "/StatusText",
};
const SEALED_CBC: Portal = Portal {
    login: "/api/auth/secure-login",
    cookie: None,
    listings: [
        "/api/member/bookings/list?from=2026-11-23&to=2027-11-23",
        "/api/member/bookings/list?from=2020-01-01&to=2026-11-22",
    ],
    items: "/bookings/list",
    reference: &["/bookingNumber"],
    times: ["/start", "/end"],
    activity: "/description",
    court: &["/resource/name"],
    site: "/centre/name",
    status: "/bookingState",
};
const SEALED_GCM: Portal = Portal {
    login: "/api/v2/sessions",
    cookie: None,
    listings: ["/api/v2/me/visits/next", "/api/v2/me/visits/past"],
    items: "/items",
    reference: &["/bookingCode"],
    times: ["/times/0", "/times/1"],
    activity: "/activity/name",
    court: &["/courts/0/name"],
    site: "/centre",
    status: "/state",
};
const ODD: Portal = Portal {
    login: "/rest/0/auth",
    cookie: Some("sid"),
    listings: ["/rest/0/list?t=1", "/rest/0/list?t=2"],
    items: "/0",
    reference: &["/0_ref", "/0_ref~0old"],
    times: ["/1_from~1ms", "/2_to~1ms"],
    activity: "/3_activity name",
    court: &["/4_court", "/4_courts/0"],
    site: "/5_site",
    status: "/6_status",
};

fn portal(shape: Shape) -> Portal {
    let assumed = |login| Portal { login, ..ASSUMED };
    match shape {
        Shape::Assumed | Shape::Absent => ASSUMED,
        Shape::Token => TOKEN,
        Shape::Form => FORM,
        Shape::SealedCbc => SEALED_CBC,
        Shape::SealedGcm => SEALED_GCM,
        Shape::Odd => ODD,
        Shape::Basic | Shape::Headers => assumed("/api/token"),
        Shape::Query | Shape::Parts => assumed("/api/login"),
    }
}

pub(crate) fn login_path(shape: Shape) -> &'static str {
    portal(shape).login
}

/// Upcoming and past.
pub(crate) fn listings(shape: Shape) -> [&'static str; 2] {
    portal(shape).listings
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
                let head = "Content-Disposition: form-data";
                format!("--frontier\r\n{head}; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            let body = format!(
                "{}{}--frontier--\r\n",
                part("password", password),
                part("email", email)
            );
            ("multipart/form-data; boundary=frontier", body)
        }
        Shape::SealedCbc => {
            let inner = json!({"Email": email, "Password": password}).to_string();
            json(json!({"payload": seal_cbc(&inner)}))
        }
        Shape::SealedGcm => {
            let inner = json!({"login": email, "pwd": password, "device": "web"}).to_string();
            ("text/plain", seal_gcm(&inner))
        }
        Shape::Form => {
            let (email, password) = (escape(email), escape(password));
            let body =
                format!("RememberMe=true&Username={email}&Password={password}&ReturnUrl=%2F");
            ("application/x-www-form-urlencoded", body)
        }
    }
}

fn escape(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

pub(crate) fn login(club: &Club, shape: Shape, email: &str, password: &str) -> Answer {
    let (content_type, body) = login_body(shape, email, password);
    let mut headers = vec![("Content-Type", content_type)];
    let basic = format!("Basic {}", STANDARD.encode(format!("{email}:{password}")));
    let (path, user, word) = (login_path(shape), escape(email), escape(password));
    let query = format!("{path}?password={word}&email={user}");
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
    if let Some(name) = portal(shape).cookie {
        let cookie = answer.headers.get("set-cookie")?;
        cookie.starts_with(&format!("{name}=")).then_some(())?;
        let mut session = vec![("Cookie", answer.cookie().to_owned())];
        session.extend((name == "Jwt").then(|| ("X-Use-Sso", "1".to_owned())));
        return Some(session);
    }
    let token = match shape {
        Shape::SealedCbc => open_cbc(answer.text())?["Token"].clone(),
        Shape::SealedGcm => open_gcm(answer.json()["data"].as_str()?)["session"]["jwt"].clone(),
        _ => answer.json()["result"]["accessToken"].clone(),
    };
    Some(vec![(
        "Authorization",
        format!("Bearer {}", token.as_str()?),
    )])
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

/// The bookings of an answer, by start.
pub(crate) fn read(shape: Shape, answer: &Value) -> Vec<TruthBooking> {
    let portal = portal(shape);
    let items = answer
        .pointer(portal.items)
        .and_then(Value::as_array)
        .unwrap();
    let mut bookings: Vec<_> = items.iter().map(|item| portal.read(item)).collect();
    bookings.sort_by_key(|booking| booking.start);
    bookings
}

impl Portal {
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
            start: time(self.times[0]).unwrap(),
            end: time(self.times[1]),
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
