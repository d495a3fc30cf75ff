//! The way out of the sandboxes: one proxy that asks who calls, inspects TLS, and gives requests
//! the secrets of which the sandbox has placeholders only.
//!
//! It reaches what an [`Upstream`] names and nothing else: no request leaves this machine.

mod access;
mod grant;
mod proxy;
mod swap;
mod upstream;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    sync::{Arc, Mutex},
};

use sha2::{Digest, Sha256};
use sim_server::{Authority, StartError, locked};
use tokio::runtime::{self, Runtime};

pub use access::{Access, Injection};
pub(crate) use grant::grant_access;
use proxy::Proxy;
pub use upstream::{UnreadableUpstream, Upstream};

/// A running proxy. Dropping it stops it at once.
#[derive(Debug)]
pub struct Egress {
    port: u16,
    proxy: Arc<Proxy>,
    runtime: Option<Runtime>,
}

impl Egress {
    /// Listens on a free port of 127.0.0.1. A secret is written into JSON and forms so that they
    /// stay what they are if `escapes`, else byte by byte; which of the two a platform does is not
    /// known. Fails when no port is free or no certificate can be made.
    pub fn start(upstreams: Vec<Upstream>, escapes: bool) -> Result<Self, StartError> {
        let proxy = Arc::new(Proxy {
            authority: Authority::new()?,
            upstreams,
            escapes,
            sessions: Mutex::default(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("egress")
            .enable_all()
            .build()?;
        let within = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        runtime.spawn(proxy::accept_clients(listener, Arc::clone(&proxy)));
        drop(within);
        Ok(Self {
            port,
            proxy,
            runtime: Some(runtime),
        })
    }

    /// Lets a session out from now on, with this access in place of what it had. Returns the
    /// variables of its sandbox: the proxy with user name and password, the CA, and the
    /// placeholders.
    pub fn admit_session(&self, session: &str, access: Access) -> BTreeMap<String, String> {
        let password = self.password_of(session);
        let proxy = format!("http://{session}:{password}@127.0.0.1:{}", self.port);
        let own = [
            ("HTTPS_PROXY", proxy.clone()),
            ("HTTP_PROXY", proxy.clone()),
            ("https_proxy", proxy.clone()),
            ("http_proxy", proxy),
            ("SSL_CERT_FILE", self.ca_file().display().to_string()),
        ];
        let variables = own
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .chain(access.list_placeholders())
            .collect();
        let user_info = format!("{session}:{password}");
        locked(&self.proxy.sessions).insert(user_info, access);
        variables
    }

    pub fn ca_file(&self) -> &Path {
        self.proxy.authority.file()
    }

    /// The same for a session's whole life, and no other proxy's.
    fn password_of(&self, session: &str) -> String {
        let text = format!("{session} {}", self.proxy.authority.pem());
        Sha256::digest(text)
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl Drop for Egress {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Allowed inside somebody else's runtime.
            runtime.shutdown_background();
        }
    }
}
