//! Where the platform is and who we are, from the SDK's variables in the SDK's order.
//!
//! An empty variable counts as none.

mod aws;
mod direct;

use std::{fmt, time::Duration};

use reqwest::{Url, header::HeaderValue};
use secrecy::SecretString;

use crate::{Error, Kind, auth::Login, connections::NetworkSettings};

/// The direct API's own host, which has no path before `/v1`.
const PUBLIC_HOST: &str = "api.anthropic.com";
/// First segments after `/v1`.
const OPERATIONS: [&str; 10] = [
    "agents",
    "deployments",
    "environments",
    "files",
    "messages",
    "models",
    "oauth",
    "sessions",
    "skills",
    "vaults",
];

/// Time limits. The defaults are the SDK's, but for the cap of stated waits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Making a connection: 5 s.
    pub connect: Duration,
    /// One request with its whole answer: 600 s.
    pub total: Duration,
    /// The wait before the first resend, doubled for the second: 0.5 s, less up to a quarter by
    /// chance.
    pub first_wait: Duration,
    /// The longest wait that the service may state and get; beyond it, the failure is reported at
    /// once: 60 s.
    pub longest_wait: Duration,
    /// The silence of a stream of events after which the list is asked whether one was held back:
    /// 15 s.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(600),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
            silence: Duration::from_secs(15),
        }
    }
}

/// The platform's address and our credentials. `Debug` shows [`Settings::describe`] only.
#[derive(Clone)]
pub struct Settings {
    pub(crate) base: Url,
    /// The variable that the base comes from; none when it is the public one.
    pub(crate) base_variable: Option<&'static str>,
    pub(crate) login: Login,
    /// Claude Platform on AWS wants it in a header; the direct API knows it from the credentials.
    pub(crate) workspace: Option<HeaderValue>,
    pub(crate) limits: Limits,
    /// Whom to trust, and which proxy to take.
    pub(crate) network: NetworkSettings,
    /// `an API key` and the like.
    how: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({})", self.describe())
    }
}

impl Settings {
    /// Reads settings from variables that `env` looks up, and warnings for people about variables that
    /// lose.
    ///
    /// With `aws`, or `ANTHROPIC_USE_AWS` set to anything but `0`, `false`, `no` or `off`, those
    /// for Claude Platform on AWS. There, the region may come from AWS's own configuration file,
    /// which is read for it; and AWS's default chain of credentials, which is asked when the first
    /// request is signed, reads its other variables from the process.
    ///
    /// The variables of proxies (`https_proxy`, `no_proxy` and so on) and of trusted certificates
    /// (`SSL_CERT_FILE`, `SSL_CERT_DIR`) are looked up here, too.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`] for a base URL, region or workspace that is missing or cannot be used,
    /// [`Kind::Credentials`] when there are none or only a part of them.
    pub async fn from_env(
        env: &dyn Fn(&str) -> Option<String>,
        aws: bool,
    ) -> Result<(Self, Vec<String>), Error> {
        let network = NetworkSettings::read(env);
        let env = Variables(env);
        let wanted = env
            .value("ANTHROPIC_USE_AWS")
            .is_some_and(|value| !is_no(&value));
        let (settings, warnings) = if aws || wanted {
            aws::read_settings(&env).await?
        } else {
            direct::read_settings(&env)?
        };
        Ok((
            Self {
                network,
                ..settings
            },
            warnings,
        ))
    }

    /// Other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The workspace on AWS; the direct API knows it from the credentials.
    #[must_use]
    pub fn workspace(&self) -> Option<&str> {
        self.workspace.as_ref()?.to_str().ok()
    }

    /// The base URL and how we sign in, never a secret: `https://api.anthropic.com with an API key`.
    #[must_use]
    pub fn describe(&self) -> String {
        format!(
            "{} with {}",
            self.base.as_str().trim_end_matches('/'),
            self.how
        )
    }
}

fn is_no(value: &str) -> bool {
    ["0", "false", "no", "off"]
        .iter()
        .any(|no| value.trim().eq_ignore_ascii_case(no))
}

/// The environment as it was given.
struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn value(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    fn secret(&self, name: &str) -> Option<SecretString> {
        self.value(name).map(Into::into)
    }

    fn is_set(&self, name: &str) -> bool {
        self.value(name).is_some()
    }
}

/// An address that may get credentials: https, or http to this machine, which no proxy sees. It is
/// not repeated, as it may hold some.
fn parse_address(text: &str, variable: &str) -> Result<Url, Error> {
    let refused = |reason: &str| invalid_variable(variable, reason);
    let text = text.trim();
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(refused("holds a blank or a line break"));
    }
    if text.starts_with(['"', '\'']) {
        return Err(refused("begins with a quotation mark"));
    }
    if !text.contains("://") {
        return Err(refused("is no address: begin it with `https://`"));
    }
    let url = Url::parse(text).map_err(|error| refused(&format!("is no URL: {error}")))?;
    let host = url.host_str().unwrap_or_default();
    let here = host == "localhost"
        || host == "[::1]"
        || (host.starts_with("127.") && !host.contains(char::is_alphabetic));
    match url.scheme() {
        _ if !url.username().is_empty() || url.password().is_some() => {
            Err(refused("must not hold credentials"))
        }
        "https" => Ok(url),
        "http" if here => Ok(url),
        _ => Err(refused("must be https; http is for this machine only")),
    }
}

/// The base of all paths: an [`parse_address`] without anything after the path, and without the path of
/// an operation.
fn parse_base(text: &str, variable: &str) -> Result<Url, Error> {
    let url = parse_address(text, variable)?;
    if url.query().is_some() {
        return Err(invalid_variable(
            variable,
            "has a query, `?…`: leave it out",
        ));
    }
    if url.fragment().is_some() {
        return Err(invalid_variable(
            variable,
            "has a fragment, `#…`: leave it out",
        ));
    }
    let parts: Vec<&str> = url
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    if parts.last().is_some_and(|part| is_version(part))
        || parts
            .windows(2)
            .any(|pair| is_version(pair[0]) && OPERATIONS.contains(&pair[1]))
    {
        return Err(invalid_variable(
            variable,
            "ends with `/v1` or more: leave that out, every request adds it",
        ));
    }
    if url.host_str() == Some(PUBLIC_HOST) && !parts.is_empty() {
        return Err(invalid_variable(
            variable,
            &format!("has a path, which `{PUBLIC_HOST}` has not: leave it out"),
        ));
    }
    Ok(url)
}

fn is_version(part: &str) -> bool {
    part.eq_ignore_ascii_case("v1")
}

fn invalid_variable(variable: &str, reason: &str) -> Error {
    let example = match variable {
        "ANTHROPIC_BASE_URL" => ", such as `https://api.anthropic.com`",
        "ANTHROPIC_AWS_BASE_URL" => ", such as `https://aws-external-anthropic.eu-west-1.api.aws`",
        _ => "",
    };
    let hint = format!("correct {variable}: an address that begins with `https://`{example}");
    Error::new(Kind::Config, format!("`{variable}` {reason}")).with_hint(hint)
}
