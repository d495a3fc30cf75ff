//! What can go wrong between us and the portal, and how it is told to the caller.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::endpoints::{ACTIVITIES, SITES};
use crate::{
    config::{ENVIRONMENT, TERMINAL},
    error::{Code, Error},
    local, text,
    zone::Zone,
};

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
    /// The club does not know this e-mail and password.
    #[error("{host} rejected the e-mail and password from {}", place(source_name))]
    Rejected {
        /// The portal's host.
        host: String,
        /// Where the credentials came from.
        source_name: String,
        /// Whether the request that was refused is only assumed, so that it may be at fault
        /// itself.
        assumed: bool,
    },
    /// The club has locked the account.
    #[error(
        "{host} has locked this account for a while (the e-mail and password are from {})",
        place(source_name)
    )]
    Locked {
        /// The portal's host.
        host: String,
        /// Where the credentials came from.
        source_name: String,
    },
    /// The account wants more than a password.
    #[error(
        "{host} wants a second factor besides the e-mail and password, which padel cannot give"
    )]
    SecondFactor {
        /// The portal's host.
        host: String,
        /// Where the credentials came from.
        source_name: String,
    },
    /// The password must be changed first.
    #[error(
        "{host} wants a new password for this account before it lets anybody in: the one from {} has expired",
        place(source_name)
    )]
    PasswordExpired {
        /// The portal's host.
        host: String,
        /// Where the credentials came from.
        source_name: String,
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
        local::clock(*at), ago(*minutes), local::clock(*until)
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

/// What is between us and a proxy, or between it and the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProxyTrouble {
    /// It refuses the host, with its own words.
    Refuses(Option<String>),
    /// 407, after a user name and password or without any.
    WantsUser {
        /// Whether it was given any.
        given: bool,
    },
    /// It reports an error that may pass, with its own words.
    Errs(String),
    /// It is not to be talked to, in words.
    Fails {
        /// In words.
        reason: String,
        /// Whether another try may help.
        passing: bool,
    },
}

impl ProxyTrouble {
    fn words(&self, host: &str) -> String {
        match self {
            Self::Refuses(None) => format!(" refuses {host}, or is no HTTP proxy"),
            Self::Refuses(Some(reason)) => format!(" refuses {host}: {reason}"),
            Self::WantsUser { given: false } => " wants a user name and password (407)".to_owned(),
            Self::WantsUser { given: true } => {
                " does not accept its user name and password (407)".to_owned()
            }
            Self::Errs(reason) => format!(" reports an error: {reason}"),
            Self::Fails { reason, .. } => format!(": {reason}"),
        }
    }

