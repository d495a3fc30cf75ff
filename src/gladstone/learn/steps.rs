//! How a member makes the capture that `padel portal learn` reads.

/// The five steps, one a line. `padel portal learn --help`, its hints and `padel doctor` show them.
pub const CAPTURE_STEPS: &str = "\
1. Open the club's booking site in a private window, with the developer tools (F12) on the Network tab and
   \"Preserve log\" on. In Chrome also allow \"HAR with sensitive data\" in the tools' settings, below Network.
2. Sign in.
3. Open the page with your bookings, then the one with past bookings.
4. Save all as HAR with content (Chrome: Export HAR with sensitive data).
5. Run `padel portal learn FILE.har`, then delete the file: it holds your password.";
