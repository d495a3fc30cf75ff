//! The proxy between us and a club, as the environment names it. As curl has it: lower case counts
//! before upper case, `https_proxy` before `all_proxy`, and an empty variable is none.

use std::{ffi::OsStr, net::IpAddr};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use reqwest::{Url, header::HeaderValue};

use crate::{
    config::{Club, Environment},
    error::{Code, Error},
};

/// The variables that name a proxy for https, the one that counts first.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// The variables that except hosts, the one that counts first.
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// How a proxy's address is written.
const FORM: &str = "write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, and in user and password `%` as %25, `#` as \
                    %23, `/` as %2F, `?` as %3F, `\\` as %5C, `@` as %40, `:` as %3A and a space as %20";

/// A proxy. It holds a password, so it has no `Debug`.
#[derive(Clone)]
pub struct Proxy {
    variable: &'static str,
    /// Scheme, host and port.
    address: Url,
    authorization: Option<HeaderValue>,
    /// What no message may repeat.
    secrets: Vec<String>,
}

/// How a club is reached.
pub enum Route {
    /// No variable names a proxy.
    Direct,
    /// Plain http is to this machine: no proxy sees it.
    ThisMachine,
    /// The host is excepted from the proxy.
    Excepted {
        /// The variable.
        variable: &'static str,
        /// What in it names the host.
        entry: String,
    },
    /// Through a proxy.
    Through(Proxy),
}

impl Route {
    /// The proxy, if it is through one.
    pub(super) fn through(self) -> Option<Proxy> {
        match self {
            Self::Through(proxy) => Some(proxy),
            Self::Direct | Self::ThisMachine | Self::Excepted { .. } => None,
        }
    }
}

/// Returns how `club` is reached.
///
/// # Errors
///
/// `config_invalid` when the variable that counts holds no proxy's address, and the club would be
/// reached through it.
pub fn route(club: &Club, env: &Environment) -> Result<Route, Error> {
    let Some((variable, value)) = proxy_variables(env).next() else {
        return Ok(Route::Direct);
    };
    if club.base().scheme() == "http" {
        return Ok(Route::ThisMachine);
    }
    if let Some((variable, list)) = EXCEPTIONS
        .iter()
        .find_map(|name| Some((*name, env.get(name)?)))
    {
        let (list, port) = (
            list.to_string_lossy(),
            club.base().port_or_known_default().unwrap_or(443),
        );
        if let Some(entry) = find_exception(&list, club.host(), port) {
            return Ok(Route::Excepted {
                variable,
                entry: entry.to_owned(),
            });
        }
    }
    Proxy::parse(variable, value).map(Route::Through)
}

/// The variables that name a proxy for https, the one that counts first; an empty one is none.
pub fn proxy_variables(env: &Environment) -> impl Iterator<Item = (&'static str, &OsStr)> {
    VARIABLES
        .into_iter()
        .filter_map(|name| Some((name, env.get(name)?)))
}

impl Proxy {
    /// Reads the value of `variable`.
    ///
    /// # Errors
    ///
    /// `config_invalid`, with nothing of the value in it: a password may be anywhere in what cannot
    /// be read.
    pub fn parse(variable: &'static str, value: &OsStr) -> Result<Self, Error> {
        let wrong = |why: &str| Error::new(Code::ConfigInvalid, format!("{variable} {why}"), FORM);
        let no_address = || wrong("is not the address of a proxy");
        let text = value.to_str().ok_or_else(no_address)?.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = scheme.to_ascii_lowercase();
        match &*scheme {
            "http" | "https" => {}
            "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => {
                return Err(wrong(
                    "names a SOCKS proxy, which padel cannot use: it needs an http:// or https:// proxy",
                ));
            }
            _ => return Err(wrong("is not the address of an http:// or https:// proxy")),
        }
        // A password may hold an `@`; a host cannot.
        let (user_info, place) = rest
            .rsplit_once('@')
            .map_or((None, rest), |(user, place)| (Some(user), place));
        if user_info.is_some_and(|text| !is_escaped(text)) {
            return Err(wrong(
                "has a character in its user name or password that must be escaped",
            ));
        }
        let place = place.split(['/', '?', '#']).next().unwrap_or_default();
        // What a parser of addresses would put right is not what was meant.
        let is_plain = place
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte));
        let address = Url::parse(&format!("{scheme}://{place}/"))
            .ok()
            .filter(|_| is_plain);
        let address = address
            .filter(|url| url.has_host() && url.port() != Some(0))
            .ok_or_else(no_address)?;
        let mut proxy = Self {
            variable,
            address,
            authorization: None,
            secrets: Vec::new(),
        };
        if let Some(user_info) = user_info {
            let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
            let (plain_user, plain_password) = (decode(user), decode(password));
            let pair = BASE64_STANDARD.encode([&plain_user[..], b":", &plain_password].concat());
            proxy.authorization = HeaderValue::try_from(format!("Basic {pair}")).ok();
            proxy
                .authorization
                .iter_mut()
                .for_each(|value| value.set_sensitive(true));
            let plain = [plain_user, plain_password]
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            proxy.secrets = [&[user.to_owned(), password.to_owned(), pair], &plain[..]].concat();
            proxy.secrets.retain(|secret| !secret.is_empty());
        }
        Ok(proxy)
    }

    /// The variable that names it.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        self.variable
    }

    /// Scheme, host and port, without user name and password.
    #[must_use]
    pub fn shown(&self) -> String {
        let port = self
            .address
            .port_or_known_default()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        format!(
            "{}://{}{port}",
            self.address.scheme(),
            self.address.host_str().unwrap_or_default()
        )
    }

    /// Whether a user name goes with it.
    #[must_use]
    pub fn has_user(&self) -> bool {
        self.authorization.is_some()
    }

    /// Scheme, host and port.
    pub(super) fn address(&self) -> &Url {
        &self.address
    }

    /// What is shown to it.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// For the HTTP client, which asks it for everything: that a host is not excepted is known by
    /// then.
    pub(super) fn for_client(&self) -> Result<reqwest::Proxy, reqwest::Error> {
        let proxy = reqwest::Proxy::all(self.address.as_str())?;
        Ok(match &self.authorization {
            Some(value) => proxy.custom_http_auth(value.clone()),
            None => proxy,
        })
    }

    /// Returns the proxy's own words, unless they repeat the user name or password.
    pub(super) fn without_secrets(&self, words: String) -> String {
        if self
            .secrets
            .iter()
            .any(|secret| words.contains(secret.as_str()))
        {
            "…".to_owned()
        } else {
            words
        }
    }
}

