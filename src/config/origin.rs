//! The source of a value.

use std::{fmt, path::Path};

/// The source of a value; shown as in `from config.toml`. Never compare what it shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    #[default]
    Default,
    /// An option of the command line, such as `site`.
    Flag(&'static str),
    /// The environment's variables.
    Environment,
    /// Somebody typed it.
    Terminal,
    /// A file, by its path.
    File(String),
}

impl Origin {
    pub(super) fn of_file(path: &Path) -> Self {
        Self::File(path.display().to_string())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Flag(name) => write!(f, "--{name}"),
            Self::Environment => f.write_str("environment"),
            Self::Terminal => f.write_str("the terminal"),
            Self::File(path) => f.write_str(path),
        }
    }
}

/// A value and its source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value in force.
    pub value: T,
    /// Its source.
    pub origin: Origin,
}

impl<T> Sourced<T> {
    pub(super) fn new(value: T, origin: &Origin) -> Self {
        Self {
            value,
            origin: origin.clone(),
        }
    }
}
