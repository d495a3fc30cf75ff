//! The real `padel-release` binary on fixture skills: no network, no published skill, no built `padel`.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which the lint does not recognise as such")]

mod check;
// The one that padel's own tests use.
#[path = "../../../../tests/e2e/documents.rs"]
#[allow(clippy::expect_used, reason = "a test says what it expected")]
mod documents;
mod fixture;
mod pack;
mod refused;
