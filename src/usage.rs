//! Reading the command line, and what only padel says of a wrong one.

use std::ffi::OsString;

use diagnostic::Parsed;

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
        let is_day = rejection.has_option("date") && word.parse::<Day>().is_ok();
        rejection.explain(is_day.then(|| format!("--date {word}")))
    })
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
