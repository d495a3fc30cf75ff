//! Signing a member in: one request as the profile has it, sent once, and what its answer means.
//!
//! The request is assumed: no public client shows it (see `profile.toml`). A password is sent verbatim.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    envelope,
    failure::{Failure, Part},
    profile::{Encoding, Login, Method, Profile, Sealing},
    sending::BeforeSending,
    session,
    transport::{Identity, Post, Posted, Transport, refuser},
};
use crate::{config::Credentials, text};

/// A member's session. Its token is worth a password for half an hour: no `Debug`, and sealed at rest.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Member {
    token: String,
    /// When the member signed in.
    pub(super) began: DateTime<Utc>,
    /// When the token ends, as it says itself or as the profile has it.
    pub(super) ends: DateTime<Utc>,
}

impl Member {
    /// Signs in with the request of the profile (`POST /api/samlauthentication/login` is assumed): sent once, never
    /// retried. `before` is called when the connection is there and nothing has been written to it.
    pub(super) async fn sign_in(
        transport: &Transport,
        profile: &Profile,
        credentials: &Credentials,
        now: DateTime<Utc>,
        before: BeforeSending,
    ) -> Result<Self, Failure> {
        let login = &profile.login;
        let impossible = |what: &str| Failure::changed(&login.path, &format!("{what} that can be sent"), "none", "");
        let headers = headers(login, credentials, transport.host())
            .ok_or_else(|| impossible("an e-mail and a password in headers"))?;
        let (body, content_type) =
            body(login, credentials, transport.host()).ok_or_else(|| impossible("a sealed body"))?;
        let path = path(login, credentials, transport.host());
        let path = path.expose_secret();
        let method = match login.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let posted = transport.post(Post { method, path, content_type, headers, body }, before).await?;
        let token = match token(&posted, profile, transport.host())? {
            None if profile.token.redirect => redirected(&posted, profile, transport).await,
            token => token,
        };
        match token {
            Some(token) => {
                let ends = session::end(&token, now, TimeDelta::minutes(profile.token.minutes.into()));
                Ok(Self { token, began: now, ends })
            }
            None => Err(refusal(&posted, transport.host(), &credentials.source, profile.is_assumed("login"))),
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
            other => match other.strip_prefix("cookie:") {
                Some(name) => Identity::cookie(name, &self.token),
                None => Identity::default().with(other, &self.token),
            },
        };
        token.headers.iter().fold(identity, |identity, (name, value)| identity.with(name.as_str(), value))
    }
}

fn content_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Json => "application/json",
        Encoding::Form => "application/x-www-form-urlencoded",
        // Forms in parts have theirs, with its boundary, in `login.headers`.
        Encoding::Verbatim => "text/plain",
    }
}

/// The text of a placeholder such as `user` or `password_base64`, before it is encoded for its place.
fn credential(name: &str, login: &Login, credentials: &Credentials, host: &str) -> Option<String> {
    let (user, password) = (credentials.user.expose_secret(), credentials.password.expose_secret());
    let (whose, form) = name.split_once('_').unwrap_or((name, ""));
    let secret = match whose {
        "user" => user,
        "password" => password,
        "basic" if form.is_empty() => return Some(STANDARD.encode(format!("{user}:{password}"))),
        _ => return None,
    };
    match form {
        "" => Some(secret.to_owned()),
        "base64" => Some(STANDARD.encode(secret)),
        "sealed" => envelope::seal(secret.as_bytes(), host, login.sealing),
        _ => None,
    }
}

/// Path and query.
fn path(login: &Login, credentials: &Credentials, host: &str) -> SecretString {
    // Every server reads `%20`, not every one `+`.
    let encoded = |text: String| utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
    fill(&login.path, |name| credential(name, login, credentials, host).map(encoded))
}

/// The headers; `None` when one of them cannot carry its value. As in a browser, they carry Latin-1, and a space at
/// either end would be lost.
fn headers(login: &Login, credentials: &Credentials, host: &str) -> Option<Identity> {
    login.headers.iter().try_fold(Identity::default(), |headers, (name, value)| {
        let value = fill(value, |name| credential(name, login, credentials, host));
        let value = Some(value.expose_secret()).filter(|value| value.trim() == *value)?;
        let latin: Option<Vec<u8>> = value.chars().map(|char| u8::try_from(char).ok()).collect();
        headers.with_bytes(name.as_str(), &latin?)
    })
}

