//! A portal profile from a member's own browser capture: the sign-in, the token and the bookings,
//! without a secret.
//!
//! Pure: text in, a table and findings out. What is written is on an allow-list (`allow_list`);
//! each value is a guess until its evidence is in the capture, and each finding says which it is.

mod allow_list;
mod body;
mod bookings;
mod choose;
mod cookie;
mod disguise;
mod exchange;
mod fields;
mod findings;
mod har;
mod report;
mod request;
mod roles;
mod secret;
mod signin;
mod steps;
mod template;
#[cfg(test)]
mod tests;
mod token;
mod vocabulary;
mod words;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use thiserror::Error;

use self::{allow_list::AllowList, exchange::Exchange, report::Report, secret::Secrets};
pub use self::{
    har::Capture,
    steps::{CAPTURE_STEPS, numbered_steps},
};
use crate::{config::Credentials, gladstone::Profile, text};

/// A portal profile, and the evidence for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learned {
    /// `[portal.…]` for `config.toml`.
    pub table: String,
    /// Every value of the table, what was kept of requests in it, and what is missing, in order.
    pub findings: Vec<Finding>,
}

/// One value of the profile, a part of one that was kept as it is, or its absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The value's name, such as `login.path`.
    pub name: String,
    /// The value as in TOML; empty when the capture does not show it.
    pub value: String,
    /// The capture proves it.
    pub certain: bool,
    /// The evidence, in one sentence.
    pub how: String,
    /// It is a part of a request that was kept as it was sent: a person should look at it.
    pub kept: bool,
}

/// A capture that teaches nothing. Holds none of its contents but names of hosts, and of fields
/// and paths that are nobody's.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum LearnError {
    /// No JSON, or JSON of another kind.
    #[error("not a HAR: a browser's developer tools save one as JSON with `log` and `entries`")]
    NotHar,
    /// A capture, or something else, in another coat.
    #[error("it {0}; a HAR is JSON in UTF-8")]
    Packed(&'static str),
    /// Its end is missing.
    #[error("the capture ends in the midst of an entry")]
    CutOff,
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
    /// The capture lacks the body of the sign-in.
    #[error("the capture does not hold what was sent with {0}")]
    Bodiless(String),
    /// They are sent to another host.
    #[error(
        "the sign-in of the capture goes to {0}, and padel sends a password to the club's own host \
            only"
    )]
    Elsewhere(String),
    /// The portal refused every sign-in of the capture.
    #[error("the portal refused the sign-in of the capture")]
    Refused,
    /// The sign-in is there, and no profile can say it.
    #[error("the sign-in of the capture, {place}, cannot be taught: {why}")]
    NotTeachable {
        /// Method and path.
        place: String,
        /// The obstacle.
        why: String,
    },
    /// The requests cannot be written as a profile.
    #[error("the sign-in of the capture cannot be written as a profile")]
    Unusable,
}

impl LearnError {
    fn other_host(wanted: &str, hosts: &[String]) -> Self {
        let more = hosts.len() > 3;
        let mut hosts: Vec<String> = hosts
            .iter()
            .take(3)
            .map(|host| text::line(host, text::NAME))
            .collect();
        if more {
            hosts.push("…".to_owned());
        }
        if hosts.is_empty() {
            hosts.push("nothing".to_owned());
        }
        Self::OtherHost {
            wanted: text::line(wanted, text::NAME),
            hosts,
        }
    }

    fn not_teachable(place: &str, why: &str) -> Self {
        Self::NotTeachable {
            place: place.to_owned(),
            why: text::line(why, 300),
        }
    }
}

