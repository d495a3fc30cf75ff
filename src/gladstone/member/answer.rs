//! What the answer to a sign-in means: a session, a refusal and which one, or nothing that can be
//! understood. The answer's own no comes before a cookie that it sets: visitors have one of the
//! same name.

use chrono::TimeDelta;
use reqwest::{StatusCode, Url};

use super::{
    page::{Page, asks_for_password},
    session::MemberSession,
    token_place::{find_token, open_sealed},
    verdict::Verdict,
};
use crate::{
    config::Origin,
    gladstone::{
        body::refuser,
        context::PortalContext,
        failure::{Failure, Part, SignInRefusal},
        identity::Identity,
        profile::Profile,
        times::Clocks,
        token,
        transport::{Posted, Reply},
        visitor::VisitorSession,
    },
    text,
};

/// The ground that an answer is judged on.
pub(super) struct SignInAnswer<'a> {
    pub(super) context: &'a PortalContext,
    pub(super) profile: &'a Profile,
    /// Origin of the credentials.
    pub(super) origin: &'a Origin,
    /// The visitor's session, which is no member's.
    pub(super) visitor: Option<&'a VisitorSession>,
}

impl SignInAnswer<'_> {
    /// Reads the answer; follows a redirect where the profile has the token behind it.
    pub(super) async fn read_answer(&self, mut posted: Posted) -> Result<MemberSession, Failure> {
        if let Some(trouble) = posted.trouble.take() {
            // Too many requests, or too many wrong passwords.
            let is_locked = posted.status == StatusCode::TOO_MANY_REQUESTS
                && Verdict::of(&posted.reply.body, true).locked;
            return Err(if is_locked {
                self.refused_because(SignInRefusal::Locked)
            } else {
                trouble
            });
        }
        if let Some(failure) = self.find_refusal(&posted) {
            return Err(failure);
        }
        let mut reply = posted.reply;
        let mut token = self.find_token(&reply, &reply.body)?;
        if let (None, true, Some(target)) = (&token, self.profile.token.redirect, &posted.location)
        {
            let identity = Identity::cookies(&reply.cookies.all);
            // Whatever goes wrong there: the password was sent, and brought no session.
            if let Ok(page) = self.context.transport.get_page(target, &identity).await {
                if Page::of(&page.landed, &self.profile.login.path) != Page::Other {
                    let got = format!("a redirect to {}", text::path(&page.landed));
                    return Err(unverified(&reply, &got));
                }
                reply.cookies = page.cookies;
                token = self.find_token(&reply, &[])?;
            }
        }
        match token {
            Some(token) => self.make_session(token, reply),
            None => Err(self.explain_no_token(posted.status, posted.location.as_ref(), &reply)),
        }
    }

    fn find_token(&self, reply: &Reply, body: &[u8]) -> Result<Option<String>, Failure> {
        let context = self.context;
        find_token(
            self.profile,
            context.host(),
            &reply.cookies,
            body,
            context.now,
        )
        .map_err(|came| unverified(reply, &came))
    }

    /// Makes the session of a token, unless that is over or the visitor's own.
    fn make_session(&self, token: String, reply: Reply) -> Result<MemberSession, Failure> {
        let (place, now) = (&self.profile.token, self.context.now);
        let clocks = Clocks {
            ours: now,
            portals: reply.date,
        };
        let stated = token::stated_end(&token);
        let end = stated.and_then(|end| clocks.on_ours(end));
        if stated.is_some() && end.is_none() {
            return Err(unverified(&reply, "a session that is over already"));
        }
        if self
            .visitor
            .is_some_and(|visitor| visitor.has_holder_of(&token))
        {
            return Err(unverified(&reply, "the visitor's session, not a member's"));
        }
        let ends = token::session_end(end, now, TimeDelta::minutes(place.minutes.into()));
        let mut cookies = reply.cookies.all;
        let cookie_ends = cookies.end_of(&place.cookie);
        if !place.cookie.is_empty() {
            cookies.join_pieces(&place.cookie, &token);
        }
        Ok(MemberSession {
            token,
            began: now,
            ends: cookie_ends.map_or(ends, |end| end.min(ends)),
            cookies,
        })
    }

    /// Returns the refusal, if the answer is one, or cannot be a session.
    fn find_refusal(&self, posted: &Posted) -> Option<Failure> {
        let (status, body) = (posted.status, posted.reply.body.trim_ascii_start());
        let host = self.context.host();
        let assumed = self.profile.is_assumed("login");
        let is_html = body.starts_with(b"<");
        let is_refusal = status.is_client_error();
        let mut found = Verdict::of(body, is_refusal);
        if let Some(plain) = open_sealed(&self.profile.token, host, body)
            && !found.is_no()
        {
            found = Verdict::of(&plain, false);
        }
        let inner = found
            .status
            .and_then(|code| StatusCode::from_u16(code).ok())
            .filter(|_| status.is_success());
        let meant = inner.unwrap_or(status);
        // Some redirect in JSON.
        let target = match &posted.location {
            Some(_) => Some(&posted.target),
            None => found.next.as_ref(),
        };
        let page = target.map_or(Page::Other, |target| {
            Page::of(target, &self.profile.login.path)
        });

        let unverified = |got: &str| Some(unverified(&posted.reply, got));
        match meant.as_u16() {
            404 | 405 | 410 => return unverified(&meant.to_string()),
            403 if is_html || body.is_empty() => {
                return Some(Failure::refused(host, refuser(&posted.reply.body)));
            }
            _ => {}
        }
        if found.locked || meant == StatusCode::LOCKED || page == Page::Locked {
            return Some(self.refused_because(SignInRefusal::Locked));
        }
        let mentioned =
            found.mentions_second_factor && !found.blames_the_pair && (is_refusal || found.is_no());
        if found.second_factor || mentioned || page == Page::SecondFactor {
            return Some(self.refused_because(SignInRefusal::SecondFactor));
        }
        if found.password_expired || page == Page::NewPassword {
            return Some(self.refused_because(SignInRefusal::PasswordExpired));
        }
        let rejected = || Some(self.refused_because(SignInRefusal::Rejected));
        match meant.as_u16() {
            // A portal that reads other names or another form says so.
            400 | 415 | 422 if assumed && !found.blames_the_pair => unverified(&meant.to_string()),
            400 | 401 | 403 | 422 => rejected(),
            429 => Some(Failure::RateLimited {
                host: host.to_owned(),
                retry_at: None,
            }),
            400..=499 if inner.is_some() => rejected(),
            500..=599 => Some(Failure::Server {
                host: host.to_owned(),
                status: meant.to_string(),
                retry_at: None,
            }),
            200..=299 if found.is_no() || (page == Page::SignIn && !assumed) => rejected(),
            200..=299 if page == Page::SignIn => unverified("the way back to the sign-in page"),
            200..=299 if is_html && assumed => unverified("an HTML page"),
            200..=299 if is_html && asks_for_password(body) => rejected(),
            200..=299 => None,
            300..=399 if page == Page::SignIn && !assumed => rejected(),
            300..=399 if page == Page::SignIn || matches!(meant.as_u16(), 307 | 308) => {
                unverified(&leads_to(posted.location.as_ref()))
            }
            300..=399 => None,
            _ => Some(Failure::changed(
                &posted.reply.endpoint,
                "a session or a refusal",
                &meant.to_string(),
                "",
            )),
        }
    }

    /// Says what an answer means that refuses nothing and brings no token.
    fn explain_no_token(
        &self,
        status: StatusCode,
        location: Option<&Url>,
        reply: &Reply,
    ) -> Failure {
        if Verdict::of(&reply.body, false).mentions_second_factor {
            return self.refused_because(SignInRefusal::SecondFactor);
        }
        let cookie = &self.profile.token.cookie;
        let oddity = reply.cookies.describe_oddity(cookie);
        let got = match oddity.filter(|_| !cookie.is_empty()) {
            Some(oddity) => oddity,
            None if status.is_redirection() => leads_to(location),
            None if reply.body.trim_ascii_start().starts_with(b"<") => "an HTML page".to_owned(),
            None => "no token where it was assumed to be".to_owned(),
        };
        unverified(reply, &got)
    }

    fn refused_because(&self, why: SignInRefusal) -> Failure {
        Failure::SignInRefused {
            host: self.context.host().to_owned(),
            origin: self.origin.clone(),
            why,
            assumed: self.profile.is_assumed("login"),
        }
    }
}

fn unverified(reply: &Reply, got: &str) -> Failure {
    Failure::unverified(Part::SignIn, &reply.endpoint, got)
}

fn leads_to(location: Option<&Url>) -> String {
    let place = location.map_or("nowhere".to_owned(), |target| text::path(target.path()));
    format!("a redirect to {place} without a session")
}
