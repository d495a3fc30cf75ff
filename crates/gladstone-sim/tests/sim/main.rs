//! The club over HTTP, as a client meets it.
#![expect(clippy::unwrap_used, reason = "clippy does not count a test's helpers as tests")]

mod catalogue;
mod faults;
mod flows;
mod http;
mod lifetime;
mod sessions;
mod shape;
mod tls;
