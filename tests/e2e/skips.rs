//! Tests that this machine cannot run: they say so, and fail where CI must run everything.

use std::io::Write as _;

/// Says that a test, or a part of it, is skipped.
///
/// # Panics
///
/// If `CI=true`, as in `.ci/run`: a machine that lost root or busybox must not pass unnoticed.
#[expect(
    clippy::disallowed_methods,
    reason = "the test's own environment, not the binary's"
)]
pub(crate) fn skip(reason: &str) {
    let must_run = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(!must_run, "CI=true, so every test must run: {reason}");
    // Not `eprintln!`: what a passing test prints with it is captured.
    writeln!(std::io::stderr(), "skipped: {reason}").expect("stderr");
}
