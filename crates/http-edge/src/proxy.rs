//! The proxy between us and a host, as the environment names it. As curl has it: lower case counts
//! before upper case, `https_proxy` before `all_proxy`, and an empty variable is none.
//!
//! Ours and not reqwest's own reading of the environment, which cannot say which variable counts,
//! ignores an address that it cannot read, and takes `a@b` in a password for the host.

use std::ffi::{OsStr, OsString};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;
use reqwest::{Url, header::HeaderValue};
use serde::{Deserialize, Serialize};

use crate::{Secrets, Variables, exceptions::find_exception, variable};

/// The variables that name a proxy for https, the one that counts first.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// The variables that except hosts, the one that counts first.
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// The form of a proxy's address, as the next step after [`InvalidProxy`].
pub const PROXY_FORM: &str = "write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, and in \
                              user and password `%` \
                              as %25, `#` as %23, `/` as %2F, `?` as %3F, `\\` as %5C, `@` as \
                              %40, `:` as %3A and a \
                              space as %20";

/// A variable that holds no proxy's address. Repeats nothing of the value: a password may be
/// anywhere in what cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{variable} {reason}")]
pub struct InvalidProxy {
    variable: &'static str,
    reason: &'static str,
}

/// A proxy. It holds a password, so it has no `Debug`.
#[derive(Clone)]
pub struct Proxy {
    variable: &'static str,
    /// Scheme, host and port.
    address: Url,
    authorization: Option<HeaderValue>,
    /// The user name and password in every form in which the proxy may repeat them.
    secrets: Secrets,
}

/// The way to a host.
pub enum Route {
    /// No variable names a proxy.
    Direct,
    /// Plain http is to this machine: no proxy sees it.
    ThisMachine,
    /// The host is excepted from the proxy.
    Excepted {
        /// The variable.
        variable: &'static str,
        /// The entry of its list that names the host.
        entry: String,
    },
    /// Through a proxy.
    Through(Proxy),
}

/// Trouble between us and a proxy, or between it and the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProxyTrouble {
    /// It refuses the host, with its own words.
    Refuses(Option<String>),
    /// 407, after a user name and password or without any.
    WantsUser {
        /// It was given some.
        given: bool,
    },
    /// It reports an error that may pass, with its own words.
    Errs(String),
    /// It cannot be talked to.
    Fails {
        /// The reason, within a sentence.
        reason: String,
        /// Another try may help.
        passing: bool,
    },
}

impl Route {
    /// Returns the proxy, if the way is through one.
    #[must_use]
    pub fn into_proxy(self) -> Option<Proxy> {
        match self {
            Self::Through(proxy) => Some(proxy),
            Self::Direct | Self::ThisMachine | Self::Excepted { .. } => None,
        }
    }
}

impl ProxyTrouble {
    /// Returns what goes behind the proxy's name in a sentence about `host`.
    #[must_use]
    pub fn words(&self, host: &str) -> String {
        match self {
            Self::Refuses(None) => format!(" refuses {host}, or is no HTTP proxy"),
            Self::Refuses(Some(reason)) => format!(" refuses {host}: {reason}"),
            Self::WantsUser { given: false } => " wants a user name and password (407)".to_owned(),
            Self::WantsUser { given: true } => {
                " does not accept its user name and password (407)".to_owned()
            }
            Self::Errs(reason) => format!(" reports an error: {reason}"),
            Self::Fails { reason, .. } => format!(": {reason}"),
        }
    }
}

/// Finds the way to the host of `url`.
///
/// # Errors
///
/// [`InvalidProxy`] when the variable that counts holds no proxy's address, and the host would be
/// reached through it.
pub fn find_route(url: &Url, variables: &Variables<'_>) -> Result<Route, InvalidProxy> {
    let Some((name, value)) = proxy_variables(variables).next() else {
        return Ok(Route::Direct);
    };
    if url.scheme() == "http" {
        return Ok(Route::ThisMachine);
    }
    let exceptions = EXCEPTIONS
        .iter()
        .find_map(|name| Some((*name, variable(variables, name)?)));
    if let Some((variable, list)) = exceptions {
        let list = list.to_string_lossy();
        let port = url.port_or_known_default().unwrap_or(443);
        if let Some(entry) = find_exception(&list, url.host_str().unwrap_or_default(), port) {
            let entry = entry.to_owned();
            return Ok(Route::Excepted { variable, entry });
        }
    }
    Proxy::parse(name, &value).map(Route::Through)
}

/// Returns the variables that name a proxy for https, the one that counts first.
pub fn proxy_variables(
    variables: &Variables<'_>,
) -> impl Iterator<Item = (&'static str, OsString)> {
    VARIABLES
        .into_iter()
        .filter_map(|name| Some((name, variable(variables, name)?)))
}

/// Names a proxy and the variable that it is from, within a sentence.
#[must_use]
pub fn name_proxy(proxy: Option<&Proxy>) -> String {
    proxy.map_or_else(
        || "the proxy".to_owned(),
        |proxy| format!("the proxy {} (from {})", proxy.shown(), proxy.variable),
    )
}

