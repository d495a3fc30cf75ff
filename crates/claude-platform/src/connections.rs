//! Where requests go out: https by way of the proxy that the environment names, plain http
//! straight.
//!
//! Plain http is for this machine, and AWS's for credentials of the machine or container. A proxy
//! would read, and pass on in clear, what the request carries.

use std::{ffi::OsString, time::Duration};

use http_edge::{
    BodyError, Cause, ClientOptions, InvalidProxy, NETWORK_VARIABLES, PROXY_FORM, Proxy,
    ProxyTrouble, Route, Source, ask_for_reason, build_client, find_cause, find_route, load_roots,
    name_proxy, proxy_variables, tls_config,
};
use reqwest::{Client, Request, Response, Url};

use crate::{Error, Kind, Limits};

/// Shorter than servers keep idle connections, so that a POST does not meet a closing one.
const IDLE: Duration = Duration::from_secs(20);

/// The variables that say whom to trust and which proxy to take, as they were given. A proxy's may
/// hold a password, so no `Debug`.
#[derive(Clone, Default)]
pub(crate) struct NetworkSettings(Vec<(&'static str, OsString)>);

impl NetworkSettings {
    /// Reads them from the environment.
    pub(crate) fn read(env: &dyn Fn(&str) -> Option<String>) -> Self {
        let known = NETWORK_VARIABLES
            .into_iter()
            .filter_map(|name| Some((name, env(name)?.into())));
        Self(known.collect())
    }

    fn get(&self, name: &str) -> Option<OsString> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == name)?;
        Some(value.clone())
    }
}

/// Follows no redirect and resends nothing by itself; clones share connections.
#[derive(Clone)]
pub(crate) struct Connections {
    direct: Client,
    proxied: Option<(Client, Proxy)>,
    network: NetworkSettings,
    trust_warnings: Vec<String>,
}

/// A request that was not answered.
pub(crate) enum SendError {
    /// The variable that names the proxy holds no proxy's address.
    Proxy(InvalidProxy),
    /// No connection, a broken one, or no answer in time.
    Http(reqwest::Error),
}

impl Connections {
    /// Makes the clients; nothing is connected yet. [`Kind::Config`] when that cannot work.
    pub(crate) fn new(limits: &Limits, network: &NetworkSettings) -> Result<Self, Error> {
        let variables = |name: &str| network.get(name);
        let (roots, sources) = load_roots(&variables);
        let tls = tls_config(roots).map_err(|error| no_client(&error))?;
        let options = ClientOptions {
            user_agent: concat!("claude-platform/", env!("CARGO_PKG_VERSION")),
            connect_timeout: Some(limits.connect),
            timeout: Some(limits.total),
            idle: Some(IDLE),
            ..ClientOptions::default()
        };
        let build = |proxy: Option<&Proxy>| {
            build_client(&tls, proxy, &options).map_err(|error| no_client(&error))
        };
        // One that cannot be read is an error for the hosts that would be reached through it.
        let proxy = proxy_variables(&variables)
            .next()
            .and_then(|(name, value)| Proxy::parse(name, &value).ok());
        let proxied = match proxy {
            Some(proxy) => Some((build(Some(&proxy))?, proxy)),
            None => None,
        };
        Ok(Self {
            direct: build(None)?,
            proxied,
            network: network.clone(),
            trust_warnings: sources.iter().filter_map(Source::warning).collect(),
        })
    }

    /// Sends a request once.
    pub(crate) async fn execute(&self, request: Request) -> Result<Response, SendError> {
        let client = match (self.route(request.url())?, &self.proxied) {
            (Route::Through(_), Some((client, _))) => client,
            _ => &self.direct,
        };
        client.execute(request).await.map_err(SendError::Http)
    }

    fn route(&self, url: &Url) -> Result<Route, SendError> {
        find_route(url, &|name| self.network.get(name)).map_err(SendError::Proxy)
    }

    /// Explains why a request to `url` was not answered. A proxy that refuses is asked why.
    pub(crate) async fn explain(&self, error: SendError, url: &Url) -> Error {
        let error = match error {
            SendError::Proxy(error) => {
                return Error::new(Kind::Config, error.to_string()).with_hint(PROXY_FORM);
            }
            SendError::Http(error) => error,
        };
        let host = url.host_str().unwrap_or_default();
        // Connecting first: a connection that was not made in time is no lost request.
        if error.is_timeout() && !error.is_connect() {
            return Error::new(Kind::Timeout, format!("{host} did not answer in time"));
        }
        let kind = if error.is_connect() {
            Kind::Connect
        } else {
            Kind::Lost
        };
        let proxy = self.route(url).ok().and_then(Route::into_proxy);
        let message = match find_cause(&error, proxy.as_ref(), &self.trust_warnings) {
            Cause::UnknownHost => format!("{host}: there is no such host"),
            Cause::Connection { reason, .. } => format!("{host}: {reason}"),
            Cause::Proxy(mut trouble) => {
                if let (ProxyTrouble::Refuses(None), Some(proxy)) = (&trouble, &proxy) {
                    let port = url.port_or_known_default().unwrap_or(443);
                    if let Some(refusal) = ask_for_reason(proxy, host, port).await {
                        trouble = refusal.explain(proxy);
                    }
                }
                format!("{}{}", name_proxy(proxy.as_ref()), trouble.words(host))
            }
        };
        Error::new(kind, message)
    }

    /// Explains why the answer from `url` was not read to its end.
    pub(crate) async fn explain_body(&self, error: BodyError, limit: usize, url: &Url) -> Error {
        match error {
            BodyError::Broken(error) => self.explain(SendError::Http(error), url).await,
            BodyError::TooLarge => Error::new(
                Kind::Malformed,
                format!("the answer is larger than {} MiB", limit >> 20),
            ),
            BodyError::Packed(error) => Error::new(
                Kind::Malformed,
                format!("the answer cannot be unpacked ({error})"),
            ),
        }
    }
}

fn no_client(error: &dyn std::fmt::Display) -> Error {
    Error::new(
        Kind::Config,
        format!("the HTTP client cannot be made: {error}"),
    )
}
