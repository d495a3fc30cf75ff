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
#[cfg(test)]
mod tests;
mod token;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret as _;
use thiserror::Error;

use self::{
    har::Exchange,
    secret::{Secrets, looks_secret},
    signin::SignIn,
    table::{Report, list, map, string},
    token::{Place, Token},
};
pub use self::{har::hosts, steps::CAPTURE_STEPS};
use super::{
    Profile,
    profile::{Encoding, Sealing},
};
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
    /// The portal refused every sign-in of the capture.
    #[error("no sign-in in the capture worked")]
    Refused,
    /// The requests cannot be written as a profile.
    #[error("the sign-in of the capture cannot be written as a profile")]
    Unusable,
}

impl LearnError {
    fn other_host(wanted: &str, hosts: Vec<String>) -> Self {
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
    let sign_in = sign_in(&exchanges, host, credentials, &mut secrets)?;
    let calls =
        |indices: &[usize]| -> Vec<&Exchange> { indices.iter().filter_map(|index| exchanges.get(*index)).collect() };
    let seen = bookings::find(&exchanges, sign_in.index, &secrets).map(|found| found.calls);
    let calls = seen.map_or_else(|| after(&exchanges, sign_in.index), |indices| calls(&indices));
    let token = token::find(&exchanges, sign_in.index, &calls, host);
    if let Some(token) = &token {
        secrets.add(token.value.expose_secret());
    }
    let found = bookings::find(&exchanges, sign_in.index, &secrets);
    let mut report = Report::new(&secrets);
    tell_login(&mut report, &exchanges[sign_in.index], &sign_in, &secrets);
    tell_token(&mut report, token.as_ref(), &calls, &exchanges, &secrets);
    tell_bookings(&mut report, found.as_ref());
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

fn tell_login(report: &mut Report<'_>, exchange: &Exchange, sign_in: &SignIn, secrets: &Secrets) {
    let SignIn { body, sealing, wrapper, .. } = sign_in;
    let certain = sign_in.recognised() == 2;
    let how = if certain {
        "the request carried your e-mail and password, and the answer was no refusal"
    } else {
        "the request carried your e-mail or your password, and the other by its name or place"
    };
    match request::clean(&exchange.target, exchange.started, secrets) {
        Some(request) if request.doubts.is_empty() => {
            report.value("login.path", string(&request.template), certain, how)
        }
        Some(request) => report.value("login.path", string(&request.template), false, &request.doubts.join("; ")),
        None => report.missing("login.path", "its path holds something secret"),
    }
    report.value("login.method", string(&exchange.method), certain, "the same request");
    let encoding = if body.encoding == Encoding::Json { "json" } else { "form" };
    report.value("login.encoding", string(encoding), certain, "the form of its body");
    let emptied: Vec<&String> =
        [Some(body), wrapper.as_ref()].into_iter().flatten().flat_map(|it| &it.emptied).collect();
    let doubt = format!(
        "fields were emptied whose values look secret or made for one time, which padel cannot know: {}",
        text::line(&emptied.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", "), 120)
    );
    let how = if emptied.is_empty() { how } else { &doubt };
    report.value("login.body", string(&body.text), certain && emptied.is_empty(), how);
    let (mut headers, left_out) = signin::custom_headers(exchange, secrets);
    if let Some(kind) = odd_content_type(exchange, sign_in) {
        headers.insert("content-type".to_owned(), kind);
    }
    if left_out.is_empty() {
        report.value("login.headers", map(&headers), true, "what the app adds to a browser's own headers");
    } else {
        let names = text::line(&left_out.join(", "), 120);
        let how = format!("headers were left out whose values look secret, which the portal may want: {names}");
        report.value("login.headers", map(&headers), false, &how);
    }
    let how = if *sealing == Sealing::None { "nothing in the body is sealed" } else { "the host's own key opened it" };
    report.value("login.sealing", string(sealing_name(*sealing)), true, how);
    if let Some(wrapper) = wrapper {
        report.value(
            "login.wrapper",
            string(&wrapper.text),
            wrapper.emptied.is_empty(),
            "what stands around the sealed text",
        );
    }
}

/// The content type, where it is not what padel sends by itself.
fn odd_content_type(exchange: &Exchange, sign_in: &SignIn) -> Option<String> {
    let json = match &sign_in.wrapper {
        Some(wrapper) => wrapper.text != "{sealed}" && wrapper.text.starts_with(['{', '[', '"']),
        None => sign_in.body.encoding == Encoding::Json,
    };
    let own = match (&sign_in.wrapper, json) {
        (_, true) => "application/json",
        (Some(_), false) => "text/plain",
        (None, false) => "application/x-www-form-urlencoded",
    };
    let stated = &exchange.content_type;
    let plain = stated.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/+.-".contains(&byte)) && stated.len() < 80;
    (!stated.is_empty() && stated != own && plain).then(|| stated.clone())
}

fn sealing_name(sealing: Sealing) -> &'static str {
    match sealing {
        Sealing::None => "none",
        Sealing::Cbc => "aes-256-cbc",
        Sealing::Gcm => "aes-256-gcm",
    }
}