impl Proxy {
    /// Reads the value of `variable`.
    ///
    /// # Errors
    ///
    /// [`InvalidProxy`] when it is not the address of an HTTP proxy.
    pub fn parse(variable: &'static str, value: &OsStr) -> Result<Self, InvalidProxy> {
        Self::read_value(variable, value).map_err(|reason| InvalidProxy { variable, reason })
    }

    /// Returns the reason in words where the value is wrong.
    fn read_value(variable: &'static str, value: &OsStr) -> Result<Self, &'static str> {
        const NO_ADDRESS: &str = "is not the address of a proxy";
        let text = value.to_str().ok_or(NO_ADDRESS)?.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = scheme.to_ascii_lowercase();
        match &*scheme {
            "http" | "https" => {}
            "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => {
                return Err(
                    "names a SOCKS proxy, which cannot be used: name an http:// or https:// proxy",
                );
            }
            _ => return Err("is not the address of an http:// or https:// proxy"),
        }
        // A password may hold an `@`; a host cannot.
        let (user_info, place) = match rest.rsplit_once('@') {
            Some((user_info, place)) => (Some(user_info), place),
            None => (None, rest),
        };
        if user_info.is_some_and(|text| !is_escaped(text)) {
            return Err("has a character in its user name or password that must be escaped");
        }
        let place = place.split(['/', '?', '#']).next().unwrap_or_default();
        // What a parser of addresses would put right is not what was meant.
        let is_plain = place
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte));
        let address = Url::parse(&format!("{scheme}://{place}/"))
            .ok()
            .filter(|url| is_plain && url.has_host() && url.port() != Some(0))
            .ok_or(NO_ADDRESS)?;
        let mut proxy = Self {
            variable,
            address,
            authorization: None,
            secrets: Secrets::default(),
        };
        if let Some(user_info) = user_info {
            proxy.set_user(user_info);
        }
        Ok(proxy)
    }

    fn set_user(&mut self, user_info: &str) {
        let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
        let plain = [user, password].map(|text| percent_decode_str(text).collect::<Vec<u8>>());
        let pair = BASE64_STANDARD.encode(plain.join(&b':'));
        if let Ok(mut value) = HeaderValue::try_from(format!("Basic {pair}")) {
            value.set_sensitive(true);
            self.authorization = Some(value);
        }
        let plain = plain.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let written = [user.to_owned(), password.to_owned(), pair];
        self.secrets = written.into_iter().chain(plain).collect();
    }

    /// The variable that names it.
    #[must_use]
    pub fn variable(&self) -> &'static str {
        self.variable
    }

    /// Returns scheme, host and port, without user name and password.
    #[must_use]
    pub fn shown(&self) -> String {
        let (scheme, host) = (
            self.address.scheme(),
            self.address.host_str().unwrap_or_default(),
        );
        match self.address.port_or_known_default() {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }
    }

    /// Returns whether a user name goes with it.
    #[must_use]
    pub fn has_user(&self) -> bool {
        self.authorization.is_some()
    }

    pub(crate) fn address(&self) -> &Url {
        &self.address
    }

    /// The header that shows it the user name and password.
    pub(crate) fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// Makes the HTTP client ask it for everything: whether a host is excepted is known by then.
    pub(crate) fn to_reqwest(&self) -> Result<reqwest::Proxy, reqwest::Error> {
        let proxy = reqwest::Proxy::all(self.address.as_str())?;
        Ok(match &self.authorization {
            Some(value) => proxy.custom_http_auth(value.clone()),
            None => proxy,
        })
    }

    /// Returns the proxy's own words, unless they repeat the user name or password.
    #[must_use]
    pub fn without_secrets(&self, words: String) -> String {
        if self.secrets.are_in(&words) {
            "…".to_owned()
        } else {
            words
        }
    }
}

/// Tells whether each `%` stands before two hexadecimal digits, and no character would end the user
/// name and password.
fn is_escaped(user_info: &str) -> bool {
    let mut escapes = user_info.split('%').skip(1);
    let has_end = user_info.contains(|char: char| {
        matches!(char, '/' | '?' | '#' | '\\') || char.is_whitespace() || char.is_control()
    });
    !has_end
        && escapes.all(|text| {
            text.len() >= 2 && text.bytes().take(2).all(|byte| byte.is_ascii_hexdigit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(value: &str) -> Result<(String, Option<String>), InvalidProxy> {
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
            let message = error.to_string();
            assert!(
                message.starts_with("https_proxy ") && !message.contains("s3cret"),
                "{value}: {message}"
            );
        }
        assert!(
            parsed("socks5://proxy:1080")
                .unwrap_err()
                .to_string()
                .contains("SOCKS")
        );
        assert!(
            parsed("http://u:a#b@proxy:3128")
                .unwrap_err()
                .to_string()
                .contains("escaped")
        );
    }
}
