//! What the answer to a sign-in means: a session, a refusal and which one, or nothing that can be
//! understood. The answer's own no comes before a cookie that it sets: visitors have one of the
//! same name.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{StatusCode, Url};
use serde_json::Value;

use super::verdict::Verdict;
use crate::{
    gladstone::{
        body::refuser,
        cookies::{Jar, Received},
        envelope,
        failure::{Failure, Part},
        profile::{Profile, Sealing},
        times::Clocks,
        token,
        transport::{Identity, Posted, Reply, Transport},
        visitor::Session,
    },
    text,
};

/// What an answer is held against.
pub(super) struct Asked<'a> {
    pub(super) profile: &'a Profile,
    pub(super) host: &'a str,
    /// Where the credentials came from.
    pub(super) source: &'a str,
    /// The visitor's session, which is no member's.
    pub(super) visitor: Option<&'a Session>,
    pub(super) now: DateTime<Utc>,
}

/// A member's session as it came.
pub(super) struct Granted {
    pub(super) token: String,
    pub(super) ends: DateTime<Utc>,
    pub(super) cookies: Jar,
}

/// Which page a redirect leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    SignIn,
    Locked,
    SecondFactor,
    NewPassword,
    Other,
}

impl Asked<'_> {
    /// Reads the answer; follows a redirect where the profile has the token behind it.
    pub(super) async fn read(
        &self,
        mut posted: Posted,
        transport: &Transport,
    ) -> Result<Granted, Failure> {
        let place = &self.profile.token;
        if let Some(trouble) = posted.trouble.take() {
            // Too many requests, or too many wrong passwords.
            let limited = posted.status == StatusCode::TOO_MANY_REQUESTS;
            let locked = limited && Verdict::of(&posted.reply.body, true).locked;
            let (host, source_name) = (self.host.to_owned(), self.source.to_owned());
            return Err(if locked {
                Failure::Locked { host, source_name }
            } else {
                trouble
            });
        }
        if let Some(failure) = self.refusal(&posted) {
            return Err(failure);
        }
        let mut reply = posted.reply;
        let mut token = self.token(&reply.cookies, &reply.body, &reply.endpoint)?;
        if let (None, true, Some(target)) = (&token, place.redirect, &posted.location) {
            let identity = Identity::cookies(&reply.cookies.all);
            // Whatever goes wrong there: the password was sent, and brought no session.
            if let Ok(page) = transport.go_on(target, &identity).await {
                if page_of(&page.landed, &self.profile.login.path) != Page::Other {
                    return Err(self.unverified(
                        &reply.endpoint,
                        &format!("a redirect to {}", text::path(&page.landed)),
                    ));
                }
                token = self.token(&page.cookies, &[], &reply.endpoint)?;
                reply.cookies = page.cookies;
            }
        }
        let clocks = Clocks {
            ours: self.now,
            portals: reply.date,
        };
        let Some(token) = token else {
            return Err(self.nothing(&posted.status, posted.location.as_ref(), &reply));
        };
        if token::stated_end(&token).is_some_and(|end| clocks.ahead(end).is_none()) {
            return Err(self.unverified(&reply.endpoint, "a session that is over already"));
        }
        if self.visitor.is_some_and(|visitor| visitor.is_of(&token)) {
            return Err(self.unverified(&reply.endpoint, "the visitor's session, not a member's"));
        }
        let life = TimeDelta::minutes(place.minutes.into());
        let stated = token::stated_end(&token).and_then(|end| clocks.ahead(end));
        let ends = token::end(stated, self.now, life);
        let mut cookies = reply.cookies.all;
        let ends = cookies
            .end_of(&place.cookie)
            .map_or(ends, |end| end.min(ends));
        if !place.cookie.is_empty() {
            cookies.join_pieces(&place.cookie, &token);
        }
        Ok(Granted {
            token,
            ends,
            cookies,
        })
    }

    /// The refusal, if the answer is one, or cannot be a session.
    fn refusal(&self, posted: &Posted) -> Option<Failure> {
        let (status, body) = (posted.status, posted.reply.body.trim_ascii_start());
        let (host, source_name) = (self.host.to_owned(), self.source.to_owned());
        let assumed = self.profile.is_assumed("login");
        let is_html = body.starts_with(b"<");
        let mut found = Verdict::of(body, status.is_client_error());
        if let Some(plain) = self.opened(body) {
            found = if found.is_no() {
                found
            } else {
                Verdict::of(&plain, false)
            };
        }
        let inner = found
            .status
            .and_then(|code| StatusCode::from_u16(code).ok())
            .filter(|_| status.is_success());
        let meant = inner.unwrap_or(status);
        // Some redirect in JSON.
        let target = posted
            .location
            .as_ref()
            .map(|_| &posted.target)
            .or(found.next.as_ref());
        let page = target.map_or(Page::Other, |target| {
            page_of(target, &self.profile.login.path)
        });
        let is_refusal = status.is_client_error();

        let unverified = |got: &str| Some(self.unverified(&posted.reply.endpoint, got));
        match meant.as_u16() {
            404 | 405 | 410 => return unverified(&meant.to_string()),
            403 if is_html || body.is_empty() => {
                return Some(Failure::Refused {
                    host,
                    by: refuser(&posted.reply.body),
                    times: 1,
                    retry_at: None,
                });
            }
            _ => {}
        }
        if found.locked || meant == StatusCode::LOCKED || page == Page::Locked {
            return Some(Failure::Locked { host, source_name });
        }
        let mentioned =
            found.mentions_second_factor && !found.blames_the_pair && (is_refusal || found.is_no());
        if found.second_factor || mentioned || page == Page::SecondFactor {
            return Some(Failure::SecondFactor { host, source_name });
        }
        if found.password_expired || page == Page::NewPassword {
            return Some(Failure::PasswordExpired { host, source_name });
        }
        let rejected = Some(Failure::Rejected {
            host: host.clone(),
            source_name,
            assumed,
        });
        match meant.as_u16() {
            // A portal that reads other names or another form says so.
            400 | 415 | 422 if assumed && !found.blames_the_pair => unverified(&meant.to_string()),
            400 | 401 | 403 | 422 => rejected,
            429 => Some(Failure::RateLimited {
                host,
                retry_at: None,
            }),
            400..=499 if inner.is_some() => rejected,
            500..=599 => Some(Failure::Server {
                host,
                status: meant.to_string(),
                retry_at: None,
            }),
            200..=299 if found.is_no() || (page == Page::SignIn && !assumed) => rejected,
            200..=299 if page == Page::SignIn => unverified("the way back to the sign-in page"),
            200..=299 if is_html && assumed => unverified("an HTML page"),
            200..=299 if is_html && asks_for_a_password(body) => rejected,
            200..=299 => None,
            300..=399 if page == Page::SignIn && !assumed => rejected,
            300..=399 if page == Page::SignIn || matches!(meant.as_u16(), 307 | 308) => {
                unverified(&leads_to(posted.location.as_ref()))
            }
            300..=399 => None,
            _ => {
                let status = meant.to_string();
                Some(Failure::changed(
                    &posted.reply.endpoint,
                    "a session or a refusal",
                    &status,
                    "",
                ))
            }
        }
    }

    /// What an answer means that refuses nothing and brings no token.
    fn nothing(&self, status: &StatusCode, location: Option<&Url>, reply: &Reply) -> Failure {
        if Verdict::of(&reply.body, false).mentions_second_factor {
            return Failure::SecondFactor {
                host: self.host.to_owned(),
                source_name: self.source.to_owned(),
            };
        }
        let cookie = &self.profile.token.cookie;
        let oddity = reply
            .cookies
            .describe_oddity(cookie)
            .filter(|_| !cookie.is_empty());
        let got = match oddity {
            Some(oddity) => oddity,
            None if status.is_redirection() => leads_to(location),
            None if reply.body.trim_ascii_start().starts_with(b"<") => "an HTML page".to_owned(),
            None => "no token where it was assumed to be".to_owned(),
        };
        self.unverified(&reply.endpoint, &got)
    }

    /// The token, if an answer brings one where the profile says.
    fn token(
        &self,
        cookies: &Received,
        body: &[u8],
        endpoint: &str,
    ) -> Result<Option<String>, Failure> {
        let place = &self.profile.token;
        let token = if place.cookie.is_empty() {
            self.token_of_body(body, endpoint)?
        } else {
            // A cookie that is sent as one must be one of the requests to come.
            let bookings = self.profile.bookings.upcoming.split('?').next();
            let path = bookings.filter(|_| place.send == "cookie");
            cookies
                .token(&place.cookie, path, self.now)
                .map_err(|came| self.unverified(endpoint, &came))?
        };
        // What servers write in place of nothing.
        let nothing = [
            "",
            "deleted",
            "deleteme",
            "null",
            "undefined",
            "none",
            "nil",
            "false",
            "0",
            "-1",
            "expired",
        ];
        Ok(token
            .filter(|token| !nothing.contains(&token.trim_matches('"').to_lowercase().as_str())))
    }

    fn token_of_body(&self, body: &[u8], endpoint: &str) -> Result<Option<String>, Failure> {
        let place = &self.profile.token;
        let mut plain = body.to_vec();
        if place.sealing != Sealing::None {
            let Some(sealed) = self.sealed(body) else {
                return Ok(None);
            };
            match envelope::open(&sealed, self.host, place.sealing) {
                Ok(opened) => plain = opened,
                // A refusal is not sealed, as a rule.
                Err(_) if serde_json::from_slice::<Value>(body).is_ok() => return Ok(None),
                Err(error) => return Err(self.unverified(endpoint, &error.to_string())),
            }
        }
        match serde_json::from_slice::<Value>(&plain) {
            Ok(body) => Ok(string_at(&body, &place.pointer)),
            // A body that is nothing but the token.
            Err(_) if place.pointer.is_empty() => Ok(String::from_utf8(plain)
                .ok()
                .map(|text| text.trim().to_owned())
                .filter(|text| {
                    !text.is_empty()
                        && text
                            .bytes()
                            .all(|byte| byte.is_ascii_graphic() && !b"<>{}".contains(&byte))
                })),
            Err(_) => Ok(None),
        }
    }

    fn sealed(&self, body: &[u8]) -> Option<String> {
        let pointer = &self.profile.token.envelope;
        if pointer.is_empty() {
            return Some(String::from_utf8_lossy(body).into_owned());
        }
        string_at(&serde_json::from_slice(body).ok()?, pointer)
    }

    /// What is sealed in a body, where the profile says that something is.
    fn opened(&self, body: &[u8]) -> Option<Vec<u8>> {
        let sealing = self.profile.token.sealing;
        (sealing != Sealing::None)
            .then(|| envelope::open(&self.sealed(body)?, self.host, sealing).ok())?
    }

    fn unverified(&self, endpoint: &str, got: &str) -> Failure {
        Failure::Unverified {
            part: Part::SignIn,
            endpoint: endpoint.to_owned(),
            got: text::line(got, 160),
        }
    }
}

