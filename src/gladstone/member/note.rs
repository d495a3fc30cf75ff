//! What is kept, sealed, of a password that was sent: until what comes of it is a session, it
//! counts as refused.
//!
//! The one place that decides what counts as "sent and not accepted": everything, once the
//! connection was there.

use chrono::{DateTime, TimeDelta, Utc};
use http_edge::ProxyTrouble;
use serde::{Deserialize, Serialize};

use crate::{
    config::Origin,
    gladstone::failure::{Failure, Part, Refuser, SignInRefusal},
};

/// For so long a pair is not sent again by itself: some clubs lock accounts after five failures.
const PAUSE: TimeDelta = TimeDelta::minutes(10);
/// Time for which one club keeps an account locked.
const LOCKED: TimeDelta = TimeDelta::minutes(30);
/// The longest that a club's `Retry-After` holds a pair back.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// A pair that was sent and brought no session, or none that helped.
#[derive(Serialize, Deserialize)]
pub(super) struct Note {
    /// Time of sending.
    pub(super) at: DateTime<Utc>,
    pub(super) why: Why,
    /// The request that was sent, as the profile had it then: another one may fare better.
    request: String,
    /// Time at which the club wants to be asked again.
    #[serde(default)]
    stated: Option<DateTime<Utc>>,
}

/// Outcome of a pair that was sent.
#[derive(Serialize, Deserialize)]
pub(super) enum Why {
    /// Nothing so far: the process was killed, the time was over, or the connection broke off for
    /// this reason.
    Unanswered(Option<String>),
    Rejected,
    Locked,
    SecondFactor,
    PasswordExpired,
    /// An answer that says nothing of the password, which may be wrong all the same.
    Unverified {
        endpoint: String,
        got: String,
    },
    Changed {
        endpoint: String,
        expected: String,
        got: String,
    },
    Server(String),
    RateLimited,
    Refused(Refuser),
    Proxy {
        proxy: String,
        trouble: ProxyTrouble,
    },
}

impl Note {
    /// Notes that the pair is about to be sent.
    pub(super) fn before_sending(request: String, now: DateTime<Utc>) -> Self {
        Self {
            at: now,
            why: Why::Unanswered(None),
            request,
            stated: None,
        }
    }

    /// Notes what came of a pair that was sent.
    pub(super) fn of(failure: &Failure, request: String, now: DateTime<Utc>) -> Self {
        Self {
            at: now,
            why: Why::of(failure),
            request,
            stated: failure.retry_at().map(|at| at.to_utc()),
        }
    }

    /// Returns when the pair may be sent again.
    pub(super) fn blocked_until(&self) -> DateTime<Utc> {
        let pause = if matches!(self.why, Why::Locked) {
            LOCKED
        } else {
            PAUSE
        };
        let stated = self
            .stated
            .map_or(self.at, |stated| stated.min(self.at + LONGEST));
        (self.at + pause).max(stated)
    }

    /// Returns `true` where it holds back this request now. A clock that was put back ends no pause.
    pub(super) fn blocks_request(&self, request: &str, now: DateTime<Utc>) -> bool {
        let pause = self.blocked_until() - self.at;
        // A locked account is locked to any request.
        self.is_replaced_for(request) && now < self.blocked_until() && self.at - now < pause
    }

    /// Returns `true` where another note of this pair for `request` takes its place.
    pub(super) fn is_replaced_for(&self, request: &str) -> bool {
        matches!(self.why, Why::Locked) || self.request == request
    }

    /// Returns `true` where nothing has come of it so far: the process that sent it may still wait,
    /// or has been killed.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.why, Why::Unanswered(None))
    }

    /// Describes the outcome in a word or two, for the doctor.
    pub(super) fn describe_outcome(&self) -> &'static str {
        match self.why {
            Why::Unanswered(_) => "sent, and no answer came",
            Why::Rejected => "refused",
            Why::Locked => "locked out",
            Why::SecondFactor => "asked for a second factor",
            Why::PasswordExpired => "expired",
            Why::Unverified { .. } | Why::Changed { .. } => "not understood",
            Why::Server(_) | Why::RateLimited | Why::Refused(_) | Why::Proxy { .. } => {
                "sent, and not accepted"
            }
        }
    }
}

impl Why {
    fn of(failure: &Failure) -> Self {
        match failure {
            Failure::SignInRefused { why, .. } => match why {
                SignInRefusal::Rejected => Self::Rejected,
                SignInRefusal::Locked => Self::Locked,
                SignInRefusal::SecondFactor => Self::SecondFactor,
                SignInRefusal::PasswordExpired => Self::PasswordExpired,
            },
            Failure::Unverified { endpoint, got, .. } => Self::Unverified {
                endpoint: endpoint.clone(),
                got: got.clone(),
            },
            Failure::Changed {
                endpoint,
                expected,
                got,
                ..
            } => Self::Changed {
                endpoint: endpoint.clone(),
                expected: expected.clone(),
                got: got.clone(),
            },
            Failure::Status { endpoint, got, .. } => Self::Changed {
                endpoint: endpoint.clone(),
                expected: "200".to_owned(),
                got: got.clone(),
            },
            Failure::Server { status, .. } => Self::Server(status.clone()),
            Failure::RateLimited { .. } => Self::RateLimited,
            Failure::Refused { by, .. } => Self::Refused(*by),
            Failure::Proxy { proxy, trouble, .. } => Self::Proxy {
                proxy: proxy.clone(),
                trouble: trouble.clone(),
            },
            Failure::Unanswered { reason, .. } => Self::Unanswered(reason.clone()),
            Failure::Network { reason, .. } => Self::Unanswered(Some(reason.clone())),
            _ => Self::Unanswered(None),
        }
    }

