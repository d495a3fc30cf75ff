//! A visitor's session: how to get one, in the current and in the older flow, and how long it
//! lasts.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::gladstone::{
    body::is_firewall,
    cookies::Jar,
    endpoints::{AVAILABILITY, COOKIE_SESSION, SEALED_SESSION, VISITOR_COOKIE},
    envelope,
    failure::{Failure, Refuser},
    identity::Identity,
    profile::{Anonymous, Profile, Sealing},
    token::{self, have_same_holder, is_fresh},
    transport::Transport,
};

/// Life of a token that does not say when it ends; about 24 hours were seen.
const LIFE: TimeDelta = TimeDelta::hours(12);

/// An anonymous visitor's token. Not worth hiding from the member who owns the file, but kept out
/// of every output.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct VisitorSession {
    flow: Flow,
    token: String,
    ends: DateTime<Utc>,
    cookies: Jar,
}

/// Way in for anonymous visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// Cookie `Jwt` and the header `X-Use-Sso`.
    Cookie,
    /// A sealed token, sent as a bearer.
    Envelope,
}

/// A new session, and the portal's clock where its answer tells it.
type Opened = (VisitorSession, Option<DateTime<Utc>>);

/// Asks for a session: first in the current flow, then in the older one where the portal does not
/// know the current. A host that has none to give is no club, as far as is known.
pub(super) async fn open_session(
    transport: &Transport,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<Opened, Failure> {
    let (answered, unknown) = match profile.anonymous {
        Anonymous::Envelope => return open_sealed(transport, now).await.map_err(no_club),
        Anonymous::Cookie => {
            let opened = open_by_cookie(transport, now).await.map_err(no_club)?;
            return opened.map_err(|came| no_cookie(&came));
        }
        Anonymous::Auto => match open_by_cookie(transport, now).await {
            Ok(Ok(opened)) => return Ok(opened),
            Ok(Err(came)) => (true, no_cookie(&came)),
            Err(absent @ Failure::Absent { .. }) => (false, absent),
            Err(failure) => return Err(failure),
        },
    };
    // Where both are absent, the current flow is the one to talk about.
    let opened = open_sealed(transport, now).await;
    opened.map_err(|failure| match failure {
        Failure::Absent { .. } => no_club(unknown),
        Failure::Changed { .. } if answered => unknown,
        failure => failure,
    })
}

fn no_club(failure: Failure) -> Failure {
    match failure {
        Failure::Absent { host, endpoint } => Failure::NoClub { host, endpoint },
        failure => failure,
    }
}

fn no_cookie(came: &str) -> Failure {
    Failure::changed(COOKIE_SESSION, "a cookie named `Jwt`", came, "")
}

/// The current flow; the inner error says what came in place of its cookie.
async fn open_by_cookie(
    transport: &Transport,
    now: DateTime<Utc>,
) -> Result<Result<Opened, String>, Failure> {
    let reply = transport
        .get(COOKIE_SESSION, &[], &Identity::default(), None)
        .await?;
    let cookies = &reply.cookies;
    if let Some(token) = cookies.all.value_for(AVAILABILITY, VISITOR_COOKIE, now) {
        let token = token.to_owned();
        let mut session = VisitorSession::new(Flow::Cookie, token, cookies.all.clone(), now);
        if let Some(ends) = cookies.all.end_of(VISITOR_COOKIE) {
            session.ends = session.ends.min(ends);
        }
        return Ok(Ok((session, reply.date)));
    }
    if is_firewall(&reply.body) {
        return Err(Failure::refused(transport.host(), Refuser::Firewall));
    }
    Ok(Err(cookies
        .describe_oddity(VISITOR_COOKIE)
        .unwrap_or_else(|| cookies.describe_names())))
}

/// The older flow.
async fn open_sealed(transport: &Transport, now: DateTime<Utc>) -> Result<Opened, Failure> {
    let reply = transport
        .get(SEALED_SESSION, &[], &Identity::default(), None)
        .await?;
    let text = String::from_utf8_lossy(&reply.body);
    let got = match envelope::open(&text, transport.host(), Sealing::Cbc) {
        Ok(plain) => match serde_json::from_slice(&plain) {
            Ok(Contents { token }) => {
                let cookies = reply.cookies.all;
                let session = VisitorSession::new(Flow::Envelope, token, cookies, now);
                return Ok((session, reply.date));
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

impl VisitorSession {
    fn new(flow: Flow, token: String, cookies: Jar, now: DateTime<Utc>) -> Self {
        let ends = token::session_end(token::stated_end(&token), now, LIFE);
        Self {
            flow,
            token,
            ends,
            cookies,
        }
    }

    /// Returns its cookies, as a browser has them when it signs in.
    pub(crate) fn cookies(&self) -> &Jar {
        &self.cookies
    }

    /// Takes over what an answer has made of the cookies; `false` where that is what they were.
    pub(super) fn keep_cookies(&mut self, cookies: &Jar) -> bool {
        let differ = self.cookies != *cookies;
        self.cookies.clone_from(cookies);
        differ
    }

    /// Returns `true` for a token of this visitor: the same, or one that says the same of its
    /// holder.
    pub(crate) fn has_holder_of(&self, token: &str) -> bool {
        have_same_holder(&self.token, token)
    }

    /// Returns `true` while it can be used.
    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        is_fresh(self.ends, now)
    }

    /// Returns how the portal has let us in.
    pub(super) fn flow(&self) -> Flow {
        self.flow
    }

    /// Returns what a request must carry.
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