/// The body with its content type; `None` when it cannot be sealed.
fn body(login: &Login, credentials: &Credentials, host: &str) -> Option<(SecretString, &'static str)> {
    let seal = |plain: &str| envelope::seal(plain.as_bytes(), host, login.sealing);
    let value = |name: &str| -> Option<String> {
        let text = credential(name, login, credentials, host)?;
        Some(match login.encoding {
            Encoding::Json => Value::String(text).to_string(),
            Encoding::Form => form_encoded(&text),
            Encoding::Verbatim => text,
        })
    };
    let body = fill(&login.body, value);
    if login.sealing == Sealing::None || login.seals_fields() {
        return Some((body, content_type(login.encoding)));
    }
    let sealed = seal(body.expose_secret())?;
    let wrapped = fill(&login.wrapper, |name| match name {
        "sealed" => Some(sealed.clone()),
        "sealed_form" => Some(form_encoded(&sealed)),
        name => value(name),
    });
    let json = wrapped.expose_secret().starts_with(['{', '[', '"']);
    Some((wrapped, if json { content_type(Encoding::Json) } else { "text/plain" }))
}

fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A template with its placeholders filled in. One pass: a password that holds `{user}` stays as it is.
fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> SecretString {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = after.split_once('}').and_then(|(name, after)| Some((value(name)?, after)));
        match found {
            Some((value, after)) => {
                filled.push_str(&value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled.into()
}

/// The cookie from the page that the sign-in leads to, if there is one.
async fn redirected(posted: &Posted, profile: &Profile, transport: &Transport) -> Option<String> {
    let target = posted.location.as_ref()?;
    let reply = transport.go_on(target, &Identity::default().and(&posted.reply.cookies)).await.ok()?;
    reply.cookie(&profile.token.cookie).map(str::to_owned)
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
                return Err(unverified(&reply.endpoint, &error.to_string()));
            }
        }
    }
    match serde_json::from_slice::<Value>(&body) {
        Ok(body) => Ok(string_at(&body, &place.pointer)),
        // A body that is nothing but the token.
        Err(_) if place.pointer.is_empty() => {
            Ok(String::from_utf8(body).ok().map(|text| text.trim().to_owned()).filter(|text| {
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>{}".contains(&byte))
            }))
        }
        Err(_) => Ok(None),
    }
}

