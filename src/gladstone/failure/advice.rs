//! What the caller is told about a failure: its code, the hint with the next step, and details for
//! programs.

use chrono::{DateTime, SecondsFormat, Utc};
use http_edge::ProxyTrouble;

use super::{Failure, Refuser, SignInRefusal};
use crate::{
    config::Origin,
    error::{Code, Error},
    gladstone::endpoints::{ACTIVITIES, SITES},
    local,
    zone::Zone,
};

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let (code, hint) = advise(&failure);
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
            Failure::SignInRefused {
                host, origin, why, ..
            } => {
                let error = error.with("host", host).with("source", origin.to_string());
                match why {
                    SignInRefusal::Rejected | SignInRefusal::Locked => error,
                    SignInRefusal::SecondFactor => error.with("reason", "second_factor"),
                    SignInRefusal::PasswordExpired => error.with("reason", "password_expired"),
                }
            }
            Failure::Withheld { last, until, .. } => Self {
                details: Self::from(*last).details,
                ..error
            }
            .with("retry_at", utc_stamp(until)),
            Failure::Refused {
                host, by, retry_at, ..
            } => {
                let error = error.with("firewall", by == Refuser::Firewall);
                let error = error.with("host", host);
                error.with("retry_at", retry_at.map(utc_stamp))
            }
            Failure::RateLimited { host, retry_at } | Failure::Server { host, retry_at, .. } => {
                let error = error.with("host", host);
                error.with("retry_at", retry_at.map(utc_stamp))
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

/// Returns the caller's code for a failure, and the hint with the next step.
fn advise(failure: &Failure) -> (Code, String) {
    let (code, hint) = match failure {
        Failure::Unauthorized { .. } => (
            Code::LoginRequired,
            "this club shows it to signed-in members only: run `padel setup`",
        ),
        Failure::SignInRefused {
            origin,
            why,
            assumed,
            ..
        } => return advise_refused(*why, origin, *assumed),
        Failure::Withheld { last, until, .. } => {
            let (code, hint) = advise(last);
            let hint = match code {
                // A locked account stays locked the longer for it.
                Code::AccountLocked => hint,
                Code::LoginRejected | Code::ProfileUnverified | Code::PortalChanged => {
                    format!("{hint}; `padel login` tries it now")
                }
                _ => format!(
                    "ask once more after {}: the club may have counted the attempt, and locks \
                     accounts after a few; \
                     `padel login` tries it now",
                    local::format_clock(*until)
                ),
            };
            return (code, hint);
        }
        Failure::Late => (Code::Timeout, "allow more with --timeout"),
        Failure::Unanswered { .. } => (Code::Network, "`padel doctor` shows what was reached"),
        Failure::Unverified { .. } => (
            Code::ProfileUnverified,
            "teach padel this portal: capture your own sign-in as a HAR file, then `padel portal \
                learn FILE.har`",
        ),
        Failure::Refused {
            by: Refuser::Portal,
            ..
        } => (
            Code::PortalRefused,
            "ask once more later; if it stays so, report it with the output of the command with \
                -vv",
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
            "this machine may be offline; if it is not, check `club`: it is the first part of \
             the booking page's address, \
             <club>.gladstonego.cloud",
        ),
        Failure::NoClub { .. } => (
            Code::NotFound,
            "check `club`: it is the first part of the booking page's address, \
                <club>.gladstonego.cloud",
        ),
        Failure::Absent { endpoint, .. }
        | Failure::Changed { endpoint, .. }
        | Failure::Status { endpoint, .. }
            if [SITES, ACTIVITIES].contains(&endpoint.as_str()) =>
        {
            (
                Code::PortalChanged,
                "report this with the output of the command with -vv; `padel availability --site \
                 ID --activity ID` \
                 needs no catalogue",
            )
        }
        Failure::Absent { .. } | Failure::Changed { .. } | Failure::Status { .. } => (
            Code::PortalChanged,
            "the portal may have changed: report this with the output of the command with -vv",
        ),
        Failure::Settings(error) => (error.code, &*error.hint),
        Failure::Proxy { host, trouble, .. } => return (Code::Network, proxy_hint(trouble, host)),
        Failure::Server { .. } => (
            Code::Network,
            "nothing is wrong on this machine: try again in some minutes",
        ),
        Failure::Network { .. } => (
            Code::Network,
            "`padel doctor` shows the proxy, the trusted certificates and what was reached",
        ),
        Failure::RateLimited { .. } => (Code::RateLimited, "come back in a few minutes"),
    };
    let Some(at) = failure.retry_at() else {
        return (code, hint.to_owned());
    };
    let why = match failure {
        Failure::Refused { .. } => "it asks to wait: ",
        Failure::Server { .. } => "nothing is wrong on this machine: ",
        _ => "",
    };
    (
        code,
        format!("{why}come back at {}", local::format_moment(at)),
    )
}

/// Advises on a pair that the club does not take.
fn advise_refused(why: SignInRefusal, origin: &Origin, assumed: bool) -> (Code, String) {
    let hint = match why {
        SignInRefusal::Rejected => {
            let check = match origin {
                Origin::Environment => "pslc_user and pslc_password in the environment",
                Origin::Terminal => "what you typed",
                file => &file.to_string(),
            };
            let doubt = "; if the club's website takes them, padel's request is wrong, which is \
                         only assumed for \
                         this club: `padel portal learn --help`";
            format!(
                "check {check}; do not try again and again, the club locks accounts after a few \
                    failures{}",
                if assumed { doubt } else { "" }
            )
        }
        SignInRefusal::Locked => {
            let hint = "wait for half an hour, or reset the password at the club; trying again \
                makes it longer";
            return (Code::AccountLocked, hint.to_owned());
        }
        SignInRefusal::SecondFactor => {
            "bookings can be seen on the club's website only, unless the second factor can be \
             switched off there; free courts need no sign-in"
                .to_owned()
        }
        SignInRefusal::PasswordExpired => {
            let place = match origin {
                Origin::Environment => "pslc_password in the environment",
                Origin::Terminal => "what you type",
                file => &file.to_string(),
            };
            format!(
                "change the password on the club's website, then write the new one into {place}"
            )
        }
    };
    (Code::LoginRejected, hint)
}

/// Writes a time in UTC, for programs.
fn utc_stamp(time: DateTime<Zone>) -> String {
    time.with_timezone(&Utc)
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The next step after a proxy's trouble.
fn proxy_hint(trouble: &ProxyTrouble, host: &str) -> String {
    match trouble {
        ProxyTrouble::Refuses(reason) => {
            let first = match reason {
                None => "correct the variable that names the proxy, or ",
                Some(_) => "",
            };
            format!(
                "{first}allow the host `{host}` in the proxy's or the environment's network \
                    settings"
            )
        }
        ProxyTrouble::WantsUser { .. } => "write both into the variable that names the proxy: \
             http://USER:PASSWORD@HOST:PORT, with `#` as %23, `/` as %2F, `%` as %25"
            .to_owned(),
        ProxyTrouble::Errs(_) => format!(
            "try again in some minutes; if it stays so, the proxy cannot reach `{host}`: check \
             `club`, or ask whoever runs the proxy"
        ),
        ProxyTrouble::Fails { .. } => format!(
            "correct the variable that names the proxy, or name `{host}` in NO_PROXY if it can be \
             reached without one; `padel doctor` shows what is used"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(why: SignInRefusal) -> Failure {
        Failure::SignInRefused {
            host: "club.example".to_owned(),
            origin: Origin::File("x.env".to_owned()),
            why,
            assumed: false,
        }
    }

    #[test]
    fn a_changed_answer_is_told_with_its_place() {
        let error = Error::from(Failure::changed("/x", "a list", "text", "[3].id"));
        let expected = "/x answered something unexpected: expected a list at `[3].id`, got text";
        assert_eq!(error.message, expected);
        assert!(error.hint.contains("may have changed"), "{}", error.hint);
        let error = Error::from(Failure::changed("/x", "a list", "text", ""));
        assert_eq!(
            error.message,
            "/x answered something unexpected: expected a list, got text"
        );
        for endpoint in [SITES, ACTIVITIES] {
            let error = Error::from(Failure::changed(endpoint, "a list", "text", ""));
            assert!(error.hint.contains("needs no catalogue"), "{}", error.hint);
            assert_eq!(error.details["endpoint"], endpoint);
        }
    }

    #[test]
    fn a_password_that_is_not_sent_again_is_told_with_its_refusal() {
        let at = |text: &str| {
            text.parse::<DateTime<Utc>>()
                .unwrap()
                .with_timezone(&Zone::UTC)
        };
        let withheld = |last: Failure| {
            let (sent, until) = (at("2026-11-23T09:00:00Z"), at("2026-11-23T09:10:00Z"));
            Error::from(Failure::Withheld {
                last: Box::new(last),
                at: sent,
                minutes: 3,
                until,
            })
        };
        let error = withheld(refused(SignInRefusal::Rejected));
        assert_eq!(error.code, Code::LoginRejected);
        assert!(
            error.message.contains("that was 3 minutes ago"),
            "{}",
            error.message
        );
        for (name, value) in [
            ("host", "club.example"),
            ("source", "x.env"),
            ("retry_at", "2026-11-23T09:10:00Z"),
        ] {
            assert_eq!(error.details[name], value);
        }
        assert!(
            error.hint.ends_with("; `padel login` tries it now"),
            "{}",
            error.hint
        );
        assert!(
            !error.hint.contains("ask once more after"),
            "{}",
            error.hint
        );
        let error = withheld(Failure::Late);
        assert!(
            error.hint.starts_with("ask once more after 09:10"),
            "{}",
            error.hint
        );
        let error = withheld(refused(SignInRefusal::Locked));
        assert!(error.hint.contains("half an hour"), "{}", error.hint);
        assert!(!error.hint.contains("tries it now"), "{}", error.hint);
    }
}
