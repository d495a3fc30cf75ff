//! Reading a command line, and what is said of a wrong one: one sentence, and the next command as
//! the hint. Suggests only what is nearly the same word: an agent runs what it is told.

use std::ffi::OsString;

use clap::{
    Command, Parser,
    error::{ContextKind, ErrorKind},
};

use crate::{Error, ErrorCode, names};

/// The most characters of a sentence about a command line.
const LONGEST: usize = 300;

/// A command line that was read.
#[derive(Debug)]
pub enum Parsed<T> {
    /// A command to run.
    Run(T),
    /// The text of `--help` or `--version` to show.
    Show(String),
}

/// Reads a command line. `TOOL help COMMAND` is `TOOL COMMAND --help`.
///
/// # Errors
///
/// A command line that clap does not accept, to be explained.
pub fn parse_args<T: Parser>(args: &[OsString]) -> Result<Parsed<T>, Box<Rejection>> {
    let outcome = match args {
        [tool, help, command @ ..] if help == "help" => T::try_parse_from(
            [tool]
                .into_iter()
                .chain(command)
                .cloned()
                .chain(["--help".into()]),
        ),
        args => T::try_parse_from(args),
    };
    match outcome {
        Ok(options) => Ok(Parsed::Run(options)),
        Err(error) if error.use_stderr() => {
            Err(Box::new(Rejection::new(error, &mut T::command(), args)))
        }
        Err(error) => Ok(Parsed::Show(error.render().to_string())),
    }
}

/// A command line that clap does not accept.
#[derive(Debug)]
pub struct Rejection {
    error: clap::Error,
    /// The subcommand that the command line names.
    command: Command,
    /// The words of the command line that are text.
    words: Vec<String>,
}

impl Rejection {
    fn new(error: clap::Error, tool: &mut Command, args: &[OsString]) -> Self {
        tool.build();
        let words = args.iter().skip(1).filter_map(|arg| arg.to_str());
        let command = words.fold(&*tool, |command, word| {
            command.find_subcommand(word).unwrap_or(command)
        });
        Self {
            command: command.clone(),
            error,
            words: args
                .iter()
                .map(|arg| arg.to_string_lossy().into_owned())
                .collect(),
        }
    }

    /// Returns the option, without its dashes, and its value that is not accepted, if that is what is
    /// wrong.
    #[must_use]
    pub fn wrong_value(&self) -> Option<(String, String)> {
        if !matches!(
            self.error.kind(),
            ErrorKind::ValueValidation | ErrorKind::InvalidValue
        ) {
            return None;
        }
        let text = |kind| self.error.get(kind).map(ToString::to_string);
        let option = text(ContextKind::InvalidArg)?;
        let option = option.trim_start_matches('-').split([' ', '=']).next()?;
        Some((option.to_owned(), text(ContextKind::InvalidValue)?))
    }

    /// Returns the whole command line with other words in place of one, and of the option before it
    /// where that is to go, too; `None` where it does not stand there.
    #[must_use]
    pub fn correct(&self, option: Option<&str>, value: &str, meant: &str) -> Option<String> {
        let mut words: Vec<String> = self.words.iter().skip(1).map(|word| quote(word)).collect();
        let flag = option.map(|option| format!("--{option}"));
        let joined = flag.as_ref().map(|flag| format!("{flag}={value}"));
        let at = self.words.iter().skip(1).position(|word| {
            *word == value || joined.as_ref().is_some_and(|joined| joined == word)
        })?;
        let is_apart = self.words.get(at + 1).is_some_and(|word| *word == value);
        let before = at.checked_sub(1).filter(|_| is_apart);
        let first = before
            .filter(|before| flag.as_ref() == self.words.get(before + 1))
            .unwrap_or(at);
        words.splice(first..=at, [meant.to_owned()]);
        let tool = self.command.get_bin_name()?.split(' ').next()?;
        Some(printable::line(
            &format!("{tool} {}", words.join(" ")),
            LONGEST,
        ))
    }

    /// Returns whether no subcommand is given where one must be.
    #[must_use]
    pub fn lacks_command(&self) -> bool {
        self.error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    }

    /// Returns the subcommand or option that is unknown, if that is what is wrong.
    #[must_use]
    pub fn unknown_word(&self) -> Option<String> {
        if !matches!(
            self.error.kind(),
            ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument
        ) {
            return None;
        }
        [ContextKind::InvalidSubcommand, ContextKind::InvalidArg]
            .iter()
            .find_map(|kind| self.error.get(*kind))
            .map(ToString::to_string)
    }

    /// Returns whether the subcommand has the option `--NAME`.
    #[must_use]
    pub fn has_option(&self, name: &str) -> bool {
        self.long_options().any(|option| option == name)
    }

    /// Returns the `usage` error. `meant` is the whole command that was probably meant; without it the
    /// closest name is suggested.
    #[must_use]
    pub fn explain<C: ErrorCode>(&self, meant: Option<String>) -> Error<C> {
        Error::new(
            C::USAGE,
            self.describe_problem(),
            self.suggest_next_step(meant),
        )
    }

    /// Clap's several lines as one sentence.
    fn describe_problem(&self) -> String {
        let text = self.error.render().to_string();
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
        printable::line(&message, LONGEST)
    }

    /// The values that there are, the word that was probably meant, or the subcommand's help.
    fn suggest_next_step(&self, meant: Option<String>) -> String {
        let text = self.error.render().to_string();
        let values = text
            .lines()
            .find_map(|line| line.trim().strip_prefix('[')?.strip_suffix(']'));
        if let Some(values) = values {
            return values.to_owned();
        }
        let name = self
            .command
            .get_bin_name()
            .unwrap_or(self.command.get_name());
        let help = format!("`{name} --help` shows what is accepted");
        match (meant, self.closest_name()) {
            (Some(meant), _) => format!("did you mean `{meant}`? {help}"),
            (None, Some(closest)) => format!("did you mean `{name} {closest}`? {help}"),
            (None, None) => help,
        }
    }

    fn closest_name(&self) -> Option<String> {
        let word = self.unknown_word()?;
        match word.strip_prefix("--") {
            Some(option) => {
                names::nearest_name(option, self.long_options()).map(|option| format!("--{option}"))
            }
            None => {
                let names = || self.command.get_subcommands().map(Command::get_name);
                let mut longer = names().filter(|name| word.len() > 2 && name.starts_with(&word));
                let only = longer.next().filter(|_| longer.next().is_none());
                only.or_else(|| names::nearest_name(&word, names()))
                    .map(str::to_owned)
            }
        }
    }

    fn long_options(&self) -> impl Iterator<Item = &str> {
        self.command
            .get_arguments()
            .filter_map(|argument| argument.get_long())
    }
}

/// A word as a shell takes it.
fn quote(word: &str) -> String {
    let is_plain = !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.,:/=+@".contains(&byte));
    if is_plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
