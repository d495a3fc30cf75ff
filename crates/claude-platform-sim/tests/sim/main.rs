//! The platform over HTTP, as a client meets it.
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not count a test's helpers as tests"
)]

mod agents;
mod aws;
mod chat;
mod client;
mod confirmations;
mod credentials;
mod deployments;
mod egress;
mod environments;
mod faults;
mod federation;
mod files;
mod gate;
mod layout;
mod lifetime;
mod models;
mod program;
mod resources;
mod session_changes;
mod session_lists;
mod sessions;
mod skills;
mod streams;
mod vaults;
