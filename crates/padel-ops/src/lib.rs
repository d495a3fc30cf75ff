//! The operator's tool of the skill `pslc-padel`: each step is a subcommand and a module of `steps`
//! of the same name.
//!
//! - [`cli`]: the options and their help. The options of a step are the step.
//! - [`steps`]: decide. `pack` and `check` need no network; the others list the actions of a
//!   `plan`, and then perform them.
//! - `ops`: do. Find a skill, compare contents, upload, pin, ask a session.
//! - `deploy`: what `agent.toml` declares, and the lock of what was made of it.
//! - `context`: the platform, waits and the log of a step; `open_sessions`: what it must archive;
//!   `ci`: the lines for CI.
//! - [`ids`]: the kinds of ids.
//! - [`source`]: a directory or zip becomes a tree in memory, within bounds.
//! - [`rules`]: the checks of such a tree; `findings`: their lines; `elf`: headers of binaries.
//! - `archive`, `manifest`, `sums`: the files that `pack` writes.
//! - [`output`]: words and JSON; [`error`]: codes and exit codes.

mod archive;
mod ci;
pub mod cli;
mod context;
mod deploy;
mod elf;
pub mod error;
mod findings;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod ids;
mod log;
mod manifest;
mod open_sessions;
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
