//! What can go wrong between us and the portal, and how it is told to the caller.

mod advice;

use chrono::DateTime;
use http_edge::ProxyTrouble;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{config::Origin, error::Error, local, text, zone::Zone};

/// One failed exchange with the portal. Nothing in it is secret: endpoints are paths, text from
/// outside is cleaned.
#[derive(Debug, Error)]
pub enum Failure {
    /// 401, even with a new session.
    #[error("the portal at {host} does not let anonymous visitors see this (401)")]
    Unauthorized {
        /// The portal's host.
        host: String,
    },
    /// The club does not take this e-mail and password.
    #[error("{}", why.describe(host, origin))]
    SignInRefused {
        /// The portal's host.
        host: String,
        /// Where the credentials came from.
        origin: Origin,
        /// The club's reason.
        why: SignInRefusal,
        /// Whether the request that was refused is only assumed, so that it may be at fault
        /// itself.
        assumed: bool,
    },
    /// The e-mail and password were sent, and nobody knows what came of them.
    #[error("no answer came from {host} to the sign-in{}", because(reason))]
    Unanswered {
        /// The portal's host.
        host: String,
        /// In words.
        reason: Option<String>,
    },
    /// The e-mail and password were sent, and the time was over before an answer came.
    #[error("there was no complete answer to the sign-in in time")]
    Late,
    /// The pair was sent, brought no session, and is not sent again for a while.
    #[error(
        "{last}; the password was sent at {} (that was {}) and is not sent again before {}",
        local::format_clock(*at), ago(*minutes), local::format_clock(*until)
    )]
    Withheld {
        /// What came of it.
        last: Box<Failure>,
        /// When it was sent, in the club's zone.
        at: DateTime<Zone>,
        /// How long ago.
        minutes: i64,
        /// When it may be sent again, in the club's zone.
        until: DateTime<Zone>,
    },
    /// Something of the member's side is not as it is assumed to be.
    #[error("this club's {} differently from what padel knows: {endpoint} answered with {got}", part.words())]
    Unverified {
        /// What of it.
        part: Part,
        /// Path of the request.
        endpoint: String,
        /// What came, cleaned and shortened.
        got: String,
    },
    /// 403, or a firewall's page in place of an answer.
    #[error("{}", refusal(host, *by, *times))]
    Refused {
        /// The portal's host.
        host: String,
        /// Who refuses.
        by: Refuser,
        /// How often it did.
        times: u32,
        /// When it may be asked again, where it says so, in the club's zone.
        retry_at: Option<DateTime<Zone>>,
    },
    /// 404 where a session is to be had: no Gladstone Go portal has both flows missing.
    #[error(
        "{host} is not a Gladstone Go club, or its portal has moved: it has no {endpoint} (404)"
    )]
    NoClub {
        /// The portal's host.
        host: String,
        /// Path of the request.
        endpoint: String,
    },
    /// 408, 500 to 599.
    #[error("{host}: the club's server reports an error ({status})")]
    Server {
        /// The portal's host.
        host: String,
        /// Status and its name.
        status: String,
        /// When it may be asked again, where it says so, in the club's zone.
        retry_at: Option<DateTime<Zone>>,
    },
    /// Any other status than those that are known of the portal.
    #[error("{endpoint} answered something unexpected: expected 200, got {got}")]
    Status {
        /// Path of the request.
        endpoint: String,
        /// The status.
        status: u16,
        /// Status and what came with it, cleaned and shortened.
        got: String,
    },
    /// 404.
    #[error("{host} has no {endpoint} (404)")]
    Absent {
        /// The portal's host.
        host: String,
        /// Path of the request.
        endpoint: String,
    },
    /// An answer that is not what is known of the portal.
    #[error(
        "{endpoint} answered something unexpected: expected {expected}{}, got {got}",
        at(path)
    )]
    Changed {
        /// Path of the request.
        endpoint: String,
        /// What is known of the portal.
        expected: String,
        /// What came, cleaned and shortened.
        got: String,
        /// JSON path of the place, such as `[3].locations[0]`; empty for the whole answer.
        path: String,
    },
    /// The portal's profile cannot be used.
    #[error("{0}")]
    Settings(Box<Error>),
    /// The host name has no address.
    #[error("no such host: {host}")]
    UnknownHost {
        /// The portal's host.
        host: String,
    },
    /// A proxy between us and the portal says no, or is in trouble itself.
    #[error("{proxy}{}", trouble.words(host))]
    Proxy {
        /// The portal's host.
        host: String,
        /// The proxy, without user name and password, and the variable that names it.
        proxy: String,
        /// What it says, or what became of it.
        trouble: ProxyTrouble,
    },
    /// No connection, or a broken one.
    #[error("{host}: {reason}")]
    Network {
        /// The portal's host.
        host: String,
        /// In words.
        reason: String,
        /// Whether another try may help.
        passing: bool,
    },
    /// 429.
    #[error("{host} says that there were too many requests (429)")]
    RateLimited {
        /// The portal's host.
        host: String,
        /// When it may be asked again, where it says so, in the club's zone.
        retry_at: Option<DateTime<Zone>>,
    },
}

