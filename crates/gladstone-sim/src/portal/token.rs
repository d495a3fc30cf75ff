//! Anonymous tokens: JWTs in shape, signed by nobody.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// The tokens issued so far.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: u64,
    valid_until: HashMap<String, DateTime<Utc>>,
}

impl Tokens {
    /// A new token, good for that many seconds.
    pub(crate) fn issue(&mut self, now: DateTime<Utc>, life: u32) -> String {
        self.issued += 1;
        let until = now + TimeDelta::seconds(i64::from(life));
        let claims = json!({"sub": "anonymous", "jti": self.issued, "iat": now.timestamp(), "exp": until.timestamp()});
        let part = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
        let (header, claims) = (part(br#"{"alg":"HS256","typ":"JWT"}"#), part(claims.to_string().as_bytes()));
        let token = format!("{header}.{claims}.{}", part(b"gladstone-sim signs nothing at all"));
        self.valid_until.insert(token.clone(), until);
        token
    }

    /// Whether it was issued here, and neither its time is up nor was it made invalid.
    pub(crate) fn accept(&self, token: &str, now: DateTime<Utc>) -> bool {
        self.valid_until.get(token).is_some_and(|until| now < *until)
    }

    /// How many were issued.
    pub(crate) fn issued(&self) -> u64 {
        self.issued
    }

    /// Makes all of them invalid.
    pub(crate) fn expire(&mut self) {
        self.valid_until.clear();
    }
}
