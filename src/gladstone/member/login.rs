//! The request that signs a member in, as the profile has it, sent once.
//!
//! The request is assumed: no public client shows it (see `profile.toml`). A password is sent
//! verbatim.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http_edge::BeforeSending;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::{
    config::Credentials,
    gladstone::{
        envelope,
        failure::Failure,
        identity::Identity,
        profile::{Encoding, Login, Method, Profile, Sealing},
        transport::{Post, Posted, Transport},
        visitor::VisitorSession,
    },
    text,
};

/// Sends the request (`POST /api/samlauthentication/login` is assumed) once. `before` is called
/// when the connection is there and nothing has been written to it.
pub(super) async fn send_login(
    transport: &Transport,
    profile: &Profile,
    credentials: &Credentials,
    visitor: Option<&VisitorSession>,
    before: BeforeSending,
) -> Result<Posted, Failure> {
    let (login, host) = (&profile.login, transport.host());
    let headers = fill_headers(login, credentials, host).ok_or_else(|| {
        unsendable(
            login,
            "an e-mail and a password in headers that can be sent",
        )
    })?;
    let (body, content_type) = fill_body(login, credentials, host)
        .ok_or_else(|| unsendable(login, "a sealed body that can be sent"))?;
    let path = fill_path(login, credentials, host);
    let method = match login.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
    };
    // As a browser: a visitor's cookies may say behind which of several servers it is.
    let headers = match visitor {
        Some(visitor) => headers.with_cookies(visitor.cookies()),
        None => headers,
    };
    let post = Post {
        method,
        path: path.expose_secret(),
        content_type,
        headers,
        body,
    };
    transport.post(post, before).await
}

fn unsendable(login: &Login, expected: &str) -> Failure {
    Failure::changed(&login.path, expected, "none", "")
}

fn content_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Json => "application/json",
        Encoding::Form => "application/x-www-form-urlencoded",
        // Forms in parts have theirs, with its boundary, in `login.headers`.
        Encoding::Verbatim => "text/plain",
    }
}