fn string_at(value: &Value, pointer: &str) -> Option<String> {
    value
        .pointer(pointer)?
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn leads_to(location: Option<&Url>) -> String {
    let place = location.map_or("nowhere".to_owned(), |target| text::path(target.path()));
    format!("a redirect to {place} without a session")
}

/// Whether a page is a form for a password: the one that was filled in, again.
fn asks_for_a_password(page: &[u8]) -> bool {
    let page: String = String::from_utf8_lossy(page)
        .to_lowercase()
        .split(['"', '\'', ' ', '\n'])
        .collect();
    page.contains("type=password")
}

/// Which page a `Location` leads to, by its path, by what is behind its `#` and by the names in its
/// query.
fn page_of(target: &str, sign_in: &str) -> Page {
    let plain = |text: &str| -> String {
        text.to_lowercase()
            .chars()
            .filter(|char| char.is_alphanumeric())
            .collect()
    };
    let place = target.split_once("://").map_or(target, |(_, rest)| {
        rest.split_once('/').map_or("", |(_, path)| path)
    });
    let (path, fragment) = place.split_once('#').unwrap_or((place, ""));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (route, behind) = fragment.split_once('?').unwrap_or((fragment, ""));
    let words = format!("{} {}", plain(path), plain(route));
    let names = format!("&{}&{}", query.to_lowercase(), behind.to_lowercase());
    let has = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let asks = |signs: &[&str]| signs.iter().any(|sign| names.contains(sign));
    if has(&["lockout", "lockedout", "accountlocked"]) {
        Page::Locked
    } else if has(&[
        "2fa",
        "twofactor",
        "mfa",
        "otp",
        "sendcode",
        "verifycode",
        "secondfactor",
        "twostep",
    ]) {
        Page::SecondFactor
    } else if words.contains("password") && has(&["change", "reset", "expired", "update", "new"]) {
        Page::NewPassword
    } else if has(&["callback", "oidc", "success", "complete", "continue"]) {
        Page::Other
    } else if has(&["login", "logon", "signin", "accessdenied", "unauthori"])
        || plain(path) == "error"
        || plain(path) == plain(sign_in.split('?').next().unwrap_or_default())
        || asks(&[
            "&error",
            "&login_error",
            "&loginerror",
            "&failed",
            "&loginfailed",
            "=failed",
            "=error",
            "=denied",
            "=invalid",
            "&autherror",
        ])
    {
        Page::SignIn
    } else {
        Page::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_redirect_is_told_by_its_words() {
        for (target, page) in [
            ("/auth/login?error=1", Page::SignIn),
            ("https://club.example/Account/LogOn", Page::SignIn),
            ("/#/auth/login", Page::SignIn),
            ("/?error=invalid", Page::SignIn),
            ("/sign-in", Page::SignIn),
            ("/error", Page::SignIn),
            ("/Account/AccessDenied?ReturnUrl=%2F", Page::SignIn),
            ("/?status=failed", Page::SignIn),
            ("/api/session", Page::SignIn),
            ("/Account/Lockout", Page::Locked),
            ("/Account/LoginWith2fa?returnUrl=%2F", Page::SecondFactor),
            ("/account/change-password", Page::NewPassword),
            ("/signin-oidc?code=x", Page::Other),
            ("/login/callback", Page::Other),
            ("/account?returnUrl=/auth/login", Page::Other),
            ("/book", Page::Other),
            ("https://login.example/book", Page::Other),
            ("/", Page::Other),
        ] {
            assert_eq!(page_of(target, "/api/session?x=1"), page, "{target}");
        }
    }

    #[test]
    fn a_form_for_a_password_is_recognised() {
        assert!(asks_for_a_password(
            b"<form><input name=p TYPE='Password'></form>"
        ));
        assert!(asks_for_a_password(b"<input type = \"password\">"));
        assert!(!asks_for_a_password(b"<p>Change your password</p>"));
    }
}
