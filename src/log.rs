//! What `-v` tells on stderr. Never given a token, a password or a proxy's user-info.

use std::io::Write as _;

/// How much is told: 0 nothing, 1 requests, 2 decisions.
#[derive(Debug, Clone, Copy)]
pub struct Log(pub u8);

impl Log {
    /// Tells a request.
    pub fn request(self, text: impl FnOnce() -> String) {
        self.tell(1, text);
    }

    /// Tells a decision.
    pub fn decision(self, text: impl FnOnce() -> String) {
        self.tell(2, text);
    }

    fn tell(self, level: u8, text: impl FnOnce() -> String) {
        if self.0 >= level {
            // A closed stderr must not end the command.
            let _ = writeln!(std::io::stderr(), "padel: {}", text());
        }
    }
}
