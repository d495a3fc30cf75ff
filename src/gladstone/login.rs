//! Signing a member in: one request as the profile has it, sent once, and what its answer means.
//!
//! The request is assumed: no public client shows it (see `profile.toml`). A password is sent verbatim.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    envelope,
    failure::Failure,
    profile::{Encoding, Profile, Sealing},
    session::stated_end,
    transport::{Identity, Post, Posted, Transport, is_firewall},
};
use crate::{config::Credentials, text};

/// A member's session. Its token is worth a password for half an hour: no `Debug`, and sealed at rest.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Member {
    token: String,
    /// When the token ends, as it says itself or as the profile has it.
    pub(super) ends: DateTime<Utc>,
}

impl Member {
    /// Signs in: one request, never retried.
    pub(super) async fn sign_in(
        transport: &Transport,
        profile: &Profile,
        credentials: &Credentials,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let login = &profile.login;
        let body = fill(&login.body, login.encoding, credentials);
        let unsealable = || Failure::changed(&login.path, "a body that can be sealed", "one that cannot", "");
        let random = |bytes: &mut [u8]| bytes.fill_with(|| fastrand::u8(..));
        let (body, plain_type) = match login.sealing {
            Sealing::None => (body, content_type(login.encoding)),
            sealing => {
                let sealed = envelope::seal(body.expose_secret().as_bytes(), transport.host(), sealing, random);
                let wrapped = login.wrapper.replace("{sealed}", &sealed.ok_or_else(unsealable)?);
                let kind = if wrapped.starts_with('{') { content_type(Encoding::Json) } else { "text/plain" };
                (SecretString::from(wrapped), kind)
            }
        };
        let mut headers = Identity::default();
        for (name, value) in &login.headers {
            headers = headers.with(name.as_str(), value);
        }
        let post = Post { path: &login.path, content_type: plain_type, headers, body };
        let posted = transport.post(post).await?;
        match token(&posted, profile, transport.host())? {
            Some(token) => {
                let ends = stated_end(&token).unwrap_or(now + TimeDelta::minutes(profile.token.minutes.into()));
                Ok(Self { token, ends })
            }
            None => Err(refusal(&posted, transport.host(), &credentials.source)),
        }
    }

    /// Whether both are the same session.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.token == other.token
    }

    /// What a request must carry.
    pub(super) fn identity(&self, profile: &Profile) -> Identity {
        let token = &profile.token;
        let identity = match token.send.as_str() {
            "cookie" => Identity::cookie(&token.cookie, &self.token),
            "bearer" => Identity::bearer(&self.token),
            header => Identity::default().with(header, &self.token),
        };
        token.headers.iter().fold(identity, |identity, (name, value)| identity.with(name.as_str(), value))
    }
}

fn content_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Json => "application/json",
        Encoding::Form => "application/x-www-form-urlencoded",
    }
}

/// The body's template with the credentials in it. One pass: a password that holds `{user}` stays as it is.
fn fill(template: &str, encoding: Encoding, credentials: &Credentials) -> SecretString {
    let encode = |secret: &SecretString| match encoding {
        Encoding::Json => Value::String(secret.expose_secret().to_owned()).to_string(),
        Encoding::Form => form_urlencoded::byte_serialize(secret.expose_secret().as_bytes()).collect(),
    };
    let mut body = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        body.push_str(&rest[..at]);
        rest = &rest[at..];
        let (value, length) = if rest.starts_with("{user}") {
            (encode(&credentials.user), "{user}".len())
        } else if rest.starts_with("{password}") {
            (encode(&credentials.password), "{password}".len())
        } else {
            ("{".to_owned(), 1)
        };
        body.push_str(&value);
        rest = &rest[length..];
    }
    body.push_str(rest);
    body.into()
}

/// The token, if the answer brings one where the profile says.
fn token(posted: &Posted, profile: &Profile, host: &str) -> Result<Option<String>, Failure> {
    let (reply, place) = (&posted.reply, &profile.token);
    if !(posted.status.is_success() || posted.status.is_redirection()) {
        return Ok(None);
    }
    if !place.cookie.is_empty() {
        return Ok(reply.cookie(&place.cookie).map(str::to_owned));
    }
    let mut body = reply.body.clone();
    if place.sealing != Sealing::None {
        let outer = String::from_utf8_lossy(&body).into_owned();
        let sealed = if place.envelope.is_empty() {
            Some(outer)
        } else {
            serde_json::from_slice(&body).ok().and_then(|body: Value| string_at(&body, &place.envelope))
        };
        let Some(sealed) = sealed else { return Ok(None) };
        match envelope::open(&sealed, host, place.sealing) {
            Ok(plain) => body = plain,
            // A refusal is not sealed, as a rule.
            Err(_) if serde_json::from_slice::<Value>(&reply.body).is_ok() => return Ok(None),
            Err(error) => {
                return Err(Failure::Unverified { endpoint: reply.endpoint.clone(), got: error.to_string() });
            }
        }
    }
    Ok(serde_json::from_slice(&body).ok().and_then(|body: Value| string_at(&body, &place.pointer)))
}