fn tell_token(
    report: &mut Report<'_>,
    token: Option<&Token>,
    calls: &[&Exchange],
    exchanges: &[Exchange],
    secrets: &Secrets,
) {
    match token {
        Some(token) => tell_found_token(report, token),
        None if is_sanitized(exchanges) => report.missing(
            "token.cookie",
            "the capture is without cookies; save it with sensitive data (in Chrome: Export HAR with sensitive data)",
        ),
        None => report.missing("token.cookie", "no later request carries anything that the sign-in brought"),
    }
    let mut common: Option<BTreeMap<String, String>> = None;
    // Those that carry the token, where it was seen: other requests are nobody's.
    let members: Vec<&&Exchange> =
        calls.iter().filter(|call| token.is_none_or(|token| !token.seen || token.is_in(call))).collect();
    for call in &members {
        let (mut headers, _) = signin::custom_headers(call, secrets);
        if let Some(token) = token {
            headers.remove(&token.send.to_lowercase());
        }
        match &mut common {
            Some(common) => common.retain(|name, value| headers.get(name) == Some(value)),
            None => common = Some(headers),
        }
    }
    match common {
        Some(headers) => {
            report.value("token.headers", map(&headers), members.len() > 1, "what every later request carries")
        }
        None => report.missing("token.headers", "the capture holds no request after the sign-in"),
    }
}

fn tell_found_token(report: &mut Report<'_>, token: &Token) {
    let certain = token.seen && !token.rivals;
    let how = match (token.seen, token.rivals) {
        (true, false) => "a later request carries what the sign-in's answer brought here",
        (true, true) => {
            "later requests carry several things that the sign-in brought; this one looks most like a token"
        }
        (false, _) => "it looks like a token, but no later request is seen to carry it",
    };
    let (none, empty) = (string("none"), string(""));
    match &token.place {
        Place::Cookie { name, redirect } => {
            report.value("token.cookie", string(name), certain, how);
            report.value("token.redirect", redirect.to_string(), certain, "whether the page after the sign-in sets it");
            report.value("token.sealing", none, true, "a cookie is taken as it is");
        }
        Place::Body { sealing, envelope, pointer } => {
            let opened = *sealing == Sealing::None || !token.value.expose_secret().is_empty();
            report.value("token.cookie", empty, certain, "the token is in the answer's body");
            report.value("token.sealing", string(sealing_name(*sealing)), opened, "the form of the answer's body");
            report.value(
                "token.envelope",
                string(envelope),
                certain,
                "where the sealed text is; empty for the whole body",
            );
            report.value("token.pointer", string(pointer), certain, how);
        }
    }
    report.value(
        "token.send",
        string(&token.send),
        certain,
        if token.seen { "how later requests carry it" } else { how },
    );
}

/// Whether a browser has taken all cookies and tokens out, as Chrome does unless it is told otherwise.
fn is_sanitized(exchanges: &[Exchange]) -> bool {
    exchanges.iter().all(|exchange| {
        let authorized = exchange.headers.iter().any(|(name, _)| name == "authorization");
        exchange.cookies.is_empty() && exchange.set.is_empty() && !authorized
    })
}

fn tell_bookings(report: &mut Report<'_>, found: Option<&bookings::Found>) {
    let Some(found) = found else {
        let how = "the capture holds no list with start times after the sign-in; open the bookings page in it";
        report.missing("bookings.upcoming", how);
        return report.missing("bookings.history", how);
    };
    for (name, learnt) in [("bookings.upcoming", &found.upcoming), ("bookings.history", &found.history)] {
        match learnt {
            Some(learnt) => {
                let how = [&[learnt.how.to_owned()], learnt.request.doubts.as_slice()].concat().join("; ");
                report.value(name, string(&learnt.request.template), learnt.certain, &how);
            }
            None => report.missing(name, "its request holds something secret"),
        }
    }
    let certain = found.upcoming.as_ref().or(found.history.as_ref()).is_some_and(|learnt| learnt.certain);
    report.value("bookings.items", string(&found.items), certain, "where the list is in the answer");
    let names = [
        ("start", "bookings.start"),
        ("end", "bookings.end"),
        ("reference", "bookings.reference"),
        ("activity", "bookings.activity"),
        ("court", "bookings.court"),
        ("site", "bookings.site"),
        ("status", "bookings.status"),
    ];
    for (field, name) in names {
        match found.fields.get(field) {
            Some((pointers, certain)) => report.value(name, list(pointers), *certain, "by its name and its values"),
            None => report.missing(name, "no field of the bookings looks like it; what is built in is tried"),
        }
    }
}
