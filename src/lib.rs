//! Free padel courts at a Gladstone Go club: the library behind the command `padel`.
//!
//! Data flows one way:
//!
//! ```text
//! cli -> commands -> (config, gladstone) -> courts -> output
//! ```
//!
//! - [`cli`]: the command line's types and words, nothing else; `usage`: what is said of a wrong
//!   one.
//! - [`commands`]: one file per subcommand: arguments in, one report out.
//! - [`config`]: settings and where they come from; no HTTP.
//! - [`gladstone`]: the portal; the only code that knows its endpoints and JSON.
//! - [`learn`]: from a browser capture to a portal profile; pure.
//! - [`courts`]: slots, days, joining; pure.
//! - [`output`]: one room per document: its report and how each format tells it.
//! - [`error`]: codes, exit codes, hints; [`ending`]: the one that ends the process; [`signals`]:
//!   Ctrl-C.
//! - [`zone`]: the club's time zone, compiled in or one of the system's.
//! - `limits`, `local`, `log`, `text`: what a machine refuses, times in words, what `-v` tells,
//!   untrusted text.
//! - `fuzzing`: what the fuzz targets call; compiled for them and for tests only.

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
mod log;
pub mod output;
pub mod signals;
pub mod text;
pub mod usage;
pub mod zone;
