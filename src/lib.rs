//! Free padel courts at a Gladstone Go club: the library behind the command `padel`.
//!
//! Data flows one way:
//!
//! ```text
//! cli -> commands -> (config, gladstone) -> courts -> output
//! ```
//!
//! - [`cli`]: the command line's types and help, nothing else; [`usage`]: reads it, and explains what
//!   only padel knows of a wrong one.
//! - [`commands`]: one file per subcommand: arguments in, one report out.
//! - [`config`]: settings, credentials and their origins; no HTTP.
//! - [`gladstone`]: the portal; the only code that knows its endpoints and JSON.
//! - [`learn`]: from a browser capture to a portal profile; pure.
//! - [`courts`]: slots, days, joining; pure.
//! - [`output`]: one room per document: its report and how each format tells it.
//! - [`error`]: the table of codes; `crates/diagnostic` has the rest. [`ending`]: the error that ends
//!   the process; [`signals`]: Ctrl-C.
//! - [`zone`]: the club's time zone, compiled in or one of the system's.
//! - `limits`, `local`, `log`, `sort`, `text`: limits of the machine, times in words, the lines of
//!   `-v`, a small sort, lengths of untrusted text.
//! - `fuzzing`: entries of the fuzz targets; compiled for them and for tests only.

pub mod cli;
pub mod commands;
pub mod config;
pub mod courts;
pub mod ending;
pub mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod gladstone;
#[cfg(test)]
mod house;
pub mod learn;
mod limits;
mod local;
pub mod log;
pub mod output;
pub mod signals;
mod sort;
pub mod text;
pub mod usage;
pub mod zone;
