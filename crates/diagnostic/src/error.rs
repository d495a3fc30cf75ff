//! A failure as the caller sees it: a code, an exit code, one sentence, and a hint with the next
//! step.

use std::fmt::Debug;

use serde::Serialize;
use serde_json::{Map, Value};

/// The most characters of a sentence or hint: one may list every place that was searched.
const LONGEST: usize = 20_000;

/// A tool's table of failures; [`error_codes!`](crate::error_codes) writes it.
pub trait ErrorCode: Copy + Debug + PartialEq + 'static {
    /// All codes, in the order of their exit codes.
    const ALL: &'static [Self];
    /// A bug, or a machine that refuses something basic.
    const INTERNAL: Self;
    /// A wrong command line.
    const USAGE: Self;

    /// Returns the stable name in messages and JSON.
    fn name(self) -> &'static str;

    /// Returns the process's exit code.
    fn exit(self) -> u8;
}

/// Declares a tool's codes, each once: its meaning, its name and its exit code.
///
/// `Internal` and `Usage` must be among them.
#[macro_export]
macro_rules! error_codes {
    (
        $(#[$about:meta])*
        $visibility:vis enum $Code:ident {
            $($(#[$meaning:meta])* $Variant:ident = ($name:literal, $exit:literal),)+
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $visibility enum $Code {
            $($(#[$meaning])* $Variant,)+
        }

        impl $crate::ErrorCode for $Code {
            const ALL: &'static [Self] = &[$(Self::$Variant,)+];
            const INTERNAL: Self = Self::Internal;
            const USAGE: Self = Self::Usage;

            fn name(self) -> &'static str {
                match self {
                    $(Self::$Variant => $name,)+
                }
            }

            fn exit(self) -> u8 {
                match self {
                    $(Self::$Variant => $exit,)+
                }
            }
        }
    };
}

/// Lists the exit codes with their error codes for `--help`, a line each; `remarks` follow them.
#[must_use]
pub fn list_exit_codes<C: ErrorCode>(remarks: &[(u8, &str)]) -> String {
    let mut exits: Vec<u8> = C::ALL.iter().map(|code| code.exit()).collect();
    exits.dedup();
    let mut list = "    0  fine\n".to_owned();
    for exit in exits {
        let codes = C::ALL.iter().filter(|code| code.exit() == exit);
        let names: Vec<&str> = codes.map(|code| code.name()).collect();
        let remark = remarks.iter().find(|remark| remark.0 == exit);
        let remark = remark.map_or(String::new(), |(_, remark)| format!(": {remark}"));
        list.push_str(&format!("{exit:>5}  {}{remark}\n", names.join(", ")));
    }
    list
}

/// A failure on its way to the caller.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error<C: ErrorCode> {
    /// The kind of failure.
    pub code: C,
    /// One sentence without a full stop, for whoever typed the command.
    pub message: String,
    /// The next step, usually a command.
    pub hint: String,
    /// Facts for programs, such as `host`, `path` or `retry_at`.
    pub details: Map<String, Value>,
}

/// The JSON of an error. Fields may be added, never changed.
#[derive(Serialize)]
struct Document<'a> {
    error: ErrorV1<'a>,
}

#[derive(Serialize)]
struct ErrorV1<'a> {
    code: &'static str,
    message: &'a str,
    hint: &'a str,
    details: &'a Map<String, Value>,
}

impl<C: ErrorCode> Error<C> {
    /// Creates an error without details.
    pub fn new(code: C, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: hint.into(),
            details: Map::new(),
        }
    }

    /// Adds a fact for programs.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.details.insert(key.to_owned(), value.into());
        self
    }

    /// Replaces the next step by one that fits better.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: hint.into(),
            ..self
        }
    }

    /// Renders all of stderr: one JSON document, or two lines.
    #[must_use]
    pub fn render(&self, json: bool) -> String {
        let code = self.code.name();
        // Paths and variables may be named by anybody, and are in sentences as they are.
        let message = &printable::line(&self.message, LONGEST);
        let hint = &printable::line(&self.hint, LONGEST);
        if !json {
            return format!("error: {message} [{code}]\nhint: {hint}\n");
        }
        let details = &self.details;
        let error = ErrorV1 {
            code,
            message,
            hint,
            details,
        };
        // Strings and maps of JSON cannot fail.
        serde_json::to_string(&Document { error }).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::error_codes! {
        enum Code {
            Internal = ("internal", 1),
            Usage = ("usage", 2),
            Network = ("network", 6),
            Timeout = ("timeout", 6),
        }
    }

    #[test]
    fn an_error_is_two_lines_or_one_document() {
        let error = Error::new(Code::Network, "no \u{1b}[31mway\nto x", "go")
            .with("status", 503)
            .with("host", "x");
        assert_eq!(
            error.render(false),
            "error: no way to x [network]\nhint: go\n"
        );
        assert_eq!(
            error.with_hint("wait").render(true),
            r#"{"error":{"code":"network","message":"no way to x","hint":"wait","details":{"host":"x","status":503}}}"#
                .to_owned()
                + "\n"
        );
    }

    #[test]
    fn codes_that_share_an_exit_code_share_a_line_of_the_help() {
        assert_eq!(
            list_exit_codes::<Code>(&[(2, "the command line")]),
            "    0  fine\n    1  internal\n    2  usage: the command line\n    6  network, \
                timeout\n"
        );
    }
}