/// Whether each `%` stands before two hexadecimal digits, and no character would end the user name
/// and password.
fn is_escaped(user_info: &str) -> bool {
    let hex =
        |text: &str| text.len() >= 2 && text.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    !user_info.contains(|char: char| {
        matches!(char, '/' | '?' | '#' | '\\') || char.is_whitespace() || char.is_control()
    }) && user_info.split('%').skip(1).all(hex)
}

fn decode(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

/// Returns the entry of a list that names a host: `*`, an address, a network as `10.0.0.0/8`, or a
/// domain, which stands for what is below it too. A port may follow. Commas or spaces are between
/// them.
fn find_exception<'a>(list: &'a str, host: &str, port: u16) -> Option<&'a str> {
    let mut entries = list
        .split(|char: char| char == ',' || char.is_whitespace())
        .filter(|entry| !entry.is_empty());
    entries.find(|entry| is_excepted(entry, host, port))
}

fn is_excepted(entry: &str, host: &str, port: u16) -> bool {
    let (name, only) = split_port(entry);
    if only.is_some_and(|only| only != port) {
        return false;
    }
    let host = host.trim_matches(['[', ']']).trim_end_matches('.');
    if name == "*" {
        return true;
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        return name.parse().is_ok_and(|known: IpAddr| known == ip)
            || name
                .parse()
                .is_ok_and(|network: IpNet| network.contains(&ip));
    }
    let name = name
        .trim_start_matches('*')
        .trim_matches('.')
        .to_ascii_lowercase();
    let above = host
        .len()
        .checked_sub(name.len())
        .map(|start| (&host[..start], &host[start..]));
    !name.is_empty()
        && above
            .is_some_and(|(below, same)| same == name && (below.is_empty() || below.ends_with('.')))
}

