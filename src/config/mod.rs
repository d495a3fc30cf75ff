//! Settings: where they may be written, which wins, and where each came from. Knows no HTTP and no
//! output format.

mod club;
mod discovery;
mod dotenv;
mod environment;
mod file;
mod oddities;
mod origin;
mod places;
pub mod private;
mod scan;
mod settings;
#[cfg(test)]
mod tests;
mod zoneinfo;

pub use club::{Club, DOMAIN};
pub use discovery::{Credentials, Discovery};
pub use environment::Environment;
pub use file::edited;
pub use origin::Origin;
pub use places::{Looked, cache_dir, config_dir, is_utf16, read_small};
pub use settings::{Flags, Settings, Sourced, check_file};

/// The pairs of a `.env`, for the fuzz target.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz_dotenv(text: &[u8]) -> Vec<(&'static str, String)> {
    let pairs = dotenv::parse(text);
    let _ = pairs.all_notes();
    pairs.values().collect()
}
