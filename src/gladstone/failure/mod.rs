//! What can go wrong between us and the portal, and how it is told to the caller.

mod advice;

use chrono::DateTime;
use http_edge::ProxyTrouble;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{config::Origin, error::Error, local, text, zone::Zone};

/// One failed exchange with the portal. Nothing in it is secret: a `host` is the portal's, an
/// `endpoint` the path of a request, and what an answer `got` is cleaned and shortened. Times are in
/// the club's zone; `retry_at` is when the portal says that it may be asked again.
#[derive(Debug, Error)]
#[expect(
    missing_docs,
    reason = "fields that are in many variants are described above"
)]
pub enum Failure {
    /// 401, even with a new session.
    #[error("the portal at {host} does not let anonymous visitors see this (401)")]
    Unauthorized { host: String },
    /// The club does not take this e-mail and password.
    #[error("{}", why.describe(host, origin))]
    SignInRefused {
        host: String,
        origin: Origin,
        why: SignInRefusal,
        /// `true` where the refused request is only assumed, so that it may be at fault itself.
        assumed: bool,
    },
    /// The e-mail and password were sent, and nobody knows what came of them.
    #[error("no answer came from {host} to the sign-in{}", add_reason(reason))]
    Unanswered {
        host: String,
        reason: Option<String>,
    },
    /// The e-mail and password were sent, and the time was over before an answer came.
    #[error("there was no complete answer to the sign-in in time")]
    Late,
    /// The pair was sent, brought no session, and is not sent again for a while.
    #[error(
        "{last}; the password was sent at {} (that was {}) and is not sent again before {}",
        local::format_clock(*at), describe_age(*minutes), local::format_clock(*until)
    )]
    Withheld {
        last: Box<Failure>,
        /// Time of sending, in the club's zone.
        at: DateTime<Zone>,
        minutes: i64,
        /// Earliest time of sending it again, in the club's zone.
        until: DateTime<Zone>,
    },
    /// Something of the member's side is not as it is assumed to be.
    #[error("this club's {} differently from what padel knows: {endpoint} answered with {got}", part.describe())]
    Unverified {
        part: Part,
        endpoint: String,
        got: String,
    },
    /// 403, or a firewall's page in place of an answer.
    #[error("{}", describe_403(host, *by, *times))]
    Refused {
        host: String,
        by: Refuser,
        times: u32,
        retry_at: Option<DateTime<Zone>>,
    },
    /// 404 where a session is to be had: no Gladstone Go portal has both flows missing.
    #[error(
        "{host} is not a Gladstone Go club, or its portal has moved: it has no {endpoint} (404)"
    )]
    NoClub { host: String, endpoint: String },
    /// 408, 500 to 599.
    #[error("{host}: the club's server reports an error ({status})")]
    Server {
        host: String,
        status: String,
        retry_at: Option<DateTime<Zone>>,
    },
    /// Any other status than those that are known of the portal.
    #[error("{endpoint} answered something unexpected: expected 200, got {got}")]
    Status {
        endpoint: String,
        status: u16,
        got: String,
    },
    /// 404.
    #[error("{host} has no {endpoint} (404)")]
    Absent { host: String, endpoint: String },
    /// An answer that is not what is known of the portal.
    #[error(
        "{endpoint} answered something unexpected: expected {expected}{}, got {got}",
        add_path(path)
    )]
    Changed {
        endpoint: String,
        expected: String,
        got: String,
        /// JSON path of the place, such as `[3].locations[0]`; empty for the whole answer.
        path: String,
    },
    /// The portal's profile cannot be used.
    #[error("{0}")]
    Settings(Box<Error>),
    /// The host name has no address.
    #[error("no such host: {host}")]
    UnknownHost { host: String },
    /// A proxy between us and the portal says no, or is in trouble itself.
    #[error("{proxy}{}", trouble.words(host))]
    Proxy {
        host: String,
        /// The proxy, without user name and password, and the variable that names it.
        proxy: String,
        trouble: ProxyTrouble,
    },
    /// No connection, or a broken one.
    #[error("{host}: {reason}")]
    Network {
        host: String,
        reason: String,
        /// `true` where another try may help.
        passing: bool,
    },
    /// 429.
    #[error("{host} says that there were too many requests (429)")]
    RateLimited {
        host: String,
        retry_at: Option<DateTime<Zone>>,
    },
}

