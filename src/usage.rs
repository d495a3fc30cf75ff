//! Reading the command line, and what only padel says of a wrong one.

mod meant;

use std::{
    ffi::OsString,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::CommandFactory as _;
use diagnostic::{ErrorCode as _, Parsed};

use crate::{
    cli::Cli,
    courts::Day,
    error::{Code, Error},
};

/// Words for what padel never does, as somebody might ask for it.
const NEVER: [&str; 6] = ["book", "booking", "cancel", "pay", "reserve", "unbook"];

/// Reads the command line.
///
/// # Errors
///
/// `usage`
pub fn parse(args: &[OsString]) -> Result<Parsed<Cli>, Error> {
    diagnostic::parse_args(args).map_err(|rejection| {
        let word = rejection.unknown_word().unwrap_or_default();
        if NEVER.contains(&word.trim_start_matches('-')) {
            return Error::new(
                Code::Usage,
                format!("there is no `{word}`: padel only reads, it never books or cancels"),
                "book and cancel at the club itself; `padel availability` and `padel bookings` \
                    show what there is",
            );
        }
        let meant = match rejection.wrong_value() {
            Some((option, value)) => meant::guess_value(&option, &value)
                .and_then(|words| rejection.correct(Some(&option), &value, &words)),
            None if rejection.has_option("date") && word.parse::<Day>().is_ok() => {
                rejection.correct(None, &word, &format!("--date {word}"))
            }
            None => meant::guess_command(&word)
                .and_then(|command| rejection.correct(None, &word, command)),
        };
        rejection.explain(meant)
    })
}

/// Writes the help of a bare call, which is no command, to stderr.
#[must_use]
pub fn show_help() -> ExitCode {
    let help = Cli::command().render_help().to_string();
    // With stderr closed the exit code still tells.
    let _ = io::stderr().lock().write_all(help.as_bytes());
    ExitCode::from(Code::Usage.exit())
}

/// Returns whether errors are JSON, for those who do not know the command line yet.
#[must_use]
pub fn wants_json(args: &[OsString]) -> bool {
    args.iter()
        .any(|arg| arg == "--json" || arg == "--format=json")
        || args
            .windows(2)
            .any(|pair| pair[0] == "--format" && pair[1] == "json")
}