fn string_at(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What an answer without a token means.
fn refusal(posted: &Posted, host: &str, source: &str) -> Failure {
    let Posted { status, reply, .. } = posted;
    let (host, source_name) = (host.to_owned(), source.to_owned());
    let said = String::from_utf8_lossy(&reply.body).to_lowercase();
    let is_html = said.trim_start().starts_with('<');
    let locked = *status == 423
        || (!is_html && ["locked", "too many failed", "too many attempts"].iter().any(|sign| said.contains(sign)));
    let unverified = |got: &str| Failure::Unverified { endpoint: reply.endpoint.clone(), got: got.to_owned() };
    match status.as_u16() {
        404 | 405 | 410 | 501 => unverified(&format!("{status}")),
        403 if is_html || said.is_empty() => Failure::Refused { host, firewall: is_firewall(&reply.body) },
        _ if locked => Failure::Locked { host, source_name },
        400 | 401 | 403 | 422 => Failure::Rejected { host, source_name },
        200..=299 if says_no(&reply.body) => Failure::Rejected { host, source_name },
        300..=399 => unverified(&format!(
            "a redirect to {} without a session",
            posted.location.as_ref().map_or("nowhere", |target| target.path())
        )),
        200..=299 if is_html => unverified("an HTML page"),
        200..=299 => unverified("no token where it was assumed to be"),
        _ => Failure::changed(&reply.endpoint, "a session or a refusal", &status.to_string(), ""),
    }
}

/// Whether a body says in JSON that the sign-in failed, as some portals do with a 200.
fn says_no(body: &[u8]) -> bool {
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return false };
    let is = |name: &str, wanted: fn(&Value) -> bool| {
        body.iter().any(|(key, value)| key.eq_ignore_ascii_case(name) && wanted(value))
    };
    ["success", "succeeded", "ok", "isAuthenticated", "authenticated"]
        .iter()
        .any(|name| is(name, |value| *value == Value::Bool(false)))
        || ["error", "errors", "errorMessage", "errorCode"].iter().any(|name| {
            is(name, |value| {
                !matches!(value, Value::Null | Value::Bool(false))
                    && value.as_array().is_none_or(|list| !list.is_empty())
            })
        })
}

/// A member's name as it may be shown: the first letter, and what stands behind the @.
pub(super) fn masked(user: &SecretString) -> String {
    let user = text::line(user.expose_secret(), text::NAME);
    let first: String = user.chars().take(1).collect();
    let domain = user.rsplit_once('@').map(|(_, domain)| format!("@{domain}")).unwrap_or_default();
    format!("{first}…{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(user: &str, password: &str) -> Credentials {
        Credentials::typed(user.into(), password.into())
    }

    #[test]
    fn a_template_is_filled_in_one_pass_and_encoded() {
        let odd = credentials("{password}", "\"\\{user}&=ü ");
        let json = fill(r#"{"a":{user},"b":{password}}"#, Encoding::Json, &odd);
        let value: Value = serde_json::from_str(json.expose_secret()).unwrap();
        assert_eq!((&value["a"], &value["b"]), (&"{password}".into(), &"\"\\{user}&=ü ".into()));
        let form = fill("u={user}&p={password}&r=1", Encoding::Form, &odd);
        assert_eq!(form.expose_secret(), "u=%7Bpassword%7D&p=%22%5C%7Buser%7D%26%3D%C3%BC+&r=1");
    }

    #[test]
    fn a_name_is_shown_without_its_local_part() {
        assert_eq!(masked(&"alex@example.org".into()), "a…@example.org");
        assert_eq!(masked(&"".into()), "…");
        assert_eq!(masked(&"12345678".into()), "1…");
    }

    #[test]
    fn a_200_can_be_a_refusal() {
        for body in [r#"{"success":false}"#, r#"{"Error":"no"}"#, r#"{"errors":["x"]}"#] {
            assert!(says_no(body.as_bytes()), "{body}");
        }
        for body in ["", "[]", "{}", r#"{"success":true,"errors":[],"error":null}"#] {
            assert!(!says_no(body.as_bytes()), "{body}");
        }
    }
}
