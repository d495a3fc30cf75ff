//! One HTTP client for every service that is talked to: whom it trusts, which proxy it takes, how
//! large an answer may be, how long an answer asks to wait, and why an exchange failed, in words.
//!
//! It knows no service and no command line. What is sent again, what a status means and what may
//! have been carried out is decided by who asks.

mod body;
mod cause;
mod certificates;
mod client;
mod connecting;
mod exceptions;
mod proxy;
mod resolver;
mod secrets;
#[cfg(feature = "smithy")]
mod smithy;
mod trust;
mod tunnel;
mod waits;

pub use body::{BodyError, read_body, read_pieces};
pub use cause::{Cause, find_cause};
pub use client::{ClientOptions, build_client};
pub use connecting::BeforeSending;
pub use proxy::{
    InvalidProxy, PROXY_FORM, Proxy, ProxyTrouble, Route, find_route, name_proxy, proxy_variables,
};
pub use secrets::Secrets;
#[cfg(feature = "smithy")]
pub use smithy::{from_smithy, smithy_timeout, to_smithy};
pub use trust::{Source, load_roots, tls_config};
pub use tunnel::{Refusal, ask_for_reason, explain_refusal};
pub use waits::{read_date, read_wait};

use std::ffi::OsString;

/// All variables that are looked up here, for callers that keep them: they may hold a proxy's
/// password.
pub const NETWORK_VARIABLES: [&str; 8] = [
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Looks up a variable of the environment; an empty value counts as none.
pub type Variables<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// The value of a variable that is set and not empty.
fn variable(variables: &Variables<'_>, name: &str) -> Option<OsString> {
    variables(name).filter(|value| !value.is_empty())
}
