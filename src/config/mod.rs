//! Settings: where they may be written, which wins, and where each came from. Knows no HTTP and no output format.

mod club;
mod discovery;
mod dotenv;
mod environment;
mod file;
mod places;
pub mod private;
mod settings;
mod zoneinfo;

pub use club::{Club, DOMAIN};
pub use discovery::{Credentials, Discovery, ENVIRONMENT, TERMINAL};
pub use environment::Environment;
pub use file::edited;
pub use places::{Looked, cache_dir, config_dir};
pub use settings::{DEFAULT, Flags, Settings, Sourced, check_file};

/// The pairs of a `.env`, for the fuzz target.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz_dotenv(text: &str) -> Vec<(String, String)> {
    dotenv::parse(text).map(|pairs| pairs.0).unwrap_or_default()
}
