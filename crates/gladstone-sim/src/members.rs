//! The club's members, their attempts to sign in, and the lock after too many. Knows neither HTTP
//! nor JSON.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

/// Seconds that a member's token is good for.
pub(crate) const TOKEN_LIFE: u32 = 30 * 60;
/// So many failures in a row lock an e-mail, for so long.
const FAILURES: u32 = 5;
const LOCKED: TimeDelta = TimeDelta::minutes(30);

/// Somebody with a password. Several may share an e-mail.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// The outcome of an attempt to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginOutcome {
    /// The member with that number.
    Accepted(usize),
    /// No member has both this e-mail and this password.
    Wrong,
    /// Too many failures; the password was not even looked at.
    Locked,
}

/// Every attempt so far, and which e-mails are locked.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    /// E-mail and success, in order.
    pub(crate) attempts: Vec<(String, bool)>,
    /// The passwords of the attempts, byte for byte.
    pub(crate) passwords: Vec<Vec<u8>>,
    failures: HashMap<String, Failures>,
}

#[derive(Debug, Default)]
struct Failures {
    count: u32,
    locked_until: Option<DateTime<Utc>>,
}

/// E-mail and password of the one member of a club that names none.
pub const DEFAULT_MEMBER: (&str, &str) = ("alex@example.org", "correct horse battery staple");

impl Member {
    pub(crate) fn new(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            password: password.into(),
        }
    }
}

impl Logins {
    /// Notes an attempt and says what becomes of it. E-mail and password are compared byte for
    /// byte.
    pub(crate) fn attempt_login(
        &mut self,
        members: &[Member],
        email: &str,
        password: &[u8],
        now: DateTime<Utc>,
    ) -> LoginOutcome {
        let outcome = self.check_password(members, email, password, now);
        self.attempts.push((
            email.to_owned(),
            matches!(outcome, LoginOutcome::Accepted(_)),
        ));
        self.passwords.push(password.to_vec());
        outcome
    }

    fn check_password(
        &mut self,
        members: &[Member],
        email: &str,
        password: &[u8],
        now: DateTime<Utc>,
    ) -> LoginOutcome {
        let failures = self.failures.entry(email.to_owned()).or_default();
        if failures.locked_until.is_some_and(|until| now < until) {
            return LoginOutcome::Locked;
        }
        let found = members
            .iter()
            .position(|it| it.email == email && it.password.as_bytes() == password);
        if let Some(number) = found {
            *failures = Failures::default();
            return LoginOutcome::Accepted(number);
        }
        failures.count += 1;
        if failures.count >= FAILURES {
            *failures = Failures {
                count: 0,
                locked_until: Some(now + LOCKED),
            };
        }
        LoginOutcome::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-11-23T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn twins() -> [Member; 2] {
        ["one", "two"].map(|password| Member {
            email: "twins@example.org".to_owned(),
            password: password.to_owned(),
        })
    }

    #[test]
    fn the_password_tells_members_of_one_email_apart() {
        let mut logins = Logins::default();
        let mut attempt = |password: &str| {
            logins.attempt_login(&twins(), "twins@example.org", password.as_bytes(), at(0))
        };
        assert_eq!(attempt("two"), LoginOutcome::Accepted(1));
        assert_eq!(attempt("one"), LoginOutcome::Accepted(0));
        assert_eq!(attempt("one "), LoginOutcome::Wrong);
    }

    #[test]
    fn five_failures_lock_one_email_for_half_an_hour() {
        let mut logins = Logins::default();
        let mut attempt = |email: &str, password: &str, minute| {
            logins.attempt_login(&twins(), email, password.as_bytes(), at(minute))
        };
        for _ in 0..5 {
            assert_eq!(attempt("twins@example.org", "no", 0), LoginOutcome::Wrong);
        }
        assert_eq!(
            attempt("twins@example.org", "one", 29),
            LoginOutcome::Locked
        );
        assert_eq!(attempt("other@example.org", "one", 29), LoginOutcome::Wrong);
        assert_eq!(
            attempt("twins@example.org", "one", 30),
            LoginOutcome::Accepted(0)
        );
    }

    #[test]
    fn a_success_forgives_earlier_failures() {
        let mut logins = Logins::default();
        for password in ["no", "no", "no", "no", "one", "no", "no", "no", "no"] {
            logins.attempt_login(&twins(), "twins@example.org", password.as_bytes(), at(0));
        }
        assert_eq!(
            logins.attempt_login(&twins(), "twins@example.org", b"one", at(0)),
            LoginOutcome::Accepted(0)
        );
        assert_eq!(
            logins
                .attempts
                .iter()
                .filter(|(_, success)| *success)
                .count(),
            2
        );
    }
}
