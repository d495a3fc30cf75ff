//! The closed grammar of days and times of day that a player may write.

use std::{fmt, str::FromStr};

use chrono::{Datelike, Months, NaiveDate, TimeDelta, Weekday};
use thiserror::Error;

/// The furthest day that `+N` and `-N` reach: a year, more than any club lets its members book
/// ahead.
const MAX_DAYS: i64 = 366;

/// A day as written: absolute, or counted from today at the club.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    /// `YYYY-MM-DD`
    On(NaiveDate),
    /// `today` is 0, `tomorrow` 1, `yesterday` -1; `+N` is N days ahead, `-N` N days ago.
    Ahead(i64),
    /// A weekday's name: the next such day, today included; and so many weeks after it:
    /// `next-fri` is one, `fri+2w` are two.
    Next(Weekday, i64),
    /// `last-tue`: the latest such day before today.
    Last(Weekday),
}

/// Reason why a text is not a day of the grammar.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum DayError {
    /// None of the forms.
    #[error(
        "not a day: write YYYY-MM-DD, today, tomorrow, yesterday, a weekday (sat), last-sat, \
         next-sat, sat+1w, or +N and -N days"
    )]
    Grammar,
    /// The form of a date, but no such day.
    #[error("no such day in the calendar; dates are YYYY-MM-DD")]
    Calendar,
    /// Beyond a year.
    #[error("too far: write at most +{MAX_DAYS}, -{MAX_DAYS} or +52w")]
    Far,
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let text = text.to_ascii_lowercase();
        match &*text {
            "today" => return Ok(Self::Ahead(0)),
            "tomorrow" => return Ok(Self::Ahead(1)),
            "yesterday" => return Ok(Self::Ahead(-1)),
            _ => {}
        }
        for (sign, way) in [('+', 1), ('-', -1)] {
            if let Some(digits) = text.strip_prefix(sign) {
                return parse_count(digits, MAX_DAYS).map(|days| Self::Ahead(way * days));
            }
        }
        if let Some(name) = text.strip_prefix("last-") {
            return parse_weekday(name).map(Self::Last).ok_or(DayError::Grammar);
        }
        let (name, weeks) = match (text.strip_prefix("next-"), text.split_once('+')) {
            (Some(name), _) => (name, 1),
            (None, Some((name, weeks))) => {
                let digits = weeks.strip_suffix('w').ok_or(DayError::Grammar)?;
                (name, parse_count(digits, 52)?)
            }
            (None, None) => (&*text, 0),
        };
        if let Some(weekday) = parse_weekday(name) {
            return Ok(Self::Next(weekday, weeks));
        }
        let is_date = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if is_date {
            text.parse().map(Self::On).map_err(|_| DayError::Calendar)
        } else {
            Err(DayError::Grammar)
        }
    }
}

impl Day {
    /// Returns the date that is meant when it is `today` at the club.
    #[must_use]
    pub fn resolve(self, today: NaiveDate) -> NaiveDate {
        let until = |weekday: Weekday| i64::from(weekday.days_since(today.weekday()));
        let ahead = match self {
            Self::On(date) => return date,
            Self::Ahead(days) => days,
            Self::Next(weekday, weeks) => until(weekday) + 7 * weeks,
            Self::Last(weekday) => until(weekday) - 7,
        };
        today
            .checked_add_signed(TimeDelta::days(ahead))
            .unwrap_or(today)
    }
}

/// A month as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Month {
    /// `YYYY-MM`, as its first day.
    On(NaiveDate),
    /// `this` is 0, `last` is 1 month ago.
    Ago(u32),
}

/// Says that a text is not a month of the grammar.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("not a month: write YYYY-MM, this or last")]
pub struct MonthError;

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        match text.to_ascii_lowercase().as_str() {
            "this" => Ok(Self::Ago(0)),
            "last" => Ok(Self::Ago(1)),
            text if text.len() == 7 => {
                let first = format!("{text}-01").parse();
                first.map(Self::On).map_err(|_| MonthError)
            }
            _ => Err(MonthError),
        }
    }
}

impl Month {
    /// Returns the first and the last day of the month that is meant when it is `today`.
    #[must_use]
    pub fn resolve(self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let first = match self {
            Self::On(first) => Some(first),
            Self::Ago(months) => today
                .with_day(1)
                .and_then(|first| first.checked_sub_months(Months::new(months))),
        };
        let first = first.unwrap_or(today);
        let next = first.checked_add_months(Months::new(1));
        (
            first,
            next.and_then(|next| next.pred_opt()).unwrap_or(first),
        )
    }
}

/// Parses a number of at most `most`.
fn parse_count(digits: &str, most: i64) -> Result<i64, DayError> {
    match parse_digits(digits) {
        Some(count) if count <= most => Ok(count),
        Some(_) => Err(DayError::Far),
        None => Err(DayError::Grammar),
    }
}

/// Parses a weekday's English name or its first three letters, in any case.
#[must_use]
pub fn parse_weekday(text: &str) -> Option<Weekday> {
    let lower = text.to_ascii_lowercase();
    let weekday: Weekday = lower.parse().ok()?;
    let name = weekday_name(weekday).to_ascii_lowercase();
    (lower == name || lower == name[..3]).then_some(weekday)
}

/// Returns the English name, `Monday` to `Sunday`.
#[must_use]
pub const fn weekday_name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// A time of day in whole minutes since local midnight, `00:00` to `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub u32);

impl Time {
    /// `24:00`
    pub const END: Self = Self(24 * 60);
}

/// Says that a text is not a time of the grammar.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("not a time: write HH:MM, from 00:00 to 24:00")]
pub struct TimeError;

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let (hours, minutes) = text.split_once(':').ok_or(TimeError)?;
        if !(1..=2).contains(&hours.len()) || minutes.len() != 2 {
            return Err(TimeError);
        }
        let [hours, minutes] = [hours, minutes].map(parse_digits::<u32>);
        let (hours, minutes) = hours.zip(minutes).ok_or(TimeError)?;
        if minutes > 59 || hours * 60 + minutes > 24 * 60 {
            return Err(TimeError);
        }
        Ok(Self(hours * 60 + minutes))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// Parses digits only: no sign, no space.
fn parse_digits<T: FromStr>(text: &str) -> Option<T> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
