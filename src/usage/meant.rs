//! What a value was probably meant to be. The grammar stays closed: a guess is a hint, never a
//! reading.

use chrono::{Datelike as _, NaiveDate};

use crate::courts::{Day, Time};

/// The words that a day may be, beside dates and numbers.
const DAYS: [&str; 10] = [
    "today",
    "tomorrow",
    "yesterday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Words that people take for the commands.
const COMMANDS: [(&str, &str); 8] = [
    ("courts", "availability"),
    ("slots", "availability"),
    ("free", "availability"),
    ("search", "availability"),
    ("history", "bookings --history"),
    ("sites", "activities"),
    ("signin", "login"),
    ("config", "setup"),
];

/// Returns the command that is meant by the name of none.
pub(super) fn guess_command(word: &str) -> Option<&'static str> {
    let known = COMMANDS.iter().find(|(known, _)| *known == word);
    known.map(|(_, command)| *command)
}

/// Returns the option with the value that is meant by one that is not accepted, such as `--date thu`
/// for `thurs`. A day without a year is the next one, a month the latest.
pub(super) fn guess_value(option: &str, value: &str, today: NaiveDate) -> Option<String> {
    let value = value.trim().to_ascii_lowercase();
    let meant = match option {
        "date" => return guess_day(&value, today),
        "month" => guess_month(&value, today)?,
        "from" | "to" | "at" => guess_time(&value)?,
        "duration" => guess_minutes(&value)?.to_string(),
        "weekday" if value.ends_with("weekend") => "sat,sun".to_owned(),
        "weekday" => guess_weekday(&value)?,
        "days" if value.contains("fortnight") => "14".to_owned(),
        "days" if value.contains("week") => "7".to_owned(),
        _ => return None,
    };
    Some(format!("--{option} {meant}"))
}

fn guess_day(value: &str, today: NaiveDate) -> Option<String> {
    let day = match value {
        "tonight" | "this evening" => return Some("--date today --from 18:00".to_owned()),
        _ if value.ends_with("weekend") => return Some("--weekday sat,sun".to_owned()),
        _ if value.ends_with("week") && !value.starts_with("next") && value.contains(' ') => {
            let name = guess_word(value.split(' ').next()?)?;
            format!("{}+1w", name.get(..3)?)
        }
        "next week" => return Some("--date mon --days 7".to_owned()),
        "this week" | "week" => return Some("--days 7".to_owned()),
        _ => guess_date(value, today)
            .or_else(|| guess_relative(value))
            .or_else(|| guess_word(value))?,
    };
    day.parse::<Day>().is_ok().then(|| format!("--date {day}"))
}

/// `2026-1-5`, `28/11/2026`, `28 nov` and `december 24th` are a date.
fn guess_date(value: &str, today: NaiveDate) -> Option<String> {
    let parts = split_parts(value);
    let (year, one, other) = match parts[..] {
        [year, month, day] if year.len() == 4 => (Some(year), day, month),
        [day, month, year] if year.len() == 4 => (Some(year), day, month),
        [day, month] => (None, day, month),
        _ => return None,
    };
    let number = |part: &str| part.trim_end_matches(char::is_alphabetic).parse().ok();
    let (day, month) = match find_month(one) {
        Some(month) => (number(other)?, month),
        None => (number(one)?, find_month(other).or_else(|| number(other))?),
    };
    let in_year = |year| NaiveDate::from_ymd_opt(year, month, day);
    let date = match year {
        Some(year) => in_year(year.parse().ok()?),
        None => in_year(today.year())
            .filter(|date| *date >= today)
            .or_else(|| in_year(today.year() + 1)),
    };
    Some(date?.to_string())
}

/// `2026-1`, `october`, `oct 2025` and `last month`.
fn guess_month(value: &str, today: NaiveDate) -> Option<String> {
    let parts = split_parts(value);
    let (year, month) = match parts[..] {
        [way @ ("this" | "last"), "month"] => return Some(way.to_owned()),
        [year, month] | [month, year] if year.len() == 4 => (year.parse().ok()?, month),
        [month] => {
            let is_to_come = find_month(month)? > today.month();
            (today.year() - i32::from(is_to_come), month)
        }
        _ => return None,
    };
    let month = find_month(month).or_else(|| month.parse().ok())?;
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    Some(first.format("%Y-%m").to_string())
}

fn split_parts(value: &str) -> Vec<&str> {
    let parts = value.split(|char: char| !char.is_alphanumeric());
    parts.filter(|part| !part.is_empty()).collect()
}

/// The number of a month by the first letters of its name.
fn find_month(word: &str) -> Option<u32> {
    let at = "janfebmaraprmayjunjulaugsepoctnovdec".find(word.get(..3)?)?;
    let month = u32::try_from(at / 3).ok()? + 1;
    (at % 3 == 0).then_some(month)
}

/// `next friday` and `last tue`.
fn guess_relative(value: &str) -> Option<String> {
    let (way, name) = value.split_once([' ', '-', '_'])?;
    let name = guess_word(name)?;
    match way {
        "next" | "last" => Some(format!("{way}-{}", name.get(..3)?)),
        "this" | "on" => Some(name),
        _ => None,
    }
}

/// `thurs`, `tomorow` and `satur`.
fn guess_word(value: &str) -> Option<String> {
    let mut longer = DAYS
        .iter()
        .filter(|day| value.len() > 2 && day.starts_with(value));
    let day = longer.next().copied();
    let day = day.or_else(|| diagnostic::names::nearest_name(value, DAYS))?;
    let is_weekday = crate::courts::parse_weekday(day).is_some();
    Some(if is_weekday { &day[..3] } else { day }.to_owned())
}

