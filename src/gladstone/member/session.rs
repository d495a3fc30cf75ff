//! A member's session: its token, its cookies, and how requests carry them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::gladstone::{cookies::Jar, identity::Identity, profile::Profile, token::is_fresh};

/// Its token is worth a password for half an hour: no `Debug`, and sealed at rest.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct MemberSession {
    pub(super) token: String,
    /// Time of the sign-in.
    pub(super) began: DateTime<Utc>,
    /// End of the token, as it says itself or as the profile has it.
    pub(super) ends: DateTime<Utc>,
    pub(super) cookies: Jar,
}

impl MemberSession {
    /// Returns `true` where both are the same session.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.token == other.token
    }

    /// Returns `true` while it can be used.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        is_fresh(self.ends, now)
    }

    /// Takes over what an answer has made of the cookies; `false` where that is what they were, or
    /// where it deletes the session's: whether that is over shows when it is not taken any more.
    pub(super) fn keep_cookies(&mut self, cookies: &Jar, profile: &Profile) -> bool {
        if profile.token.send == "cookie" {
            let token = cookies.value(&profile.token.cookie);
            let Some(token) = token.filter(|token| !token.is_empty()) else {
                return false;
            };
            token.clone_into(&mut self.token);
        }
        let differ = self.cookies != *cookies;
        self.cookies.clone_from(cookies);
        differ
    }

    /// Returns what a request must carry.
    pub(super) fn identity(&self, profile: &Profile) -> Identity {
        let place = &profile.token;
        let identity = match place.send.as_str() {
            "cookie" => Identity::cookies(&self.cookies),
            "bearer" => Identity::bearer(&self.token).with_cookies(&self.cookies),
            other => match other.strip_prefix("cookie:") {
                Some(name) => {
                    let mut cookies = self.cookies.clone();
                    cookies.set_value(name, &self.token);
                    Identity::cookies(&cookies)
                }
                None => Identity::default()
                    .with(other, &self.token)
                    .with_cookies(&self.cookies),
            },
        };
        let headers = place.headers.iter();
        headers.fold(identity, |identity, (name, value)| {
            identity.with(name.as_str(), value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_takes_over_what_an_answer_makes_of_its_cookies() {
        let profile = |send: &str| {
            let table = format!("[token]\nsend = '{send}'\nheaders = {{}}\n");
            Profile::new(&table.parse().unwrap()).unwrap()
        };
        let jar = |pairs: &[(&str, &str)]| {
            let mut jar = Jar::default();
            pairs
                .iter()
                .for_each(|(name, value)| jar.set_value(name, value));
            jar
        };
        let now = DateTime::UNIX_EPOCH;
        let member = |token: &str| MemberSession {
            token: token.to_owned(),
            began: now,
            ends: now,
            cookies: jar(&[("Jwt", token)]),
        };
        assert!(member("a").is_same(&member("a")) && !member("a").is_same(&member("b")));
        for (send, answered, is_new, token) in [
            ("cookie", &[("Jwt", "a")][..], false, "a"),
            ("cookie", &[("Jwt", "b")], true, "b"),
            ("cookie", &[("Jwt", "a"), ("Lb", "1")], true, "a"),
            ("cookie", &[("Jwt", "")], false, "a"),
            ("cookie", &[("Lb", "1")], false, "a"),
            ("bearer", &[("Jwt", "a")], false, "a"),
            ("bearer", &[("Jwt", "b")], true, "a"),
            ("bearer", &[], true, "a"),
        ] {
            let mut kept = member("a");
            assert_eq!(
                kept.keep_cookies(&jar(answered), &profile(send)),
                is_new,
                "{send} {answered:?}"
            );
            assert_eq!(kept.token, token, "{send} {answered:?}");
            let expected = if is_new {
                jar(answered)
            } else {
                jar(&[("Jwt", "a")])
            };
            assert!(kept.cookies == expected, "{send} {answered:?}");
        }
    }
}