/// Learns the profile of the portal at `host` from a capture.
///
/// # Errors
///
/// See [`LearnError`].
pub fn learn_profile(
    capture: &Capture,
    host: &str,
    credentials: &Credentials,
    now: DateTime<Utc>,
) -> Result<Learned, LearnError> {
    let exchanges = exchange::read_exchanges(capture, host, now)?;
    let mut allow_list = AllowList::new(&exchanges, host, known_secrets(credentials));
    let all = signin::find_candidates(&exchanges, host, credentials, &allow_list);
    let sign_in = choose::choose_sign_in(&exchanges, host, all, credentials, &allow_list).map_err(
        |error| match error {
            LearnError::NoSignIn => {
                find_sign_in_elsewhere(capture, host, credentials, now).unwrap_or(error)
            }
            error => error,
        },
    )?;
    if let Some(guessed) = &sign_in.guessed {
        allow_list.secrets.add(guessed.expose_secret());
    }
    let calls = match bookings::find_bookings(&exchanges, sign_in.index, &allow_list) {
        Some(found) => {
            let indices = found.calls.into_iter();
            indices.filter_map(|index| exchanges.get(index)).collect()
        }
        None => data_requests_after(&exchanges, sign_in.index),
    };
    let token = token::find_token(&exchanges, sign_in.index, &calls, host);
    // The bookings may have been asked for with a renewed token.
    let token = match token {
        Some(token) if token.seen => Some(token),
        token => token::find_token(
            &exchanges,
            sign_in.index,
            &data_requests_after(&exchanges, sign_in.index),
            host,
        )
        .or(token),
    };
    if let Some(token) = &token {
        allow_list.secrets.add(token.value.expose_secret());
    }
    let found = bookings::find_bookings(&exchanges, sign_in.index, &allow_list);
    let mut report = Report::new(&allow_list);
    findings::report_sign_in(&mut report, &exchanges[sign_in.index], &sign_in);
    findings::report_token(&mut report, token.as_ref(), &calls, &exchanges);
    findings::report_bookings(&mut report, found.as_ref(), || {
        bookings::explain_absence(&exchanges, sign_in.index, &allow_list)
    });
    let learned = report.finish();
    is_valid_profile(&learned.table)
        .then_some(learned)
        .ok_or(LearnError::Unusable)
}

fn known_secrets(credentials: &Credentials) -> Secrets {
    let mut secrets = Secrets::default();
    let user = credentials.user.expose_secret().trim();
    secrets.add(user);
    secrets.add(credentials.password.expose_secret());
    // The local part of an e-mail is a name, unless it is `info` or the like.
    let local = user.split_once('@').map(|(local, _)| local.to_lowercase());
    if let Some(local) = local.filter(|local| local.len() >= 3 && !vocabulary::is_known(local)) {
        secrets.add(&local);
    }
    secrets
}

/// Finds a sign-in that goes to another host than the club's.
fn find_sign_in_elsewhere(
    capture: &Capture,
    host: &str,
    credentials: &Credentials,
    now: DateTime<Utc>,
) -> Option<LearnError> {
    let mut found = None;
    exchange::each_elsewhere(capture, host, now, |other: &str, exchange: Exchange| {
        if found.is_none() {
            let allow_list = AllowList::new(&[], host, known_secrets(credentials));
            let all = signin::find_candidates(
                std::slice::from_ref(&exchange),
                other,
                credentials,
                &allow_list,
            );
            // There, too, the e-mail may go first and the password in a second step.
            let signs_in = all
                .iter()
                .any(|candidate| candidate.password == Some(true) || candidate.odd.is_some());
            found = signs_in.then(|| LearnError::Elsewhere(text::line(other, text::NAME)));
        }
    })
    .ok()?;
    found
}

/// The requests behind a sign-in whose answers are JSON.
fn data_requests_after(exchanges: &[Exchange], index: usize) -> Vec<&Exchange> {
    exchanges
        .iter()
        .skip(index + 1)
        .filter(|exchange| exchange.is_data)
        .collect()
}

/// Tells whether `table` is a valid profile.
fn is_valid_profile(table: &str) -> bool {
    let table: Result<toml::Table, _> = table.parse();
    let portal = table
        .ok()
        .and_then(|table| table.get("portal")?.as_table().cloned());
    portal.is_some_and(|portal| Profile::new(&portal).is_ok())
}
