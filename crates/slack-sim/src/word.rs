//! An error or a reason in Slack's words, as an argument of faults and mishaps.

use std::fmt;

use sim_server::fault::Argument;

/// Small letters, digits and `_`: `fatal_error`. So `@WHERE` and `*TIMES` may follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word(pub &'static str);

impl Argument for Word {
    fn read(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let is_word = !text.is_empty() && text.bytes().all(fits);
        // Faults live until the process ends.
        is_word.then(|| Self(Box::leak(text.to_owned().into_boxed_str())))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
