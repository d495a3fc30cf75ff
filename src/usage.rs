//! Reading the command line, and what only padel says of a wrong one.

mod meant;

use std::{
    ffi::OsString,
    io::{self, Write as _},
    process::ExitCode,
};

use chrono::NaiveDate;
use clap::{Args, CommandFactory as _, FromArgMatches as _};
use diagnostic::{ErrorCode as _, Parsed};

use crate::{
    cli::{Cli, Command, Global},
    config::{Environment, Flags, Settings},
    courts::Day,
    error::{Code, Error},
};

/// Words for what padel never does, as somebody might ask for it.
const NEVER: [&str; 6] = ["book", "booking", "cancel", "pay", "reserve", "unbook"];

/// Words for what padel cannot see.
const OTHERS: [&str; 5] = ["friend", "member", "player", "user", "whose"];

/// Reads the command line.
///
/// # Errors
///
/// `usage`
pub fn parse(args: &[OsString], env: &Environment) -> Result<Parsed<Cli>, Error> {
    if let [_, only] = args
        && (only == "--version" || only == "-V")
    {
        let tool = clap::Command::new("padel").version(env!("CARGO_PKG_VERSION"));
        return Ok(Parsed::Show(tool.render_version()));
    }
    if let Some(cli) = parse_alone("availability", Command::Availability, args) {
        return Ok(Parsed::Run(cli));
    }
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
        let today = env
            .now()
            .map_or_else(|_| NaiveDate::default(), |now| now.date_naive());
        let meant = match rejection.wrong_value() {
            Some((option, value)) => meant::guess_value(&option, &value, today)
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

/// Reads a call that begins with one subcommand, and that nothing is wrong with; `None` for any
/// other.
///
/// To build all subcommands, each with the options of every command, takes longer than anything
/// else that a call for one day does.
fn parse_alone<T: Args>(
    name: &'static str,
    wrap: impl Fn(T) -> Command,
    args: &[OsString],
) -> Option<Cli> {
    let own = args
        .get(1..)
        .filter(|own| own.first().is_some_and(|first| first == name))?;
    let command = clap::Command::new(name)
        .disable_help_flag(true)
        .disable_version_flag(true);
    let command = Global::augment_args(T::augment_args(command));
    let mut matches = command.try_get_matches_from(own).ok()?;
    Some(Cli {
        command: wrap(T::from_arg_matches_mut(&mut matches).ok()?),
        global: Global::from_arg_matches_mut(&mut matches).ok()?,
        version: None,
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

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn availability_alone_is_read_like_any_command() {
        let mut alone = 0;
        for line in [
            "availability",
            "availability --json",
            "--json availability --date sat --days 3",
            "-v --club brunelsport availability -v --timeout 5",
            "availability --date=-1 --from 18:00 --to 22:00 --weekday mon,sat",
            "availability --site UB --site 14 --activity availability --all -q",
            "--club availability availability --at 18:00",
            "availability --club availability --at 18:00 --limit 3 --color never -vv",
            "availability --format ics --env-file a --config b --no-cache --court 3",
            "bookings --club availability",
            "availability bookings",
            "availability --help",
            "availability --version",
            "availability --nonsense",
            "availability --from 24:00",
            "availability --json --format table",
            "availability -v -q",
            "availability --json --json",
            "availability --from 18:00 --at 18:00",
            "availability --timeout 0",
            "availability -h",
            "help availability",
            "--club availability",
            "availability --",
            "watch availability",
        ] {
            let args: Vec<OsString> = format!("padel {line}").split(' ').map(Into::into).collect();
            let read = parse_alone("availability", Command::Availability, &args);
            let whole = Cli::try_parse_from(&args).ok();
            let is_other =
                matches!(&whole, Some(cli) if !matches!(cli.command, Command::Availability(_)));
            let begins = line.starts_with("availability");
            if begins && !is_other {
                assert_eq!(format!("{read:?}"), format!("{whole:?}"), "{line}");
            }
            assert!(begins || read.is_none(), "{line}");
            alone += usize::from(read.is_some());
        }
        assert_eq!(alone, 7);
    }

    #[test]
    fn the_version_is_told_as_clap_tells_it() {
        for flag in ["--version", "-V"] {
            let args = ["padel".into(), flag.into()];
            let Ok(Parsed::Show(text)) = parse(&args, &Environment::default()) else {
                panic!("{flag}")
            };
            let told = Cli::try_parse_from(&args).map(drop).unwrap_err();
            assert_eq!(text, told.to_string());
        }
    }
}
