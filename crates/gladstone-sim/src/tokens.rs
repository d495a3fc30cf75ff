//! Tokens of visitors and members: JWTs in shape, signed by nobody.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// The tokens issued so far.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    issued: u64,
    grants: HashMap<String, Grant>,
}

#[derive(Debug)]
struct Grant {
    holder: Holder,
    until: DateTime<Utc>,
}

/// Holder of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Nobody's in particular.
    Anonymous,
    /// The member's with that number.
    Member(usize),
}

impl Tokens {
    /// None yet, the next one numbered so: two portals never issue the same token if they count
    /// from far apart.
    pub(crate) fn counting_from(issued: u64) -> Self {
        Self {
            issued,
            ..Self::default()
        }
    }

    /// A new token, good for that many seconds.
    pub(crate) fn issue_token(&mut self, holder: Holder, now: DateTime<Utc>, life: u32) -> String {
        self.issued += 1;
        let until = now + TimeDelta::seconds(i64::from(life));
        let subject = match holder {
            Holder::Anonymous => "anonymous".to_owned(),
            Holder::Member(number) => format!("member-{}", number + 1),
        };
        let claims = json!({
            "sub": subject, "jti": self.issued, "iat": now.timestamp(), "exp": until.timestamp(),
        });
        let parts = [
            r#"{"alg":"HS256","typ":"JWT"}"#,
            &claims.to_string(),
            "gladstone-sim signs nothing at all",
        ];
        let token = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        self.grants.insert(token.clone(), Grant { holder, until });
        token
    }

    /// Finds the holder of a token that was issued here, is not made invalid and is in time.
    pub(crate) fn find_holder(&self, token: &str, now: DateTime<Utc>) -> Option<Holder> {
        self.grants
            .get(token)
            .filter(|grant| now < grant.until)
            .map(|grant| grant.holder)
    }

    pub(crate) fn count_issued(&self) -> u64 {
        self.issued
    }

    pub(crate) fn expire_all(&mut self) {
        self.grants.clear();
    }

    /// Makes those of members invalid.
    pub(crate) fn expire_members(&mut self) {
        self.grants
            .retain(|_, grant| grant.holder == Holder::Anonymous);
    }
}
