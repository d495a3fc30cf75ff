//! Where an answer brings the member's token, as the profile has it. What is wrong with a token is
//! said in words.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::gladstone::{
    cookies::Received,
    endpoints::path_of,
    envelope,
    profile::{Profile, Sealing, Token},
};

/// Written by servers in place of no token.
const NOTHING: [&str; 11] = [
    "",
    "deleted",
    "deleteme",
    "null",
    "undefined",
    "none",
    "nil",
    "false",
    "0",
    "-1",
    "expired",
];

/// Returns the token, if an answer brings one where the profile says.
pub(super) fn find_token(
    profile: &Profile,
    host: &str,
    cookies: &Received,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<Option<String>, String> {
    let place = &profile.token;
    let token = if place.cookie.is_empty() {
        find_in_body(place, host, body)?
    } else {
        // A cookie that is sent as one must be one of the requests to come.
        let bookings = path_of(&profile.bookings.upcoming);
        let path = (place.send == "cookie").then_some(bookings);
        cookies.token(&place.cookie, path, now)?
    };
    let is_token =
        |token: &String| !NOTHING.contains(&token.trim_matches('"').to_lowercase().as_str());
    Ok(token.filter(is_token))
}

fn find_in_body(place: &Token, host: &str, body: &[u8]) -> Result<Option<String>, String> {
    let mut plain = body.to_vec();
    if place.sealing != Sealing::None {
        let Some(sealed) = sealed_text(place, body) else {
            return Ok(None);
        };
        match envelope::open(&sealed, host, place.sealing) {
            Ok(opened) => plain = opened,
            // A refusal is not sealed, as a rule.
            Err(_) if serde_json::from_slice::<Value>(body).is_ok() => return Ok(None),
            Err(error) => return Err(error.to_string()),
        }
    }
    match serde_json::from_slice::<Value>(&plain) {
        Ok(body) => Ok(string_at(&body, &place.pointer)),
        // A body that is nothing but the token.
        Err(_) if place.pointer.is_empty() => {
            let text = String::from_utf8(plain).unwrap_or_default();
            let text = text.trim();
            Ok(is_token(text).then(|| text.to_owned()))
        }
        Err(_) => Ok(None),
    }
}

/// Tells whether a text may be a token, and no page or JSON.
fn is_token(text: &str) -> bool {
    let mut bytes = text.bytes();
    !text.is_empty() && bytes.all(|byte| byte.is_ascii_graphic() && !b"<>{}".contains(&byte))
}

/// Opens what is sealed in a body, where the profile says that something is.
pub(super) fn open_sealed(place: &Token, host: &str, body: &[u8]) -> Option<Vec<u8>> {
    if place.sealing == Sealing::None {
        return None;
    }
    envelope::open(&sealed_text(place, body)?, host, place.sealing).ok()
}

fn sealed_text(place: &Token, body: &[u8]) -> Option<String> {
    if place.envelope.is_empty() {
        return Some(String::from_utf8_lossy(body).into_owned());
    }
    string_at(&serde_json::from_slice(body).ok()?, &place.envelope)
}

fn string_at(value: &Value, pointer: &str) -> Option<String> {
    value
        .pointer(pointer)?
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(portal: &str) -> Profile {
        Profile::new(&portal.parse().unwrap()).unwrap()
    }

    /// The token of a body, or what is wrong with it.
    fn found(portal: &str, body: &str) -> String {
        let now = DateTime::UNIX_EPOCH;
        let cookies = Received::default();
        match find_token(
            &profile(portal),
            "club.example",
            &cookies,
            body.as_bytes(),
            now,
        ) {
            Ok(token) => token.unwrap_or_default(),
            Err(wrong) => wrong,
        }
    }

    #[test]
    fn a_sealed_token_is_opened_and_what_is_open_is_none() {
        const SEALED: &str = "[token]\ncookie = \"\"\nsealing = \"aes-256-gcm\"\n";
        let seal =
            |text: &str| envelope::seal(text.as_bytes(), "club.example", Sealing::Gcm).unwrap();
        let wrapped = format!("{SEALED}envelope = \"/data\"\npointer = \"/token\"\n");
        let data = |text: &str| format!("{{\"data\":\"{}\"}}", seal(text));
        let whole = format!("{SEALED}pointer = \"/token\"\n");
        for (portal, body, token) in [
            (wrapped.as_str(), data("{\"token\":\"t0k\"}"), "t0k"),
            (&wrapped, data("{\"token\":\"\"}"), ""),
            (&wrapped, "{\"data\":\"AAAA\"}".to_owned(), ""),
            (&wrapped, "{\"token\":\"t0k\"}".to_owned(), ""),
            (&wrapped, "welcome".to_owned(), ""),
            (&whole, seal("{\"token\":\"t0k\"}"), "t0k"),
            (&whole, "{\"token\":\"t0k\"}".to_owned(), ""),
            (SEALED, seal("t0k"), "t0k"),
        ] {
            assert_eq!(found(portal, &body), token, "{body}");
        }
        assert!(found(&whole, "AAAA").contains("a sealed text"));
        let opened = |portal: &str, body: &str| {
            open_sealed(&profile(portal).token, "club.example", body.as_bytes())
        };
        assert_eq!(opened(&wrapped, &data("no")).as_deref(), Some(&b"no"[..]));
        assert_eq!(opened(&whole, &seal("no")).as_deref(), Some(&b"no"[..]));
        assert_eq!(opened(&wrapped, "{\"success\":false}"), None);
        assert_eq!(opened("", "no"), None);
    }

    #[test]
    fn a_body_that_is_a_token_is_one_printable_word() {
        let portal = "[token]\ncookie = \"\"\n";
        for (body, token) in [
            ("t0k.en-1", "t0k.en-1"),
            (" t0k\n", "t0k"),
            ("\"t0k\"", "t0k"),
            ("", ""),
            ("two w0rds", ""),
            ("t0k{", ""),
            ("t0k\u{7f}", ""),
            ("deleted", ""),
            ("\"Null\"", ""),
        ] {
            assert_eq!(found(portal, body), token, "{body}");
        }
        assert_eq!(found(&format!("{portal}pointer = \"/token\"\n"), "t0k"), "");
    }
}
