//! The command line's types and help. Decides nothing.

#![allow(
    missing_docs,
    reason = "a doc comment is help here, and options that are flattened have none"
)]

mod watch;

use std::{path::PathBuf, str::FromStr};

use chrono::Weekday;
use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, ValueParser},
};
use clap_complete::Shell;

pub use self::watch::{First, Watch};
use crate::{
    courts::{Day, Month, Time},
    learn::numbered_steps,
};

const TEMPLATE: &str = "{about}\n\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

const EXAMPLES: &str = "\
Examples:
  padel availability --club brunelsport                     free courts today
  padel availability --date sat --from 17:00 --duration 90  Saturday, 90 minutes";

// A line each: a screen reader reads lines, and two columns would be one sentence.
const EXIT_CODES: &str = "\
Exit codes:
    0  success, also when nothing is free
    1  internal error
    2  wrong command line
    3  no such club, site or activity
    4  sign-in rejected or required, account locked
    5  the portal refuses, or is not as expected
    6  network or timeout
    7  too many requests
    8  wrong or missing settings, no readable credentials
    9  a message of `padel watch` was not taken
  130  interrupted";

/// Free padel courts at a Gladstone Go club. Reads only: never books or cancels
#[derive(Debug, Parser)]
#[command(name = "padel", bin_name = "padel", version, help_template = TEMPLATE, before_help = EXAMPLES, after_help = EXIT_CODES)]
#[command(
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true,
    arg_required_else_help = false,
    max_term_width = 100
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version)]
    pub(crate) version: Option<bool>,
}

impl Cli {
    /// The format in force.
    #[must_use]
    pub fn format(&self) -> Format {
        if self.global.json {
            Format::Json
        } else {
            self.global.format
        }
    }
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// LABEL of LABEL.gladstonego.cloud, or the whole https:// address
    #[arg(long, global = true, value_name = "CLUB")]
    pub club: Option<String>,
    /// Read this `.env` instead of searching for one
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Read this `config.toml` instead of searching for one
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// table, text, markdown, html, json or ics
    #[arg(
        long,
        global = true,
        default_value = "table",
        hide_possible_values = true
    )]
    pub format: Format,
    /// Short for `--format json`
    #[arg(long, global = true, conflicts_with = "format")]
    pub json: bool,
    /// Give up after this time, waits and retries included
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30, value_parser = ValueParser::new(parse_seconds), allow_hyphen_values = true)]
    pub timeout: u64,
    /// Neither use nor keep cached data
    #[arg(long, global = true)]
    pub no_cache: bool,
    /// Show each request on stderr; with -vv each decision, too
    #[arg(short, long, global = true, action = clap::ArgAction::Count, conflicts_with = "quiet")]
    pub verbose: u8,
    /// No warnings on stderr
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Colour in tables: auto, always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: Color,
    // Its own section would take three lines of each help.
    /// Print help
    #[arg(short, long, global = true, action = clap::ArgAction::Help)]
    help: Option<bool>,
}

/// The format of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// For a chat.
    Markdown,
    /// For a chat that shows Markdown's signs as they are.
    Text,
    /// A page to publish.
    Html,
    /// For a calendar.
    Ics,
}

/// When tables have colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Free courts
    Availability(Availability),
    /// Say when a court becomes free
    Watch(Box<Watch>),
    /// Your bookings, the next one first
    Bookings(Bookings),
    /// The club's own page, where a person books and cancels
    #[command(help_template = TEMPLATE)]
    Link,
    /// Sign in once, and say as whom and until when
    #[command(help_template = TEMPLATE)]
    Login,
    /// Forget the session of the last sign-in
    #[command(help_template = TEMPLATE)]
    Logout,
    /// Ask for the club and, if you like, an account, and keep them
    #[command(help_template = TEMPLATE)]
    Setup,
    /// The club's sites and activities, to choose ids for config.toml
    Activities(Activities),
    /// What was found, where it was looked for, and what works
    #[command(help_template = TEMPLATE)]
    Doctor,
    /// Teach padel your club's sign-in and bookings
    #[command(subcommand, help_template = TEMPLATE, arg_required_else_help = false)]
    Portal(PortalCommand),
    /// A completion script for a shell
    #[command(help_template = TEMPLATE)]
    Completions {
        /// The shell
        #[arg(value_parser = list_shells())]
        shell: String,
    },
    /// The manual page, in roff
    #[command(help_template = TEMPLATE)]
    Man,
}

