//! A portal profile from a member's own browser capture: the sign-in, the token and the bookings, without a secret.
//!
//! Pure: bytes in, a table and findings out. Each value is a guess until its evidence is in the capture; each finding
//! says which it is.

mod bookings;
mod fields;
mod har;
mod leaf;
mod request;
mod secret;
mod signin;
mod steps;
mod table;
mod tell;
#[cfg(test)]
mod tests;
mod token;
mod words;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use thiserror::Error;

use self::{
    har::Exchange,
    secret::{Secrets, looks_secret},
    signin::SignIn,
    table::Report,
};
pub use self::{
    har::hosts,
    steps::{CAPTURE_STEPS, numbered_steps},
};
use super::Profile;
use crate::{config::Credentials, text};

/// What a capture taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// `[portal.…]` for `config.toml`.
    pub table: String,
    /// Every value of the table and what is missing, in order.
    pub findings: Vec<Finding>,
}

/// One value of the profile, or its absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The value's name, such as `login.path`.
    pub name: String,
    /// The value as in TOML; empty when the capture does not show it.
    pub value: String,
    /// Whether the capture proves it.
    pub certain: bool,
    /// How it was found, in one sentence.
    pub how: String,
}

/// Why a capture teaches nothing. None of its contents is in it but names of hosts.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum LearnError {
    /// No JSON, or JSON of another kind.
    #[error("not a HAR: a browser's developer tools save one as JSON with `log` and `entries`")]
    NotHar,
    /// Nothing was asked of the club.
    #[error("a capture of {}, not of {wanted}", hosts.join(", "))]
    OtherHost {
        /// The club's host.
        wanted: String,
        /// At most three of the capture's, and `…` for more.
        hosts: Vec<String>,
    },
    /// No request carries the credentials.
    #[error("no request in the capture carries this e-mail and password")]
    NoSignIn,
    /// They are sent to another host.
    #[error("the sign-in of the capture goes to {0}, and padel sends a password to the club's own host only")]
    Elsewhere(String),
    /// The portal refused every sign-in of the capture.
    #[error("no sign-in in the capture worked")]
    Refused,
    /// The requests cannot be written as a profile.
    #[error("the sign-in of the capture cannot be written as a profile")]
    Unusable,
}

impl LearnError {
    fn other_host(wanted: &str, hosts: &[String]) -> Self {
        let more = hosts.len() > 3;
        let mut hosts: Vec<String> = hosts.iter().take(3).map(|host| text::line(host, text::NAME)).collect();
        if more {
            hosts.push("…".to_owned());
        }
        if hosts.is_empty() {
            hosts.push("nothing".to_owned());
        }
        Self::OtherHost { wanted: text::line(wanted, text::NAME), hosts }
    }
}

/// Learns the profile of the portal at `host` from a HAR.
///
/// # Errors
///
/// See [`LearnError`].
pub fn learn(har: &[u8], host: &str, credentials: &Credentials, now: DateTime<Utc>) -> Result<Learned, LearnError> {
    let exchanges = har::exchanges(har, host, now)?;
    let mut secrets = known_secrets(&exchanges, credentials);
    let sign_in = sign_in(&exchanges, host, credentials, &mut secrets).map_err(|error| match error {
        LearnError::NoSignIn => elsewhere(har, host, credentials, now).unwrap_or(error),
        error => error,
    })?;
    let calls =
        |indices: &[usize]| -> Vec<&Exchange> { indices.iter().filter_map(|index| exchanges.get(*index)).collect() };
    let seen = bookings::find(&exchanges, sign_in.index, &secrets).map(|found| found.calls);
    let calls = seen.map_or_else(|| after(&exchanges, sign_in.index), |indices| calls(&indices));
    let token = token::find(&exchanges, sign_in.index, &calls, host);
    // The bookings may have been asked for with a renewed token.
    let token = match token {
        Some(token) if token.seen => Some(token),
        token => token::find(&exchanges, sign_in.index, &after(&exchanges, sign_in.index), host).or(token),
    };
    if let Some(token) = &token {
        secrets.add(token.value.expose_secret());
    }
    let found = bookings::find(&exchanges, sign_in.index, &secrets);
    let mut report = Report::new(&secrets);
    tell::login(&mut report, &exchanges[sign_in.index], &sign_in, &secrets);
    tell::token(&mut report, token.as_ref(), &calls, &exchanges, &secrets);
    tell::bookings(&mut report, found.as_ref());
    let learned = report.finish();
    usable(&learned.table).then_some(learned).ok_or(LearnError::Unusable)
}

fn known_secrets(exchanges: &[Exchange], credentials: &Credentials) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add(credentials.user.expose_secret().trim());
    secrets.add(credentials.password.expose_secret());
    for exchange in exchanges {
        let cookies = exchange.cookies.iter().chain(&exchange.set);
        let authorization = exchange.headers.iter().filter(|(name, _)| name == "authorization");
        for value in cookies.chain(authorization).flat_map(|(_, value)| value.split(' ')) {
            if value.len() >= 16 || looks_secret(value) {
                secrets.add(value);
            }
        }
    }
    secrets
}

/// The last sign-in that worked, of those that carry most of the credentials; one whose token is used comes first.
fn sign_in(
    exchanges: &[Exchange],
    host: &str,
    credentials: &Credentials,
    secrets: &mut Secrets,
) -> Result<SignIn, LearnError> {
    let mut all = signin::candidates(exchanges, host, credentials, secrets);
    if all.is_empty() {
        return Err(LearnError::NoSignIn);
    }
    all.retain(|candidate| candidate.succeeded);
    let most = all.iter().map(SignIn::recognised).max().ok_or(LearnError::Refused)?;
    all.retain(|candidate| candidate.recognised() == most);
    let used = |candidate: &SignIn| {
        token::find(exchanges, candidate.index, &after(exchanges, candidate.index), host)
            .is_some_and(|token| token.seen)
    };
    let index = all.iter().rposition(used).unwrap_or(all.len() - 1);
    Ok(all.swap_remove(index))
}

/// Where the sign-in goes, if it is not to the club.
fn elsewhere(har: &[u8], host: &str, credentials: &Credentials, now: DateTime<Utc>) -> Option<LearnError> {
    let posted = har::posted_elsewhere(har, host, now).ok()?;
    let signs_in = |(host, exchange): &(String, Exchange)| {
        let found = signin::candidates(std::slice::from_ref(exchange), host, credentials, &mut Secrets::default());
        found.iter().any(|candidate| candidate.recognised() == 2)
    };
    posted.into_iter().find(signs_in).map(|(host, _)| LearnError::Elsewhere(text::line(&host, text::NAME)))
}

/// The requests behind a sign-in whose answers are JSON.
fn after(exchanges: &[Exchange], index: usize) -> Vec<&Exchange> {
    let json = |exchange: &&Exchange| {
        exchange.answer.trim_ascii_start().starts_with(b"{") || exchange.answer.trim_ascii_start().starts_with(b"[")
    };
    exchanges.iter().skip(index + 1).filter(json).collect()
}

/// Whether the profile takes the table as it is.
fn usable(table: &str) -> bool {
    let table: Result<toml::Table, _> = table.parse();
    let portal = table.ok().and_then(|table| table.get("portal")?.as_table().cloned());
    portal.is_some_and(|portal| Profile::new(&portal).is_ok())
}
