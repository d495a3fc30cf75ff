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
    config::{Environment, Flags, Settings},
    courts::Day,
    error::{Code, Error},
};

/// Words for what padel never does, as somebody might ask for it.
const NEVER: [&str; 6] = ["book", "booking", "cancel", "pay", "reserve", "unbook"];

/// Words for what padel cannot see.
const OTHERS: [&str; 5] = ["friend", "member", "player", "user", "whose"];

/// Returns the club's own page, where one is set: whoever wants what padel does not do gets on there.
fn own_page(args: &[OsString], env: &Environment) -> Option<String> {
    let mut words = args.iter().filter_map(|arg| arg.to_str());
    let flag = words.find_map(|word| word.strip_prefix("--club"));
    let club = match flag {
        Some("") => words.next(),
        joined => joined.and_then(|value| value.strip_prefix('=')),
    };
    let flags = Flags {
        club: club.map(str::to_owned),
        ..Flags::default()
    };
    let settings = Settings::load(&flags, env).ok()?;
    Some(settings.club().ok()?.page().to_owned())
}

/// Reads the command line.
///
/// # Errors
///
/// `usage`
pub fn parse(args: &[OsString], env: &Environment) -> Result<Parsed<Cli>, Error> {
    diagnostic::parse_args(args).map_err(|rejection| {
        let word = rejection.unknown_word().unwrap_or_default();
        let name = word.trim_start_matches('-');
        let refused = [
            (
                &NEVER[..],
                "padel only reads, it never books or cancels",
                "book and cancel",
            ),
            (
                &OTHERS,
                "padel shows the bookings of its own account only",
                "everybody sees their own",
            ),
        ];
        if let Some((_, why, step)) = refused.iter().find(|(words, ..)| words.contains(&name)) {
            let message = format!("there is no `{word}`: {why}");
            let page = own_page(args, env);
            let place = page
                .as_ref()
                .map_or(String::new(), |page| format!(", {page}"));
            let hint = format!(
                "{step} at the club itself{place}; `padel availability` and `padel bookings` show \
                 what there is"
            );
            return Error::new(Code::Usage, message, hint).with("link", page);
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