    /// Returns the failure that it was.
    pub(super) fn into_failure(self, host: String, origin: Origin, assumed: bool) -> Failure {
        let why = match self {
            Self::Unanswered(reason) => return Failure::Unanswered { host, reason },
            Self::Unverified { endpoint, got } => {
                return Failure::unverified(Part::SignIn, &endpoint, &got);
            }
            Self::Changed {
                endpoint,
                expected,
                got,
            } => return Failure::changed(&endpoint, &expected, &got, ""),
            Self::Server(status) => {
                return Failure::Server {
                    host,
                    status,
                    retry_at: None,
                };
            }
            Self::RateLimited => {
                return Failure::RateLimited {
                    host,
                    retry_at: None,
                };
            }
            Self::Refused(by) => return Failure::refused(&host, by),
            Self::Proxy { proxy, trouble } => {
                return Failure::Proxy {
                    host,
                    proxy,
                    trouble,
                };
            }
            Self::Rejected => SignInRefusal::Rejected,
            Self::Locked => SignInRefusal::Locked,
            Self::SecondFactor => SignInRefusal::SecondFactor,
            Self::PasswordExpired => SignInRefusal::PasswordExpired,
        };
        Failure::SignInRefused {
            host,
            origin,
            why,
            assumed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(why: SignInRefusal) -> Failure {
        let (host, origin) = ("club.example".to_owned(), Origin::File("x".to_owned()));
        Failure::SignInRefused {
            host,
            origin,
            why,
            assumed: false,
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-{text}Z").parse().unwrap()
    }

    fn note(failure: &Failure) -> Note {
        Note::of(failure, "request".to_owned(), at("23T09:00:00"))
    }

    #[test]
    fn a_pair_is_held_back_until_the_club_wants_it() {
        let host = || "club.example".to_owned();
        let stated = |text: &str| Some(at(text).with_timezone(&crate::zone::Zone::UTC));
        let until = |failure: &Failure| note(failure).blocked_until();
        for (retry_at, expected) in [
            (None, at("23T09:10:00")),
            (stated("23T09:05:00"), at("23T09:10:00")),
            (stated("23T11:00:00"), at("23T11:00:00")),
            (stated("24T09:00:01"), at("24T09:00:00")),
            (stated("20T09:00:00"), at("23T09:10:00")),
        ] {
            let status = "503".to_owned();
            assert_eq!(
                until(&Failure::RateLimited {
                    host: host(),
                    retry_at
                }),
                expected
            );
            assert_eq!(
                until(&Failure::Server {
                    host: host(),
                    status,
                    retry_at
                }),
                expected
            );
            let refused = Failure::Refused {
                host: host(),
                by: Refuser::Edge,
                times: 1,
                retry_at,
            };
            assert_eq!(until(&refused), expected);
        }
        let locked = refused(SignInRefusal::Locked);
        assert_eq!(until(&locked), at("23T09:30:00"));
    }

    #[test]
    fn a_pause_ends_on_time_and_by_no_clock_put_back() {
        let rejected = note(&refused(SignInRefusal::Rejected));
        for (now, holds) in [
            ("23T09:00:00", true),
            ("23T09:09:59", true),
            ("23T09:10:00", false),
            ("23T08:50:01", true),
            ("23T08:50:00", false),
            ("22T09:05:00", false),
        ] {
            assert_eq!(rejected.blocks_request("request", at(now)), holds, "{now}");
            assert!(!rejected.blocks_request("another", at(now)), "{now}");
        }
        let locked = note(&refused(SignInRefusal::Locked));
        assert!(
            locked.blocks_request("another", at("23T09:29:59"))
                && !locked.blocks_request("another", at("23T09:30:00"))
        );
    }

    #[test]
    fn what_came_of_a_pair_is_told_again_as_it_was() {
        let host = || "club.example".to_owned();
        let status = Failure::Status {
            endpoint: "/l".to_owned(),
            status: 418,
            got: "418".to_owned(),
        };
        for failure in [
            Failure::Unanswered {
                host: host(),
                reason: Some("reset".to_owned()),
            },
            Failure::Unanswered {
                host: host(),
                reason: None,
            },
            Failure::changed("/l", "a session", "text", ""),
            status,
            Failure::Server {
                host: host(),
                status: "503".to_owned(),
                retry_at: None,
            },
            Failure::RateLimited {
                host: host(),
                retry_at: None,
            },
            Failure::Proxy {
                host: host(),
                proxy: "the proxy http://proxy:3128/".to_owned(),
                trouble: ProxyTrouble::Errs("502 Bad Gateway".to_owned()),
            },
            refused(SignInRefusal::Rejected),
            refused(SignInRefusal::SecondFactor),
            refused(SignInRefusal::PasswordExpired),
        ] {
            let again =
                note(&failure)
                    .why
                    .into_failure(host(), Origin::File("x".to_owned()), false);
            assert_eq!(again.to_string(), failure.to_string());
        }
        let broken = Failure::Network {
            host: host(),
            reason: "reset".to_owned(),
            passing: true,
        };
        assert!(
            note(&broken)
                .why
                .into_failure(host(), Origin::File("x".to_owned()), false)
                .to_string()
                .contains("reset")
        );
        assert!(
            note(&Failure::Unanswered {
                host: host(),
                reason: None
            })
            .is_open()
                && !note(&broken).is_open()
        );
    }
}