    /// The next step.
    fn hint(&self, host: &str) -> String {
        match self {
            Self::Refuses(reason) => {
                let first = if reason.is_none() { "correct the variable that names the proxy, or " } else { "" };
                format!("{first}allow the host `{host}` in the proxy's or the environment's network settings")
            }
            Self::WantsUser { .. } => "write both into the variable that names the proxy: \
                                       http://USER:PASSWORD@HOST:PORT, with `#` as %23, `/` as %2F, `%` as %25"
                .to_owned(),
            Self::Errs(_) => format!(
                "try again in some minutes; if it stays so, the proxy cannot reach `{host}`: check `club`, or ask \
                 whoever runs the proxy"
            ),
            Self::Fails { .. } => format!(
                "correct the variable that names the proxy, or name `{host}` in NO_PROXY if it can be reached without \
                 one; `padel doctor` shows what is used"
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

/// Where credentials are from, within a sentence.
fn place(source_name: &str) -> &str {
    if source_name == ENVIRONMENT {
        "the environment"
    } else {
        source_name
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
            Self::Rejected { .. }
                | Self::Locked { .. }
                | Self::SecondFactor { .. }
                | Self::PasswordExpired { .. }
                | Self::Unverified { .. }
                | Self::Changed { .. }
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
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let (code, hint) = advice(&failure);
        let error = Self::new(code, failure.to_string(), hint);
        match failure {
            Failure::Settings(error) => *error,
            Failure::Late => error,
            Failure::Unauthorized { host }
            | Failure::Absent { host, .. }
            | Failure::NoClub { host, .. }
            | Failure::UnknownHost { host }
            | Failure::Unanswered { host, .. }
            | Failure::Network { host, .. } => error.with("host", host),
            Failure::Proxy { host, proxy, .. } => error.with("host", host).with("proxy", proxy),
            Failure::Rejected {
                host, source_name, ..
            }
            | Failure::Locked { host, source_name } => {
                error.with("host", host).with("source", source_name)
            }
            Failure::SecondFactor { host, source_name } => error
                .with("host", host)
                .with("source", source_name)
                .with("reason", "second_factor"),
            Failure::PasswordExpired { host, source_name } => error
                .with("host", host)
                .with("source", source_name)
                .with("reason", "password_expired"),
            Failure::Withheld { last, until, .. } => Self {
                details: Self::from(*last).details,
                ..error
            }
            .with("retry_at", stamp(until)),
            Failure::Refused {
                host, by, retry_at, ..
            } => {
                let error = error
                    .with("host", host)
                    .with("firewall", by == Refuser::Firewall);
                error.with("retry_at", retry_at.map(stamp))
            }
            Failure::RateLimited { host, retry_at } | Failure::Server { host, retry_at, .. } => {
                error
                    .with("host", host)
                    .with("retry_at", retry_at.map(stamp))
            }
            Failure::Unverified { endpoint, got, .. } => {
                error.with("endpoint", endpoint).with("got", got)
            }
            Failure::Status { endpoint, got, .. } => error
                .with("endpoint", endpoint)
                .with("expected", "200")
                .with("got", got)
                .with("path", ""),
            Failure::Changed {
                endpoint,
                expected,
                got,
                path,
            } => error
                .with("endpoint", endpoint)
                .with("expected", expected)
                .with("got", got)
                .with("path", path),
        }
    }
}

/// The caller's code for a failure, and the hint with the next step.
fn advice(failure: &Failure) -> (Code, String) {
    let (code, hint) = match failure {
        Failure::Unauthorized { .. } => (
            Code::LoginRequired,
            "this club shows it to signed-in members only: run `padel setup`",
        ),
        Failure::Rejected {
            source_name,
            assumed,
            ..
        } => {
            return (Code::LoginRejected, rejected(source_name, *assumed));
        }
        Failure::Withheld { last, until, .. } => {
            let (code, hint) = advice(last);
            let hint = match code {
                // A locked account stays locked the longer for it.
                Code::AccountLocked => hint,
                Code::LoginRejected | Code::ProfileUnverified | Code::PortalChanged => {
                    format!("{hint}; `padel login` tries it now")
                }
                _ => format!(
                    "ask once more after {}: the club may have counted the attempt, and locks accounts after a few; \
                     `padel login` tries it now",
                    local::clock(*until)
                ),
            };
            return (code, hint);
        }
        Failure::SecondFactor { .. } => (
            Code::LoginRejected,
            "bookings can be seen on the club's website only, unless the second factor can be switched off there; \
             free courts need no sign-in",
        ),
        Failure::PasswordExpired { source_name, .. } => {
            let place = match source_name.as_str() {
                ENVIRONMENT => "pslc_password in the environment",
                TERMINAL => "what you type",
                file => file,
            };
            let hint = format!(
                "change the password on the club's website, then write the new one into {place}"
            );
            return (Code::LoginRejected, hint);
        }
        Failure::Late => (Code::Timeout, "allow more with --timeout"),
        Failure::Unanswered { .. } => (Code::Network, "`padel doctor` shows what was reached"),
        Failure::Locked { .. } => (
            Code::AccountLocked,
            "wait for half an hour, or reset the password at the club; trying again makes it longer",
        ),
        Failure::Unverified { .. } => (
            Code::ProfileUnverified,
            "teach padel this portal: capture your own sign-in as a HAR file, then `padel portal learn FILE.har`",
        ),
        Failure::Refused {
            retry_at: Some(at), ..
        } => {
            return (
                Code::PortalRefused,
                format!("it asks to wait: come back at {}", local::moment(*at)),
            );
        }
        Failure::Refused {
            by: Refuser::Portal,
            ..
        } => (
            Code::PortalRefused,
            "ask once more later; if it stays so, report it with the output of the command with -vv",
        ),
        Failure::Refused {
            by: Refuser::Edge,
            times: 0 | 1,
            ..
        } => (
            Code::PortalRefused,
            "ask once more in a minute: some clubs refuse the first request and no other",
        ),
        Failure::Refused { .. } => (
            Code::PortalRefused,
            "some clubs block data-centre addresses: try from a home internet connection, or later",
        ),
        Failure::UnknownHost { .. } => (
            Code::NotFound,
            "this machine may be offline; if it is not, check `club`: it is the first part of the booking page's address, \
             <club>.gladstonego.cloud",
        ),
        Failure::NoClub { .. } => (
            Code::NotFound,
            "check `club`: it is the first part of the booking page's address, <club>.gladstonego.cloud",
        ),
        Failure::Absent { endpoint, .. }
        | Failure::Changed { endpoint, .. }
        | Failure::Status { endpoint, .. }
            if [SITES, ACTIVITIES].contains(&endpoint.as_str()) =>
        {
            (
                Code::PortalChanged,
                "report this with the output of the command with -vv; `padel availability --site ID --activity ID` \
                 needs no catalogue",
            )
        }
        Failure::Absent { .. } | Failure::Changed { .. } | Failure::Status { .. } => (
            Code::PortalChanged,
            "the portal may have changed: report this with the output of the command with -vv",
        ),
        Failure::Settings(error) => (error.code, &*error.hint),
        Failure::Proxy { host, trouble, .. } => return (Code::Network, trouble.hint(host)),
        Failure::Server {
            retry_at: Some(at), ..
        } => {
            let hint = format!(
                "nothing is wrong on this machine: come back at {}",
                local::moment(*at)
            );
            return (Code::Network, hint);
        }
        Failure::Server { .. } => (
            Code::Network,
            "nothing is wrong on this machine: try again in some minutes",
        ),
        Failure::Network { .. } => (
            Code::Network,
            "`padel doctor` shows the proxy, the trusted certificates and what was reached",
        ),
        Failure::RateLimited {
            retry_at: Some(at), ..
        } => {
            return (
                Code::RateLimited,
                format!("come back at {}", local::moment(*at)),
            );
        }
        Failure::RateLimited { retry_at: None, .. } => {
            (Code::RateLimited, "come back in a few minutes")
        }
    };
    (code, hint.to_owned())
}

/// What to do about a pair that was refused.
fn rejected(source_name: &str, assumed: bool) -> String {
    let check = match source_name {
        ENVIRONMENT => "check pslc_user and pslc_password in the environment".to_owned(),
        TERMINAL => "check what you typed".to_owned(),
        file => format!("check {file}"),
    };
    let caution = "do not try again and again, the club locks accounts after a few failures";
    let doubt = "; if the club's website takes them, padel's request is wrong, which is only assumed for this club: \
                 `padel portal learn --help`";
    format!("{check}; {caution}{}", if assumed { doubt } else { "" })
}

/// In UTC, for programs.
fn stamp(time: DateTime<Zone>) -> String {
    time.with_timezone(&Utc)
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}