const AVAILABILITY_EXAMPLES: &str = "\
Examples:
  padel availability --date tomorrow --from 18:00
  padel availability --date sat --duration 90
  padel availability --weekday sat,sun --days 14 --all
  padel availability --date +3 --activity 'Padel 60 Mins' --format markdown

";

/// Options of `padel availability`.
#[derive(Debug, Args)]
#[command(help_template = TEMPLATE, before_help = AVAILABILITY_EXAMPLES)]
pub struct Availability {
    /// YYYY-MM-DD, today, tomorrow, sat (today included), next-sat (a week later), sat+2w, +N, -N
    #[arg(
        long,
        value_name = "DAY",
        default_value = "today",
        allow_hyphen_values = true
    )]
    pub date: Day,
    /// Days to look at (1 to 60), from --date on [default: 1; 7 with --weekday]
    #[arg(long, value_name = "N", value_parser = ValueParser::new(parse_days), allow_hyphen_values = true)]
    pub days: Option<u64>,
    /// Minutes on one court, back-to-back slots joined: 30, 60, 90, any multiple of 5
    #[arg(long, value_name = "MIN", value_parser = ValueParser::new(parse_duration), allow_hyphen_values = true)]
    pub duration: Option<i64>,
    /// Starts at or after this local time
    #[arg(long, value_name = "HH:MM", value_parser = ValueParser::new(parse_start), allow_hyphen_values = true)]
    pub from: Option<Time>,
    /// Ends at or before this local time
    #[arg(long, value_name = "HH:MM", value_parser = ValueParser::new(parse_end), allow_hyphen_values = true)]
    pub to: Option<Time>,
    /// Courts that are free at this local time, with games that begin within half an hour of it
    #[arg(long, value_name = "HH:MM", value_parser = ValueParser::new(parse_start), conflicts_with_all = ["from", "to"], allow_hyphen_values = true)]
    pub at: Option<Time>,
    /// Only these weekdays
    #[arg(long, value_name = "mon,sat", value_delimiter = ',', value_parser = ValueParser::new(parse_weekday))]
    pub weekday: Vec<Weekday>,
    /// Only this site, by id, name or a part of it (repeatable)
    #[arg(long, value_name = "SITE")]
    pub site: Vec<String>,
    /// Only this activity, by id, name or a part of it (repeatable)
    #[arg(long, value_name = "ACTIVITY")]
    pub activity: Vec<String>,
    /// Only this court, by words of its name, such as 3 (repeatable)
    #[arg(long, value_name = "COURT")]
    pub court: Vec<String>,
    /// Only the first N start times
    #[arg(long, value_name = "N", value_parser = ValueParser::new(parse_limit), allow_hyphen_values = true)]
    pub limit: Option<usize>,
    /// Also slots that are taken, not open yet or closed
    #[arg(long)]
    pub all: bool,
}

const BOOKINGS_EXAMPLES: &str = "\
Examples:
  padel bookings --limit 3        the next three; a cancelled one says so
  padel bookings --history        the last twenty
  padel bookings --date last-tue  did I play last Tuesday?
  padel bookings --month last     how often last month?
  padel bookings --format ics     for a calendar

";

/// Options of `padel bookings`.
#[derive(Debug, Args)]
#[command(help_template = TEMPLATE, before_help = BOOKINGS_EXAMPLES)]
pub struct Bookings {
    /// Past bookings, the latest first
    #[arg(long)]
    pub history: bool,
    /// Only this day's, past or to come: as in `padel availability --date`
    #[arg(long, value_name = "DAY", conflicts_with_all = ["history", "month"], allow_hyphen_values = true)]
    pub date: Option<Day>,
    /// Only this month's (YYYY-MM, this or last), with a count of those that were played
    #[arg(
        long,
        value_name = "MONTH",
        conflicts_with = "history",
        allow_hyphen_values = true
    )]
    pub month: Option<Month>,
    /// Show at most N bookings
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = ValueParser::new(parse_limit), allow_hyphen_values = true)]
    pub limit: usize,
}

