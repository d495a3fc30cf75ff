//! The HTTP client: it follows no redirect, sends nothing again by itself, and looks at no
//! variable.

use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use rustls::ClientConfig;
use tokio::time::Instant;

use crate::{BeforeSending, Proxy, connecting::ConnectLayer, resolver::Resolver};

/// The ways in which one client differs from another.
#[derive(Clone, Default)]
pub struct ClientOptions {
    /// Product and version, which every request names.
    pub user_agent: &'static str,
    /// The longest time for making a connection.
    pub connect_timeout: Option<Duration>,
    /// The time at which making a connection ends in any case.
    pub connect_deadline: Option<Instant>,
    /// The longest time for one request with its answer.
    pub timeout: Option<Duration>,
    /// The time for which a connection that nobody uses is kept; reqwest's is 90 seconds.
    pub idle: Option<Duration>,
    /// Called when a connection is there and nothing has been sent.
    pub before_sending: Option<BeforeSending>,
}

/// Builds a client for requests through `proxy`, or straight.
///
/// # Errors
///
/// reqwest's, where the client cannot be made.
pub fn build_client(
    tls: &ClientConfig,
    proxy: Option<&Proxy>,
    options: &ClientOptions,
) -> Result<reqwest::Client, reqwest::Error> {
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .dns_resolver(Resolver)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        // `read_body` unpacks: reqwest's decoder takes one name and one member only.
        .no_gzip()
        .default_headers(HeaderMap::from_iter([(
            ACCEPT_ENCODING,
            HeaderValue::from_static("gzip"),
        )]))
        .user_agent(options.user_agent);
    builder = match proxy {
        Some(proxy) => builder.proxy(proxy.to_reqwest()?),
        None => builder.no_proxy(),
    };
    if let Some(timeout) = options.connect_timeout {
        builder = builder.connect_timeout(timeout);
    }
    if let Some(timeout) = options.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(idle) = options.idle {
        builder = builder.pool_idle_timeout(idle);
    }
    if options.connect_deadline.is_some() || options.before_sending.is_some() {
        builder = builder.connector_layer(ConnectLayer {
            deadline: options.connect_deadline,
            before: options.before_sending.clone(),
        });
    }
    builder.build()
}
