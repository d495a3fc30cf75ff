//! The release tool of the skill `pslc-padel`: each step is a subcommand and a module of the same name.
//!
//! - [`cli`]: the command line's types and words.
//! - [`pack`]: the skill's source and the binaries become `dist/`; `archive`, `manifest`, `sums` are what it writes.
//! - [`check`]: a directory or zip against the platform's rules; changes nothing.
//! - [`source`]: a directory or zip becomes a tree in memory, bounded and refused before it is read where it must be.
//! - [`rules`]: what is checked of such a tree; `elf` reads binaries' headers.
//! - [`output`]: words and JSON; [`error`]: codes and exit codes.
//!
//! No step of this crate needs a network.

mod archive;
pub mod check;
pub mod cli;
mod elf;
pub mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod manifest;
pub mod output;
pub mod pack;
pub mod rules;
pub mod source;
mod sums;

/// The name of our skill, and of its top directory. Other skills are checked by the platform's rules only.
pub const SKILL: &str = "pslc-padel";
/// The workspace's version: padel's, and what the front matter must say.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