/// Returns the text of a placeholder such as `user` or `password_base64`, before it is encoded for its
/// place.
fn fill_placeholder(
    name: &str,
    login: &Login,
    credentials: &Credentials,
    host: &str,
) -> Option<String> {
    let (user, password) = (
        credentials.user.expose_secret(),
        credentials.password.expose_secret(),
    );
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

/// Fills in path and query.
fn fill_path(login: &Login, credentials: &Credentials, host: &str) -> SecretString {
    // Every server reads `%20`, not every one `+`.
    fill_template(&login.path, |name| {
        let text = fill_placeholder(name, login, credentials, host)?;
        Some(utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string())
    })
}

/// Fills in the headers; `None` when one of them cannot carry its value. As in a browser, they carry
/// Latin-1, and a space at either end would be lost.
fn fill_headers(login: &Login, credentials: &Credentials, host: &str) -> Option<Identity> {
    login
        .headers
        .iter()
        .try_fold(Identity::default(), |headers, (name, value)| {
            let value = fill_template(value, |name| {
                fill_placeholder(name, login, credentials, host)
            });
            let value = Some(value.expose_secret()).filter(|value| value.trim() == *value)?;
            let latin: Option<Vec<u8>> =
                value.chars().map(|char| u8::try_from(char).ok()).collect();
            headers.with_bytes(name.as_str(), &latin?)
        })
}

/// Fills in the body, and returns it with its content type; `None` when it cannot be sealed.
fn fill_body(
    login: &Login,
    credentials: &Credentials,
    host: &str,
) -> Option<(SecretString, &'static str)> {
    let value = |name: &str| -> Option<String> {
        let text = fill_placeholder(name, login, credentials, host)?;
        Some(match login.encoding {
            Encoding::Json => Value::String(text).to_string(),
            Encoding::Form => form_encoded(&text),
            Encoding::Verbatim => text,
        })
    };
    let body = fill_template(&login.body, value);
    if login.sealing == Sealing::None || login.seals_fields() {
        return Some((body, content_type(login.encoding)));
    }
    let sealed = envelope::seal(body.expose_secret().as_bytes(), host, login.sealing)?;
    let wrapped = fill_template(&login.wrapper, |name| match name {
        "sealed" => Some(sealed.clone()),
        "sealed_form" => Some(form_encoded(&sealed)),
        name => value(name),
    });
    let json = wrapped.expose_secret().starts_with(['{', '[', '"']);
    Some((
        wrapped,
        if json {
            content_type(Encoding::Json)
        } else {
            "text/plain"
        },
    ))
}

fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Fills in the placeholders of a template in one pass: a password that holds `{user}` stays
/// as it is.
fn fill_template(template: &str, value: impl Fn(&str) -> Option<String>) -> SecretString {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = after
            .split_once('}')
            .and_then(|(name, after)| Some((value(name)?, after)));
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

/// Returns a member's name as it may be shown: the first letter, and what stands behind the @.
pub(super) fn mask_user(user: &SecretString) -> String {
    let user = text::line(user.expose_secret(), text::NAME);
    let first: String = user.chars().take(1).collect();
    let domain = user
        .rsplit_once('@')
        .map(|(_, domain)| format!("@{domain}"))
        .unwrap_or_default();
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
            fill_body(&profile.login, &odd, "club.example")
                .unwrap()
                .0
                .expose_secret()
                .to_owned()
        };
        let value: Value =
            serde_json::from_str(&filled("json", r#"{"a":{user},"b":{password}}"#)).unwrap();
        assert_eq!(
            (&value["a"], &value["b"]),
            (&"{password}".into(), &"\"\\{user}&=ü ".into())
        );
        let form = filled("form", "u={user}&p={password}&r=1");
        assert_eq!(form, "u=%7Bpassword%7D&p=%22%5C%7Buser%7D%26%3D%C3%BC+&r=1");
        assert_eq!(
            filled("json", "{user_base64}{what}{"),
            r#""e3Bhc3N3b3JkfQ=="{what}{"#
        );
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
        let path = fill_path(&profile.login, &odd, "club.example")
            .expose_secret()
            .to_owned();
        assert_eq!(
            path,
            "/in?u=a%40b&p=%C3%A9%20%26%7Buser%7D%2B&q=w6kgJnt1c2VyfSs%3D"
        );
        let (body, kind) = fill_body(&profile.login, &odd, "club.example").unwrap();
        assert_eq!((body.expose_secret(), kind), ("é &{user}+", "text/plain"));
        let headers = fill_headers(&profile.login, &odd, "club.example").unwrap();
        assert_eq!(
            headers.value("authorization"),
            Some("Basic YUBiOsOpICZ7dXNlcn0r".as_bytes())
        );
        assert_eq!(headers.value("x-password"), Some(&b"\xe9 &{user}+"[..]));
        assert_eq!(headers.value("x-odd"), Some(&b"{other}"[..]));
        for password in ["\u{20ac}", "a\nb", "a "] {
            assert!(
                fill_headers(&profile.login, &credentials("a", password), "club.example").is_none()
            );
        }
        let table = "[login]\npath = '/users/{user}/session?x={password}'"
            .parse()
            .unwrap();
        assert!(
            Profile::new(&table)
                .unwrap_err()
                .to_string()
                .contains("placeholder before its `?`")
        );
    }

    #[test]
    fn a_password_can_be_sealed_by_itself() {
        let table = r#"[login]
sealing = "aes-256-gcm"
body = '{"user":{user},"password":{password_sealed}}'"#;
        let profile = Profile::new(&table.parse().unwrap()).unwrap();
        let (body, kind) =
            fill_body(&profile.login, &credentials("a", "b"), "club.example").unwrap();
        let value: Value = serde_json::from_str(body.expose_secret()).unwrap();
        assert_eq!((&value["user"], kind), (&"a".into(), "application/json"));
        let sealed = value["password"].as_str().unwrap();
        assert_eq!(
            envelope::open(sealed, "club.example", Sealing::Gcm).unwrap(),
            b"b"
        );
    }

    #[test]
    fn a_name_is_shown_without_its_local_part() {
        assert_eq!(mask_user(&"alex@example.org".into()), "a…@example.org");
        assert_eq!(mask_user(&"".into()), "…");
        assert_eq!(mask_user(&"12345678".into()), "1…");
    }

    #[test]
    fn placeholders_have_the_forms_that_are_known() {
        let login = Profile::new(&toml::Table::new()).unwrap().login;
        let filled =
            |name: &str| fill_placeholder(name, &login, &credentials("a", "b"), "club.example");
        for (name, text) in [
            ("user", "a"),
            ("password", "b"),
            ("user_base64", "YQ=="),
            ("password_base64", "Yg=="),
            ("basic", "YTpi"),
        ] {
            assert_eq!(filled(name).as_deref(), Some(text), "{name}");
        }
        for name in ["basic_base64", "user_hex", "password_", "token", ""] {
            assert_eq!(
                filled(name),
                (name == "password_").then(|| "b".to_owned()),
                "{name}"
            );
        }
    }
}
