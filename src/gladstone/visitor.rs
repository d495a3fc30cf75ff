//! The anonymous session: how to get one, in the current and in the older flow, and how long it
//! lasts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    body::is_firewall,
    cookies::Jar,
    endpoints::{AVAILABILITY, COOKIE_SESSION, SEALED_SESSION, VISITOR_COOKIE},
    envelope,
    failure::{Failure, Refuser},
    profile::{Anonymous, Profile, Sealing},
    token::{self, have_same_holder, is_fresh},
    transport::{Identity, Transport},
};

/// How long a token is trusted that does not say when it ends; about 24 hours were seen.
const LIFE: TimeDelta = TimeDelta::hours(12);

/// An anonymous visitor's token. Not worth hiding from the member who owns the file, but kept out
/// of every output.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Session {
    flow: Flow,
    token: String,
    ends: DateTime<Utc>,
    cookies: Jar,
}

/// How a portal lets anonymous visitors in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// Cookie `Jwt` and the header `X-Use-Sso`.
    Cookie,
    /// A sealed token, sent as a bearer.
    Envelope,
}

/// A new session, and the portal's clock where its answer tells it.
pub(super) type Opened = (Session, Option<DateTime<Utc>>);

impl Session {
    /// Asks for a session: first in the current flow, then in the older one where the portal does
    /// not know the current. A host that has none to give is no club, as far as is known.
    pub(super) async fn anonymous(
        transport: &Transport,
        profile: &Profile,
        now: DateTime<Utc>,
    ) -> Result<Opened, Failure> {
        Self::by_any_flow(transport, profile, now)
            .await
            .map_err(|failure| match failure {
                Failure::Absent { host, endpoint } => Failure::NoClub { host, endpoint },
                failure => failure,
            })
    }

    async fn by_any_flow(
        transport: &Transport,
        profile: &Profile,
        now: DateTime<Utc>,
    ) -> Result<Opened, Failure> {
        let no_cookie =
            |came: &str| Failure::changed(COOKIE_SESSION, "a cookie named `Jwt`", came, "");
        let (answered, unknown) = match profile.anonymous {
            Anonymous::Envelope => return Self::by_envelope(transport, now).await,
            Anonymous::Cookie => {
                return Self::by_cookie(transport, now)
                    .await?
                    .map_err(|came| no_cookie(&came));
            }
            Anonymous::Auto => match Self::by_cookie(transport, now).await {
                Ok(Ok(opened)) => return Ok(opened),
                Ok(Err(came)) => (true, no_cookie(&came)),
                Err(absent @ Failure::Absent { .. }) => (false, absent),
                Err(failure) => return Err(failure),
            },
        };
        // Where both are absent, the current flow is the one to talk about.
        Self::by_envelope(transport, now)
            .await
            .map_err(|failure| match failure {
                Failure::Absent { .. } => unknown,
                Failure::Changed { .. } if answered => unknown,
                failure => failure,
            })
    }

    /// The current flow; the inner error says what came in place of its cookie.
    async fn by_cookie(
        transport: &Transport,
        now: DateTime<Utc>,
    ) -> Result<Result<Opened, String>, Failure> {
        let reply = transport
            .get(COOKIE_SESSION, &[], &Identity::default())
            .await?;
        let cookies = &reply.cookies;
        match cookies.all.value_for(AVAILABILITY, VISITOR_COOKIE, now) {
            Some(token) => {
                let mut session =
                    Self::new(Flow::Cookie, token.to_owned(), cookies.all.clone(), now);
                session.ends = cookies
                    .all
                    .end_of(VISITOR_COOKIE)
                    .map_or(session.ends, |ends| ends.min(session.ends));
                Ok(Ok((session, reply.date)))
            }
            None if is_firewall(&reply.body) => Err(Failure::Refused {
                host: transport.host().to_owned(),
                by: Refuser::Firewall,
                times: 1,
                retry_at: None,
            }),
            None => Ok(Err(cookies
                .describe_oddity(VISITOR_COOKIE)
                .unwrap_or_else(|| cookies.describe_names()))),
        }
    }

    async fn by_envelope(transport: &Transport, now: DateTime<Utc>) -> Result<Opened, Failure> {
        let reply = transport
            .get(SEALED_SESSION, &[], &Identity::default())
            .await?;
        let text = String::from_utf8_lossy(&reply.body);
        let got = match envelope::open(&text, transport.host(), Sealing::Cbc) {
            Ok(plain) => match serde_json::from_slice(&plain) {
                Ok(Contents { token }) => {
                    return Ok((
                        Self::new(Flow::Envelope, token, reply.cookies.all, now),
                        reply.date,
                    ));
                }
                Err(_) => "an envelope without a `Token` in it".to_owned(),
            },
            // A portal that answers every unknown path with its start page does not have this one.
            Err(_) if text.trim_start().starts_with('<') => {
                return Err(Failure::Absent {
                    host: transport.host().to_owned(),
                    endpoint: SEALED_SESSION.to_owned(),
                });
            }
            Err(error) => error.to_string(),
        };
        Err(Failure::changed(SEALED_SESSION, "a sealed token", &got, ""))
    }

    fn new(flow: Flow, token: String, cookies: Jar, now: DateTime<Utc>) -> Self {
        let ends = token::end(token::stated_end(&token), now, LIFE);
        Self {
            flow,
            token,
            ends,
            cookies,
        }
    }

    /// Its cookies, as a browser has them when it signs in.
    pub(super) fn cookies(&self) -> &Jar {
        &self.cookies
    }

    /// Takes over what an answer has made of the cookies; `false` where that is what they were.
    pub(super) fn keep_cookies(&mut self, cookies: Jar) -> bool {
        let differ = self.cookies != cookies;
        self.cookies = cookies;
        differ
    }

    /// Whether a token is this visitor's: the same, or one that says the same of its holder.
    pub(super) fn is_of(&self, token: &str) -> bool {
        have_same_holder(&self.token, token)
    }

    /// Whether it can be used now.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        is_fresh(self.ends, now)
    }

    /// How the portal let us in.
    pub(super) fn flow(&self) -> Flow {
        self.flow
    }

    /// What a request must carry.
    pub(super) fn identity(&self) -> Identity {
        match self.flow {
            Flow::Cookie => Identity::cookies(&self.cookies).with("x-use-sso", "1"),
            Flow::Envelope => Identity::bearer(&self.token).with_cookies(&self.cookies),
        }
    }
}

/// The plaintext of an envelope.
#[derive(Deserialize)]
struct Contents {
    #[serde(rename = "Token")]
    token: String,
}