const LEARN_EXAMPLES: &str = "\
Examples:
  padel portal learn club.har                    the [portal] table for config.toml
  padel portal learn club.har --format markdown  to show somebody; nothing in it is secret

";

/// The subcommands of `padel portal`.
#[derive(Debug, Subcommand)]
pub enum PortalCommand {
    /// Read a browser's capture of signing in and of the bookings page
    #[command(help_template = TEMPLATE, before_help = LEARN_EXAMPLES, after_help = explain_capture())]
    Learn {
        /// The capture, a HAR as developer tools save it
        #[arg(value_name = "FILE.har")]
        file: PathBuf,
    },
}

fn explain_capture() -> String {
    format!("How to make the capture:\n{}", numbered_steps())
}

const ACTIVITIES_EXAMPLES: &str = "\
Examples:
  padel activities                      activities of the sport in use
  padel activities --all --site Armley  every activity of one site

";

/// Options of `padel activities`.
#[derive(Debug, Args)]
#[command(help_template = TEMPLATE, before_help = ACTIVITIES_EXAMPLES)]
pub struct Activities {
    /// Only this site, by id or name (repeatable)
    #[arg(long, value_name = "SITE")]
    pub site: Vec<String>,
    /// Every activity, not only those in use
    #[arg(long)]
    pub all: bool,
}

/// The shells, and what only their scripts ask for: names that padel kept of the club.
fn list_shells() -> PossibleValuesParser {
    let shells = Shell::value_variants()
        .iter()
        .filter_map(Shell::to_possible_value);
    let kept = ["site", "activity"].map(|name| PossibleValue::new(name).hide(true));
    PossibleValuesParser::new(shells.chain(kept))
}

fn parse_duration(text: &str) -> Result<i64, String> {
    let minutes: i64 = text
        .parse()
        .map_err(|_| "not a number of minutes: write 30, 60, 90, any multiple of 5".to_owned())?;
    if !(5..=24 * 60).contains(&minutes) || minutes % 5 != 0 {
        return Err("write a multiple of 5 from 5 to 1440, such as 60 or 90".to_owned());
    }
    Ok(minutes)
}

fn parse_days(text: &str) -> Result<u64, &'static str> {
    parse_number(text, 1, 60).ok_or("write a number from 1 to 60")
}

fn parse_seconds(text: &str) -> Result<u64, &'static str> {
    parse_number(text, 1, 600).ok_or("write a number of seconds from 1 to 600")
}

fn parse_limit(text: &str) -> Result<usize, &'static str> {
    parse_number(text, 1, usize::MAX).ok_or("write a number from 1 on")
}

fn parse_number<T: FromStr + PartialOrd>(text: &str, least: T, most: T) -> Option<T> {
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
}

/// Parses the earliest start; nothing starts when the day is over.
fn parse_start(text: &str) -> Result<Time, String> {
    match text.parse() {
        Ok(time) if time == Time::END => {
            Err("nothing starts at 24:00: write 00:00 and the next --date".to_owned())
        }
        Ok(time) => Ok(time),
        Err(error) => Err(error.to_string()),
    }
}

/// Parses the latest end; nothing ends when the day begins.
fn parse_end(text: &str) -> Result<Time, String> {
    match text.parse() {
        Ok(Time(0)) => Err("write 24:00 for midnight".to_owned()),
        Ok(time) => Ok(time),
        Err(error) => Err(error.to_string()),
    }
}

fn parse_weekday(text: &str) -> Result<Weekday, String> {
    crate::courts::parse_weekday(text)
        .ok_or_else(|| "write mon, tue, wed, thu, fri, sat, sun or the full names".to_owned())
}
