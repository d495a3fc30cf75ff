//! Settings and credentials: the places of their files, the source that wins, and the origin of each
//! value. Knows no HTTP and no output format.

mod club;
mod deployment;
mod discovery;
mod dotenv;
mod environment;
mod file;
mod layer;
mod oddities;
mod origin;
mod places;
pub mod private;
mod scan;
mod settings;
mod small_file;
#[cfg(test)]
mod tests;
mod turn;
mod watch;
mod zoneinfo;

pub use club::{Club, DOMAIN};
pub use discovery::{Credentials, Discovery};
pub use environment::Environment;
pub use file::edited;
pub use layer::Flags;
pub use origin::{Origin, Sourced};
pub use places::{Looked, cache_dir, config_dir};
pub use settings::{Settings, check_file};
pub(crate) use small_file::{is_utf16, read_small};
pub(crate) use turn::Turn;
pub use watch::{Body, SecretPlace, Target, WatchSettings, Way};

/// Returns the pairs of a `.env`, for the fuzz target.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz_dotenv(text: &[u8]) -> Vec<(&'static str, String)> {
    let pairs = dotenv::parse(text);
    let _ = pairs.all_notes();
    pairs.values().collect()
}