/// Why a club does not take an e-mail and a password.
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
                "{host} has locked this account for a while (the e-mail and password are from {place})"
            ),
            Self::SecondFactor => format!(
                "{host} wants a second factor besides the e-mail and password, which padel cannot give"
            ),
            Self::PasswordExpired => format!(
                "{host} wants a new password for this account before it lets anybody in: the one from {place} has expired"
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

/// Who answered 403, as far as the answer tells.
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
    fn words(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in works",
            Self::Bookings => "bookings work",
        }
    }
}

fn because(reason: &Option<String>) -> String {
    reason
        .as_ref()
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default()
}

fn ago(minutes: i64) -> String {
    match minutes {
        ..=0 => "less than a minute ago".to_owned(),
        1 => "a minute ago".to_owned(),
        minutes => format!("{minutes} minutes ago"),
    }
}

fn refusal(host: &str, by: Refuser, times: u32) -> String {
    match (by, times) {
        (Refuser::Firewall, _) => {
            format!("{host} refuses this address: its firewall answered instead of the portal")
        }
        (Refuser::Portal, _) => format!("the portal at {host} refuses this request (403)"),
        (Refuser::Edge, 0 | 1) => format!("{host} refused once (403)"),
        (Refuser::Edge, _) => format!("{host} refuses this address: 403 twice"),
    }
}

fn at(path: &str) -> String {
    if path.is_empty() {
        String::new()
    } else {
        format!(" at `{path}`")
    }
}

impl Failure {
    /// Whether an answer to a sign-in says what became of it, or cannot be understood; else nobody
    /// knows.
    pub(super) fn is_verdict(&self) -> bool {
        matches!(
            self,
            Self::SignInRefused { .. } | Self::Unverified { .. } | Self::Changed { .. }
        )
    }

    /// The portal's answer is not what is known of it.
    pub(super) fn changed(endpoint: &str, expected: &str, got: &str, path: &str) -> Self {
        Self::Changed {
            endpoint: endpoint.to_owned(),
            expected: expected.to_owned(),
            got: text::line(got, 160),
            path: text::line(path, 160),
        }
    }

    /// Something of the member's side is not as it is assumed to be.
    pub(super) fn unverified(part: Part, endpoint: &str, got: &str) -> Self {
        Self::Unverified {
            part,
            endpoint: endpoint.to_owned(),
            got: text::line(got, 160),
        }
    }

    /// A first 403 that states no wait.
    pub(super) fn refused(host: &str, by: Refuser) -> Self {
        Self::Refused {
            host: host.to_owned(),
            by,
            times: 1,
            retry_at: None,
        }
    }
}
