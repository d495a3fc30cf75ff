//! The real `padel-ops` binary on fixture skills and a simulated platform: no network, no built
//! `padel`.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests, which the lint does not recognise as such"
)]

mod ask;
mod check;
mod declared;
mod deployed;
mod docs;
mod down;
// The one that padel's own tests use.
#[path = "../../../../tests/e2e/documents.rs"]
#[allow(clippy::expect_used, reason = "a test says what it expected")]
mod documents;
mod federation;
mod fixture;
mod follow;
mod history;
mod leaks;
mod logs;
mod pack;
mod pin;
mod platform;
mod policies;
mod publish;
mod refusals;
mod refused;
mod release;
mod rotate;
mod schemas;
#[path = "../../../../tests/e2e/skips.rs"]
#[allow(clippy::expect_used, reason = "a test says what it expected")]
mod skips;
mod smoke;
mod specification;
mod strikes;
mod tick;
mod up;