fn string_at(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn unverified(endpoint: &str, got: &str) -> Failure {
    Failure::Unverified { part: Part::SignIn, endpoint: endpoint.to_owned(), got: got.to_owned() }
}

/// What an answer without a token means. Where the request is only `assumed`, an answer that does not say whether the
/// request or the password is wrong must not be reported as a wrong password.
fn refusal(posted: &Posted, host: &str, source: &str, assumed: bool) -> Failure {
    let Posted { status, reply, .. } = posted;
    let (host, source_name) = (host.to_owned(), source.to_owned());
    let body = reply.body.trim_ascii_start();
    let is_html = body.starts_with(b"<");
    let locked = *status == 423 || (!is_html && says_locked(body));
    let unverified = |got: &str| unverified(&reply.endpoint, got);
    match status.as_u16() {
        404 | 405 | 410 => unverified(&status.to_string()),
        403 if is_html || body.is_empty() => {
            Failure::Refused { host, by: refuser(&reply.body), times: 1, retry_at: None }
        }
        _ if locked => Failure::Locked { host, source_name },
        // A portal that reads other names or another form says so.
        400 | 415 | 422 if assumed => unverified(&status.to_string()),
        400 | 401 | 403 | 422 => Failure::Rejected { host, source_name, assumed },
        200..=299 if says_no(&reply.body) => Failure::Rejected { host, source_name, assumed },
        300..=399 => unverified(&format!(
            "a redirect to {} without a session",
            posted.location.as_ref().map_or("nowhere".to_owned(), |target| text::path(target.path()))
        )),
        200..=299 if is_html => unverified("an HTML page"),
        200..=299 => unverified("no token where it was assumed to be"),
        _ => Failure::changed(&reply.endpoint, "a session or a refusal", &status.to_string(), ""),
    }
}

/// Whether a body says in JSON that the sign-in failed, as some portals do with a 200.
pub(super) fn says_no(body: &[u8]) -> bool {
    let Ok(Value::Object(body)) = serde_json::from_slice(body) else { return false };
    let is = |name: &str, wanted: fn(&Value) -> bool| {
        body.iter().any(|(key, value)| key.eq_ignore_ascii_case(name) && wanted(value))
    };
    ["success", "succeeded", "ok", "isAuthenticated", "authenticated"]
        .iter()
        .any(|name| is(name, |value| *value == Value::Bool(false)))
        || ["error", "errors", "errorMessage", "errorCode"].iter().any(|name| is(name, |value| !is_nothing(value)))
}

/// Whether a body says that the account is locked. A JSON field such as `isLockedOut` says so only by its value.
fn says_locked(body: &[u8]) -> bool {
    fn is_sign(text: &str) -> bool {
        let text = text.to_lowercase();
        ["locked", "too many failed", "too many attempts"].iter().any(|sign| text.contains(sign))
    }
    fn is_in(value: &Value) -> bool {
        match value {
            Value::String(text) => is_sign(text),
            Value::Array(items) => items.iter().any(is_in),
            Value::Object(fields) => {
                fields.iter().any(|(name, value)| is_in(value) || (is_sign(name) && !is_nothing(value)))
            }
            _ => false,
        }
    }
    serde_json::from_slice(body).map_or_else(|_| is_sign(&String::from_utf8_lossy(body)), |body: Value| is_in(&body))
}

/// Whether a field's value says that there is nothing to say.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
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
        let filled = |encoding: &str, template: &str| {
            let table = format!("[login]\nencoding = '{encoding}'\nbody = '{template}'");
            let profile = Profile::new(&table.parse().unwrap()).unwrap();
            body(&profile.login, &odd, "club.example").unwrap().0.expose_secret().to_owned()
        };
        let value: Value = serde_json::from_str(&filled("json", r#"{"a":{user},"b":{password}}"#)).unwrap();
        assert_eq!((&value["a"], &value["b"]), (&"{password}".into(), &"\"\\{user}&=ü ".into()));
        let form = filled("form", "u={user}&p={password}&r=1");
        assert_eq!(form, "u=%7Bpassword%7D&p=%22%5C%7Buser%7D%26%3D%C3%BC+&r=1");
        assert_eq!(filled("json", "{user_base64}{what}{"), r#""e3Bhc3N3b3JkfQ=="{what}{"#);
    }

    #[test]
    fn queries_headers_and_parts_are_filled_in_their_own_encoding() {
        let table = r#"[login]
path = "/in?u={user}&p={password}&q={password_base64}"
encoding = "verbatim"
body = "{password}"
headers = { authorization = "Basic {basic}", x-password = "{password}", x-odd = "{other}" }"#;
        let profile = Profile::new(&table.parse().unwrap()).unwrap();
        let odd = credentials("a@b", "é &{user}+");
        let path = path(&profile.login, &odd, "club.example").expose_secret().to_owned();
        assert_eq!(path, "/in?u=a%40b&p=%C3%A9%20%26%7Buser%7D%2B&q=w6kgJnt1c2VyfSs%3D");
        let (body, kind) = body(&profile.login, &odd, "club.example").unwrap();
        assert_eq!((body.expose_secret(), kind), ("é &{user}+", "text/plain"));
        let headers = headers(&profile.login, &odd, "club.example").unwrap();
        assert_eq!(headers.value("authorization"), Some("Basic YUBiOsOpICZ7dXNlcn0r".as_bytes()));
        assert_eq!(headers.value("x-password"), Some(&b"\xe9 &{user}+"[..]));
        assert_eq!(headers.value("x-odd"), Some(&b"{other}"[..]));
        for password in ["\u{20ac}", "a\nb", "a "] {
            assert!(super::headers(&profile.login, &credentials("a", password), "club.example").is_none());
        }
        let table = "[login]\npath = '/users/{user}/session?x={password}'".parse().unwrap();
        assert!(Profile::new(&table).unwrap_err().to_string().contains("placeholder before its `?`"));
    }

    #[test]
    fn a_password_can_be_sealed_by_itself() {
        let table = r#"[login]
sealing = "aes-256-gcm"
body = '{"user":{user},"password":{password_sealed}}'"#;
        let profile = Profile::new(&table.parse().unwrap()).unwrap();
        let (body, kind) = body(&profile.login, &credentials("a", "b"), "club.example").unwrap();
        let value: Value = serde_json::from_str(body.expose_secret()).unwrap();
        assert_eq!((&value["user"], kind), (&"a".into(), "application/json"));
        let sealed = value["password"].as_str().unwrap();
        assert_eq!(envelope::open(sealed, "club.example", Sealing::Gcm).unwrap(), b"b");
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
        for body in ["", "[]", "{}", r#"{"success":true,"errors":[],"error":null}"#, r#"{"error":"","errorCode":0}"#] {
            assert!(!says_no(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn an_account_is_locked_where_a_text_says_so_or_a_field_that_is_set() {
        for body in ["Account locked", r#"{"error":["Too many attempts"]}"#, r#"[{"isLockedOut":true}]"#, r#""LOCKED""#]
        {
            assert!(says_locked(body.as_bytes()), "{body}");
        }
        for body in ["", r#"{"succeeded":false,"isLockedOut":false,"lockedUntil":null}"#, r#"{"message":"wrong"}"#] {
            assert!(!says_locked(body.as_bytes()), "{body}");
        }
    }
}