/// A club's reason for not taking an e-mail and a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInRefusal {
    /// It does not know the pair.
    Rejected,
    /// It has locked the account.
    Locked,
    /// The account wants more than a password.
    SecondFactor,
    /// The password must be changed first.
    PasswordExpired,
}

impl SignInRefusal {
    fn describe(self, host: &str, origin: &Origin) -> String {
        let place = match origin {
            Origin::Environment => "the environment",
            origin => &origin.to_string(),
        };
        match self {
            Self::Rejected => format!("{host} rejected the e-mail and password from {place}"),
            Self::Locked => format!(
                "{host} has locked this account for a while (the e-mail and password are from \
                    {place})"
            ),
            Self::SecondFactor => format!(
                "{host} wants a second factor besides the e-mail and password, which padel cannot \
                    give"
            ),
            Self::PasswordExpired => format!(
                "{host} wants a new password for this account before it lets anybody in: the one \
                    from {place} has expired"
            ),
        }
    }
}

/// A part of the member's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Signing in, and showing the session.
    SignIn,
    /// The lists of bookings.
    Bookings,
}

/// Author of a 403, as far as the answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refuser {
    /// A firewall, by its page.
    Firewall,
    /// The portal itself, in JSON.
    Portal,
    /// Whatever stands before the portal.
    Edge,
}

impl Part {
    fn describe(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in works",
            Self::Bookings => "bookings work",
        }
    }
}

fn add_reason(reason: &Option<String>) -> String {
    reason
        .as_ref()
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default()
}

fn describe_age(minutes: i64) -> String {
    match minutes {
        ..=0 => "less than a minute ago".to_owned(),
        1 => "a minute ago".to_owned(),
        minutes => format!("{minutes} minutes ago"),
    }
}

fn describe_403(host: &str, by: Refuser, times: u32) -> String {
    match (by, times) {
        (Refuser::Firewall, _) => {
            format!("{host} refuses this address: its firewall answered instead of the portal")
        }
        (Refuser::Portal, _) => format!("the portal at {host} refuses this request (403)"),
        (Refuser::Edge, 0 | 1) => format!("{host} refused once (403)"),
        (Refuser::Edge, _) => format!("{host} refuses this address: 403 twice"),
    }
}

fn add_path(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!(" at `{path}`")
    }
}

impl Failure {
    /// Returns `true` where an answer to a sign-in says what became of it, or cannot be understood;
    /// else nobody knows.
    pub(super) fn is_verdict(&self) -> bool {
        matches!(
            self,
            Self::SignInRefused { .. } | Self::Unverified { .. } | Self::Changed { .. }
        )
    }

    /// Returns when the portal says that it may be asked again.
    pub(super) fn retry_at(&self) -> Option<DateTime<Zone>> {
        match self {
            Self::Refused { retry_at, .. }
            | Self::Server { retry_at, .. }
            | Self::RateLimited { retry_at, .. } => *retry_at,
            _ => None,
        }
    }

    /// Makes the failure of an answer that is not what is known of the portal.
    pub(super) fn changed(endpoint: &str, expected: &str, got: &str, path: &str) -> Self {
        Self::Changed {
            endpoint: endpoint.to_owned(),
            expected: expected.to_owned(),
            got: text::line(got, 160),
            path: text::line(path, 160),
        }
    }

    /// Makes the failure of a member's side that is not as it is assumed to be.
    pub(super) fn unverified(part: Part, endpoint: &str, got: &str) -> Self {
        Self::Unverified {
            part,
            endpoint: endpoint.to_owned(),
            got: text::line(got, 160),
        }
    }

    /// Makes the failure of a first 403 that states no wait.
    pub(super) fn refused(host: &str, by: Refuser) -> Self {
        Self::Refused {
            host: host.to_owned(),
            by,
            times: 1,
            retry_at: None,
        }
    }
}
