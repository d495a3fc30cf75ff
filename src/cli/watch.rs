//! Options of `padel watch`.

use std::{path::PathBuf, time::Duration};

use chrono::Weekday;
use clap::{Args, ValueEnum, builder::ValueParser};

use super::{
    TEMPLATE, parse_days, parse_duration, parse_end, parse_number, parse_start, parse_weekday,
};
use crate::courts::{Day, Time};

const EXAMPLES: &str = "\
Examples:
  padel watch --weekday sat --from 17:00 --once    once, for cron; without --once again and again
  padel watch --date sat --once --exec cat         each message to a program of yours
  padel watch --list                               what is watched, and what was told

";

/// Options of `padel watch`.
#[derive(Debug, Args)]
#[command(help_template = TEMPLATE, before_help = EXAMPLES)]
pub struct Watch {
    /// YYYY-MM-DD, today, tomorrow, sat (today included), next-sat (a week later), sat+2w, +N
    #[arg(long, value_name = "DAY", allow_hyphen_values = true)]
    pub date: Option<String>,
    /// Days to watch (1 to 60) [default: 14; 1 with --date, 7 with --date and --weekday]
    #[arg(long, value_name = "N", value_parser = ValueParser::new(parse_days), allow_hyphen_values = true)]
    pub days: Option<u64>,
    /// Minutes on one court, as in `padel availability`
    #[arg(long, value_name = "MIN", value_parser = ValueParser::new(parse_duration), allow_hyphen_values = true)]
    pub duration: Option<i64>,
    /// Starts at or after this local time
    #[arg(long, value_name = "HH:MM", value_parser = ValueParser::new(parse_start), allow_hyphen_values = true)]
    pub from: Option<Time>,
    /// Ends at or before this local time
    #[arg(long, value_name = "HH:MM", value_parser = ValueParser::new(parse_end), allow_hyphen_values = true)]
    pub to: Option<Time>,
    /// Free at this local time, or within half an hour of it
    #[arg(long, value_name = "HH:MM", value_parser = ValueParser::new(parse_start), conflicts_with_all = ["from", "to"], allow_hyphen_values = true)]
    pub at: Option<Time>,
    /// Only these weekdays
    #[arg(long, value_name = "mon,sat", value_delimiter = ',', value_parser = ValueParser::new(parse_weekday))]
    pub weekday: Vec<Weekday>,
    /// Only this site, by id or name (repeatable)
    #[arg(long, value_name = "SITE")]
    pub site: Vec<String>,
    /// Only this activity, by id or name (repeatable)
    #[arg(long, value_name = "ACTIVITY")]
    pub activity: Vec<String>,
    /// Only this court, by words of its name (repeatable)
    #[arg(long, value_name = "COURT")]
    pub court: Vec<String>,
    /// Look once and end, for cron and timers
    #[arg(long)]
    pub once: bool,
    /// Pause between looks, such as 5m or 90s, a minute at least
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = ValueParser::new(parse_pause))]
    pub every: Duration,
    /// Also say so N minutes before a booking window opens
    #[arg(long, value_name = "N", value_parser = ValueParser::new(parse_notice), allow_hyphen_values = true)]
    pub opens: Option<u32>,
    /// Also say when it is gone again
    #[arg(long)]
    pub gone: bool,
    /// The last day of watching
    #[arg(long, value_name = "DAY", allow_hyphen_values = true)]
    pub until: Option<Day>,
    /// At the first look: tell what is free, or be quiet
    #[arg(
        long,
        value_name = "tell|quiet",
        default_value = "tell",
        hide_possible_values = true
    )]
    pub first: First,
    /// Run this for each message, without a shell; ends at a `;`
    #[arg(long, value_name = "CMD", num_args = 1.., allow_hyphen_values = true, value_terminator = ";", conflicts_with = "notify")]
    pub exec: Vec<String>,
    /// Send to this [notify.NAME] of config.toml (repeatable)
    #[arg(long, value_name = "NAME")]
    pub notify: Vec<String>,
    /// Keep the state here
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Exit with 10 where there was something to tell
    #[arg(long, requires = "once")]
    pub exit_code: bool,
    /// Look and print, but send and keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Send a test message to every target; asks the club nothing
    #[arg(long, conflicts_with_all = ["dry_run", "list", "forget"])]
    pub test: bool,
    /// Show what is watched, what was told and what waits; asks the club nothing
    #[arg(long, conflicts_with_all = ["dry_run", "forget"])]
    pub list: bool,
    /// Forget what was seen and told
    #[arg(long, conflicts_with = "dry_run")]
    pub forget: bool,
}

/// What the first look does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum First {
    /// Tells what is free.
    Tell,
    /// Tells nothing.
    Quiet,
}

/// Parses `5m`, `90s` or `1h`.
fn parse_pause(text: &str) -> Result<Duration, &'static str> {
    const FORM: &str = "write a time from 1m to 24h, such as 5m, 90s or 1h";
    let unit = text.chars().next_back().ok_or(FORM)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        _ => return Err(FORM),
    };
    let number = text.strip_suffix(unit).unwrap_or_default();
    let number: u64 = parse_number(number, 1, 86_400).ok_or(FORM)?;
    let pause = number * seconds;
    if (60..=86_400).contains(&pause) {
        Ok(Duration::from_secs(pause))
    } else {
        Err(FORM)
    }
}

fn parse_notice(text: &str) -> Result<u32, &'static str> {
    parse_number(text, 1, 1_440).ok_or("write a number of minutes from 1 to 1440")
}
