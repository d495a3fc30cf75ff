//! Where requests go out: https by way of the proxy that the environment names, plain http
//! straight.
//!
//! Plain http is for this machine, and AWS's for credentials of the machine or container. A proxy
//! would read, and pass on in clear, what the request carries.

use std::time::Duration;

use crate::{Error, Kind, Limits, tls};

/// Shorter than servers keep idle connections, so that a POST does not meet a closing one.
const IDLE: Duration = Duration::from_secs(20);

/// Follows no redirect and resends nothing by itself; clones share connections.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    https: reqwest::Client,
    http: reqwest::Client,
}

impl Connections {
    /// Nothing is connected yet; [`Kind::Config`] when that cannot work.
    pub(crate) fn new(limits: &Limits) -> Result<Self, Error> {
        let config = |error: &dyn std::fmt::Display| {
            Error::early(
                Kind::Config,
                format!("the HTTP client cannot be made: {error}"),
            )
        };
        let tls = tls::config().map_err(|error| config(&error))?;
        let client = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .connect_timeout(limits.connect)
                .timeout(limits.total)
                .pool_idle_timeout(IDLE)
                .user_agent(concat!("claude-platform/", env!("CARGO_PKG_VERSION")))
        };
        let built = |client: reqwest::ClientBuilder| client.build().map_err(|error| config(&error));
        Ok(Self {
            https: built(client())?,
            http: built(client().no_proxy())?,
        })
    }

    /// Sends a request once.
    pub(crate) async fn execute(
        &self,
        request: reqwest::Request,
    ) -> reqwest::Result<reqwest::Response> {
        if request.url().scheme() == "https" {
            self.https.execute(request).await
        } else {
            self.http.execute(request).await
        }
    }
}
