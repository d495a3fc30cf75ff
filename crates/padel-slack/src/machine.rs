//! The bridge on one machine: the program `padel-slack`.
//!
//! - [`cli`], [`commands`], [`error`]: the command line, and the table of failures.
//! - [`settings`]: variables and the lock. [`manifest`]: what Slack makes the app from. [`check`]:
//!   what works and what does not.
//! - [`mod@post`]: one message into a channel, for `padel watch`.
//! - [`mod@serve`]: the process. [`http`], [`socket`]: the two ways in. [`sqlite`]: the ledger's
//!   file. [`worker`]: who answers. [`stop`]: the end.

pub mod check;
pub mod cli;
pub mod commands;
pub mod error;
pub mod http;
pub mod manifest;
pub mod post;
pub mod serve;
pub mod settings;
pub mod socket;
pub mod sqlite;
pub mod stop;
pub mod watching;
pub mod worker;
