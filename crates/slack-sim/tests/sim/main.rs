//! The simulated workspace from outside: deliveries to a receiver, calls of the Web API.
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not count a test's helpers as tests"
)]

mod client;
mod control;
mod events;
mod program;
mod receiver;
mod socket;
mod storm;
mod web;

use slack_sim::{Builder, Workspace};

/// Anna and Ben in a channel with the app, at 09:00 on a clock that stands.
fn workspace() -> Builder {
    Workspace::builder()
        .person("U0ANNA00001", "anna")
        .person("U0BEN000001", "ben")
        .channel("C0PADEL0001", "padel")
        .now("2026-11-23T09:00:00Z")
}