fn guess_weekday(value: &str) -> Option<String> {
    let day = guess_word(value)?;
    crate::courts::parse_weekday(&day).map(|_| day)
}

/// `6pm`, `6.30 pm`, `18`, `1830` and `18h`.
fn guess_time(value: &str) -> Option<String> {
    let compact: String = value.chars().filter(|char| !char.is_whitespace()).collect();
    let (digits, later) = match &*compact {
        "noon" | "midday" => return Some("12:00".to_owned()),
        text => match (text.strip_suffix("pm"), text.strip_suffix("am")) {
            (Some(rest), _) => (rest, Some(12)),
            (_, Some(rest)) => (rest, Some(0)),
            _ => (text.trim_end_matches(['h', 'u']), None),
        },
    };
    let (hour, minute) = match digits.split_once(['.', ':', 'h']) {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "00"),
    };
    let hour: u32 = hour.parse().ok()?;
    let hour = match later {
        Some(later) if hour <= 12 => hour % 12 + later,
        Some(_) => return None,
        None => hour,
    };
    let time = format!("{hour:02}:{minute}");
    time.parse::<Time>().is_ok().then_some(time)
}

/// `90min`, `1.5h`, `1h30` and `2 hours`.
fn guess_minutes(value: &str) -> Option<u32> {
    let compact: String = value.chars().filter(|char| !char.is_whitespace()).collect();
    let unit =
        compact.trim_start_matches(|char: char| char.is_ascii_digit() || ".:,".contains(char));
    let number = &compact[..compact.len() - unit.len()];
    let minutes = match unit {
        "m" | "min" | "mins" | "minute" | "minutes" | "'" => number.parse().ok()?,
        "h" | "hr" | "hrs" | "hour" | "hours" => match number.split_once(['.', ',']) {
            None => number.parse::<u32>().ok()?.checked_mul(60)?,
            Some((hours, "5")) => hours
                .parse::<u32>()
                .ok()?
                .checked_mul(60)?
                .checked_add(30)?,
            Some(_) => return None,
        },
        "" => match number.split_once(':') {
            Some((hours, minutes)) => {
                let hours: u32 = hours.parse().ok()?;
                hours.checked_mul(60)?.checked_add(minutes.parse().ok()?)?
            }
            None => number.parse::<u32>().ok()?.checked_add(4)? / 5 * 5,
        },
        _ => {
            let (hours, minutes) = compact.split_once('h')?;
            let minutes: u32 = minutes.trim_end_matches("min").parse().ok()?;
            hours
                .parse::<u32>()
                .ok()?
                .checked_mul(60)?
                .checked_add(minutes)?
        }
    };
    ((5..=24 * 60).contains(&minutes) && minutes % 5 == 0).then_some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_guessed() {
        let today = "2026-11-23".parse().unwrap();
        for (option, value, meant) in [
            ("date", "thurs", "--date thu"),
            ("date", "tomorow", "--date tomorrow"),
            ("date", "Tommorow", "--date tomorrow"),
            ("date", "satur", "--date sat"),
            ("date", "saterday", "--date sat"),
            ("date", "2026-1-5", "--date 2026-01-05"),
            ("date", "2026/01/05", "--date 2026-01-05"),
            ("date", "28/11/2026", "--date 2026-11-28"),
            ("date", "28.11", "--date 2026-11-28"),
            ("date", "28 nov", "--date 2026-11-28"),
            ("date", "December 24th", "--date 2026-12-24"),
            ("date", "3 jan", "--date 2027-01-03"),
            ("month", "October", "--month 2026-10"),
            ("month", "nov", "--month 2026-11"),
            ("month", "december", "--month 2025-12"),
            ("month", "2026-1", "--month 2026-01"),
            ("month", "oct 2025", "--month 2025-10"),
            ("month", "last month", "--month last"),
            ("date", "weekend", "--weekday sat,sun"),
            ("date", "this weekend", "--weekday sat,sun"),
            ("date", "tonight", "--date today --from 18:00"),
            ("date", "next friday", "--date next-fri"),
            ("date", "last tues", "--date last-tue"),
            ("date", "sunday week", "--date sun+1w"),
            ("date", "next week", "--date mon --days 7"),
            ("from", "6pm", "--from 18:00"),
            ("to", "10.30 pm", "--to 22:30"),
            ("at", "7", "--at 07:00"),
            ("at", "1930", "--at 19:30"),
            ("at", "12am", "--at 00:00"),
            ("at", "noon", "--at 12:00"),
            ("duration", "90min", "--duration 90"),
            ("duration", "1.5h", "--duration 90"),
            ("duration", "1h30", "--duration 90"),
            ("duration", "2 hours", "--duration 120"),
            ("duration", "1:30", "--duration 90"),
            ("duration", "61", "--duration 65"),
            ("weekday", "thurs", "--weekday thu"),
            ("weekday", "weekend", "--weekday sat,sun"),
            ("days", "week", "--days 7"),
        ] {
            assert_eq!(
                guess_value(option, value, today).as_deref(),
                Some(meant),
                "{option} {value}"
            );
        }
        for (option, value) in [
            ("date", "32nd"),
            ("date", "30 feb"),
            ("date", "28 13"),
            ("month", "2026-13"),
            ("month", "monthly"),
            ("date", "26-1-1"),
            ("date", "2026-02-30"),
            ("date", "x"),
            ("from", "25:00"),
            ("from", "18:60"),
            ("at", "13pm"),
            ("duration", "0"),
            ("duration", "99999999999999999999"),
            ("weekday", "caturday"),
            ("limit", "0"),
        ] {
            assert_eq!(guess_value(option, value, today), None, "{option} {value}");
        }
    }
}
