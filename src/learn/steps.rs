//! How a member makes the capture that `padel portal learn` reads.

/// The five steps: `padel portal learn --help`, its hints, `padel doctor` and `docs/` have them.
pub const CAPTURE_STEPS: [&str; 5] = [
    "Open the club's booking site in a private window, with the developer tools (F12) on the \
     Network tab and \
     \"Preserve log\" on.",
    "Sign in.",
    "Open the page with your bookings, then the one with past bookings.",
    "Save all as HAR with content. Chrome: allow \"HAR with sensitive data\" in the tools' settings below Network, then \
     \"Export HAR (with sensitive data)\".",
    "Run `padel portal learn FILE.har`, then delete the file, because it holds your password.",
];

/// The steps with numbers, a line each.
#[must_use]
pub fn numbered_steps() -> String {
    CAPTURE_STEPS
        .iter()
        .zip(1..)
        .map(|(step, number)| format!("{number}. {step}\n"))
        .collect()
}
