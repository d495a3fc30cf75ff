//! The platform over HTTP, as a client meets it.
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not count a test's helpers as tests"
)]

mod agents;
mod aws;
mod client;
mod egress;
mod faults;
mod federation;
mod files;
mod gate;
mod layout;
mod lifetime;
mod program;
mod sessions;
mod skills;
