//! The club over HTTP, as a client meets it.
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not count a test's helpers as tests"
)]

mod bookings;
mod catalogue;
mod faults;
mod flows;
mod har;
mod http;
mod lifetime;
mod members;
mod portals;
mod program;
mod sessions;
mod shape;
mod tls;
