//! Where a value came from.

use std::fmt;

/// Where a value came from; shown as in `from config.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A flag, such as `site`.
    Flag(&'static str),
    /// The environment's variables.
    Environment,
    /// Somebody typed it.
    Terminal,
    /// A file, by its path.
    File(String),
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