/// Splits `[::1]:443` and `club.example:443`; an address of IPv6 without brackets has no port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = entry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return (
            address,
            rest.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(value: &str) -> Result<(String, Option<String>), Error> {
        let proxy = Proxy::parse("https_proxy", OsStr::new(value))?;
        let header = proxy
            .authorization
            .as_ref()
            .map(|value| value.to_str().unwrap()[6..].to_owned());
        let pair =
            header.map(|text| String::from_utf8(BASE64_STANDARD.decode(text).unwrap()).unwrap());
        Ok((proxy.shown(), pair))
    }

    #[test]
    fn an_address_is_read_with_its_user_and_password() {
        for (value, shown, pair) in [
            (
                "http://proxy.example:3128",
                "http://proxy.example:3128",
                None,
            ),
            ("proxy.example:3128", "http://proxy.example:3128", None),
            (
                " HTTP://Proxy.example:3128/ ",
                "http://proxy.example:3128",
                None,
            ),
            ("proxy.example", "http://proxy.example:80", None),
            ("https://proxy.example", "https://proxy.example:443", None),
            ("http://[::1]:3128", "http://[::1]:3128", None),
            (
                "http://u:p@10.0.0.1:3128",
                "http://10.0.0.1:3128",
                Some("u:p"),
            ),
            ("u:p@proxy:3128", "http://proxy:3128", Some("u:p")),
            (
                "http://u:p@ss@proxy:3128",
                "http://proxy:3128",
                Some("u:p@ss"),
            ),
            (
                "http://a@b.example:p@ss@@proxy:3128",
                "http://proxy:3128",
                Some("a@b.example:p@ss@"),
            ),
            (
                "http://u:p:q@proxy:3128",
                "http://proxy:3128",
                Some("u:p:q"),
            ),
            ("http://u@proxy:3128", "http://proxy:3128", Some("u:")),
            ("http://u:@proxy:3128", "http://proxy:3128", Some("u:")),
            (
                "http://u:%23%2F%3f%20%25%40%3A@proxy:3128",
                "http://proxy:3128",
                Some("u:#/? %@:"),
            ),
            (
                "http://u:100%2525@proxy:3128",
                "http://proxy:3128",
                Some("u:100%25"),
            ),
            (
                "http://d%5Cu:ü<>\"^@proxy:3128",
                "http://proxy:3128",
                Some("d\\u:ü<>\"^"),
            ),
            ("http://proxy:3128/some/path", "http://proxy:3128", None),
        ] {
            assert_eq!(
                parsed(value).unwrap(),
                (shown.to_owned(), pair.map(str::to_owned)),
                "{value}"
            );
        }
    }

    #[test]
    fn what_is_no_address_is_told_without_it() {
        for value in [
            "http://u:s3cret#x@proxy:3128",
            "http://u:s3cret/x@proxy:3128",
            "http://u:s3cret?x@proxy:3128",
            "http://u:s3cret\\x@proxy:3128",
            "http://u:s3cret x@proxy:3128",
            "http://u:s3cret%@proxy:3128",
            "http://u:s3cret%2@proxy:3128",
            "http://u:s3cret%zz@proxy:3128",
            "http://u:s3cret%+1@proxy:3128",
            "http://u:s3cret",
            "http://u:s3cret@",
            "http://u:s3cret@:3128",
            "http://u:s3cret@proxy:99999",
            "http://u:s3cret@proxy:0",
            "http://u:s3cret@::1:3128",
            "http://u:s3cret@pro xy:3128",
            "http:/u:s3cret@proxy:3128",
            "\"http://u:s3cret@proxy:3128\"",
            "s3cret://proxy:3128",
            "socks5://u:s3cret@proxy:1080",
            "socks5h://u:s3cret@proxy:1080",
            "ftp://u:s3cret@proxy:21",
            "http://",
            "://",
            "http://пример:3128",
        ] {
            let error = parsed(value).unwrap_err();
            assert_eq!(error.code, Code::ConfigInvalid, "{value}");
            assert!(
                error.message.starts_with("https_proxy ") && !error.message.contains("s3cret"),
                "{}",
                error.message
            );
            assert!(error.hint.contains("%23"), "{}", error.hint);
        }
        assert!(
            parsed("socks5://proxy:1080")
                .unwrap_err()
                .message
                .contains("SOCKS")
        );
        assert!(
            parsed("http://u:a#b@proxy:3128")
                .unwrap_err()
                .message
                .contains("escaped")
        );
    }

    #[test]
    fn exceptions_have_the_usual_forms() {
        let excepted = |list: &str, host: &str| find_exception(list, host, 443).is_some();
        let club = "riverside.gladstonego.cloud";
        for list in [
            "*",
            "gladstonego.cloud",
            ".gladstonego.cloud",
            "*.gladstonego.cloud",
            "GladstoneGo.Cloud",
            "riverside.gladstonego.cloud",
            "riverside.gladstonego.cloud.",
            "riverside.gladstonego.cloud:443",
            "localhost, .gladstonego.cloud",
            "localhost .gladstonego.cloud",
            "localhost,,\t.gladstonego.cloud:443,",
            "*:443",
        ] {
            assert!(excepted(list, club), "{list}");
        }
        for list in [
            "",
            ",",
            ".",
            "*.",
            "cloud.example",
            "side.gladstonego.cloud",
            "x.riverside.gladstonego.cloud",
            "riverside.gladstonego.cloud:8443",
            "*:80",
            "10.0.0.0/8",
            "riverside",
        ] {
            assert!(!excepted(list, club), "{list}");
        }
        for (list, host) in [
            ("10.0.0.0/8", "10.1.2.3"),
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3:443", "10.1.2.3"),
            ("::1", "[::1]"),
            ("[::1]", "[::1]"),
            ("[::1]:443", "[::1]"),
            ("fd00::/8", "[fd00::12]"),
            ("0:0:0:0:0:0:0:1", "[::1]"),
        ] {
            assert!(excepted(list, host), "{list}");
        }
        for (list, host) in [
            ("10.0.0.0/8", "11.0.0.1"),
            ("[::1]:80", "[::1]"),
            (".1.2.3", "10.1.2.3"),
            ("0.1", "10.0.0.1"),
        ] {
            assert!(!excepted(list, host), "{list}");
        }
    }
}
