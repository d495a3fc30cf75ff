//! The release tool of the skill `pslc-padel`: each step is a subcommand and a module of `steps` of
//! the same name.
//!
//! - [`cli`]: the command line's types and words.
//! - [`steps`]: decide. `pack` and `check` need no network; the others list the actions of a `plan`,
//!   then perform them.
//! - `ops`: do. Find a skill, compare contents, upload, pin, ask a session.
//! - `context`: what steps have at hand; `log`, `ci`: where they tell of it. [`ids`]: kinds of ids.
//! - [`source`]: a directory or zip becomes a tree in memory, bounded and refused before it is read
//!   where it must be.
//! - [`rules`]: what is checked of such a tree; `elf` reads binaries' headers.
//! - `archive`, `manifest`, `sums`: what `pack` writes.
//! - [`output`]: words and JSON; [`error`]: codes and exit codes.

mod archive;
mod ci;
pub mod cli;
mod context;
mod elf;
pub mod error;
mod findings;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod ids;
mod log;
mod manifest;
mod ops;
pub mod output;
mod plan;
pub mod rules;
pub mod source;
pub mod steps;
mod sums;

/// The name of our skill, and of its top directory. Other skills are checked by the platform's
/// rules only.
pub const SKILL: &str = "pslc-padel";
/// The workspace's version: padel's, and what the front matter must say.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
