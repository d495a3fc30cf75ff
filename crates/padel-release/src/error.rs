//! What went wrong, as the caller sees it: a code, an exit code, one sentence and a hint.

use std::{io, path::Path};

/// The kinds of failure; `--help` carries this table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// A bug, or a machine that refuses something basic such as writing the answer.
    Internal,
    /// The command line is wrong, or a file that it names is missing, unreadable or in the way.
    Usage,
    /// The skill breaks at least one rule.
    Violations,
}

impl Code {
    /// The stable name in messages and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Usage => "usage",
            Self::Violations => "violations",
        }
    }

    /// The process's exit code.
    #[must_use]
    pub const fn exit(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Violations => 3,
        }
    }
}

/// A failure on its way to the caller.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What kind.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// The next step.
    pub hint: String,
}

impl Error {
    /// A failure of this kind.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into() }
    }

    /// A named file or directory that cannot be read.
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self::new(Code::Usage, format!("`{}` cannot be read: {error}", path.display()), "name a readable path")
    }

    /// A machine that does not let us write.
    pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Self {
        let message = format!("`{}` cannot be written: {error}", path.display());
        Self::new(Code::Internal, message, "look at the directory's rights and free space, or give another --out")
    }
}
