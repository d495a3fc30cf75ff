//! The edge that the tools share: how a failure is told, how a command line is read, how an answer
//! reaches stdout.
//!
//! - [`error_codes!`], [`ErrorCode`], [`Error`]: a tool's table of codes, and one failure with its
//!   sentence, hint and details, as text or JSON.
//! - [`parse_args`], [`Parsed`], [`Rejection`]: a command line, and clap's errors in words.
//! - [`names`]: the closest known names to a mistyped one.
//! - [`print_answer`], [`finish`]: stdout and its closed pipe, stderr and the exit code.
//!
//! Knows no tool's codes or commands, and no service.

mod error;
pub mod names;
mod stdio;
mod usage;

pub use crate::{
    error::{Error, ErrorCode, list_exit_codes},
    stdio::{finish, print_answer},
    usage::{Parsed, Rejection, parse_args},
};
