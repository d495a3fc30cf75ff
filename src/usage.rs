//! What is said of a wrong command line: one sentence, and the next command as the hint. Suggests
//! only what is nearly the same word: an agent runs what it is told.

use std::ffi::OsString;

use clap::{
    Command, CommandFactory as _,
    error::{ContextKind, ErrorKind},
};

use crate::{
    cli::Cli,
    courts::Day,
    error::{Code, Error},
    names,
};

/// What padel never does, as somebody might ask for it.
const NEVER: [&str; 6] = ["book", "booking", "cancel", "pay", "reserve", "unbook"];

/// The error for a command line that clap does not accept.
pub(crate) fn wrong(error: &clap::Error, args: &[OsString]) -> Error {
    let word = unknown_word(error).unwrap_or_default();
    if NEVER.contains(&word.trim_start_matches('-')) {
        let message = format!("there is no `{word}`: padel only reads, it never books or cancels");
        let hint = "book and cancel at the club itself; `padel availability` and `padel bookings` show what there is";
        return Error::new(Code::Usage, message, hint);
    }
    Error::new(
        Code::Usage,
        sentence(error),
        hint(error, Cli::command(), args),
    )
}

/// The next command after a command line that `root` does not accept: the values that there are,
/// what was probably meant, or the help of the command.
#[must_use]
pub fn hint(error: &clap::Error, mut root: Command, args: &[OsString]) -> String {
    root.build();
    let words = args.iter().skip(1).filter_map(|arg| arg.to_str());
    let command = words.fold(&root, |command, word| {
        command.find_subcommand(word).unwrap_or(command)
    });
    let name = command.get_bin_name().unwrap_or(root.get_name());
    let text = error.render().to_string();
    let values = text
        .lines()
        .find_map(|line| line.trim().strip_prefix('[')?.strip_suffix(']'));
    let meant = unknown_word(error).and_then(|word| meant(command, &word));
    match (values, meant) {
        (Some(values), _) => values.to_owned(),
        (None, Some(meant)) => {
            format!("did you mean `{name} {meant}`? `{name} --help` shows what is accepted")
        }
        (None, None) => format!("`{name} --help` shows what is accepted"),
    }
}

/// The subcommand or option that is unknown, if that is what is wrong.
fn unknown_word(error: &clap::Error) -> Option<String> {
    if !matches!(
        error.kind(),
        ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument
    ) {
        return None;
    }
    let kinds = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
    kinds
        .iter()
        .find_map(|kind| error.get(*kind))
        .map(ToString::to_string)
}

/// What was probably meant by a word that the command does not know.
fn meant(command: &Command, word: &str) -> Option<String> {
    if let Some(option) = word.strip_prefix("--") {
        let known = command
            .get_arguments()
            .filter_map(|argument| argument.get_long());
        return Some(format!("--{}", names::near(option, known)?));
    }
    let takes_date = command
        .get_arguments()
        .any(|argument| argument.get_long() == Some("date"));
    if takes_date && word.parse::<Day>().is_ok() {
        return Some(format!("--date {word}"));
    }
    names::near(word, command.get_subcommands().map(Command::get_name)).map(str::to_owned)
}

/// What clap says of a wrong command line in several lines, as one sentence.
#[must_use]
pub fn sentence(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let mut lines = text.lines().map(str::trim);
    let mut message = lines
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .to_owned();
    if message.ends_with(':') {
        let missing: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
        message = format!("{message} {}", missing.join(", "));
    }
    crate::text::line(&message, 300)
}
