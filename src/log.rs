//! The lines that `-v` adds on stderr. Must never be given a token, a password or a proxy's
//! user-info.

use std::io::Write as _;

/// The number of `-v`: 0 logs nothing, 1 requests, 2 decisions, too.
#[derive(Debug, Clone, Copy)]
pub struct Log(pub u8);

impl Log {
    /// Logs a request.
    pub fn request(self, text: impl FnOnce() -> String) {
        self.write(1, text);
    }

    /// Logs a decision.
    pub fn decision(self, text: impl FnOnce() -> String) {
        self.write(2, text);
    }

    fn write(self, level: u8, text: impl FnOnce() -> String) {
        if self.0 >= level {
            // A closed stderr must not end the command.
            let _ = writeln!(std::io::stderr(), "padel: {}", text());
        }
    }
}
