//! Settings: where they may be written, which wins, and where each came from. Knows no HTTP and no output format.

mod club;
mod discovery;
mod dotenv;
mod environment;
mod file;
mod places;
mod settings;

pub use club::Club;
pub use discovery::{Credentials, Discovery};
pub use environment::Environment;
pub use places::{Looked, cache_dir, config_dir};
pub use settings::{DEFAULT, Flags, Settings, Sourced};
