//! What a value was probably meant to be. The grammar stays closed: a guess is a hint, never a
//! reading.

use chrono::NaiveDate;

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
/// for `thurs`.
pub(super) fn guess_value(option: &str, value: &str) -> Option<String> {
    let value = value.trim().to_ascii_lowercase();
    let meant = match option {
        "date" => return guess_day(&value),
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

fn guess_day(value: &str) -> Option<String> {
    let day = match value {
        "tonight" | "this evening" => return Some("--date today --from 18:00".to_owned()),
        _ if value.ends_with("weekend") => return Some("--weekday sat,sun".to_owned()),
        _ if value.ends_with("week") && !value.starts_with("next") && value.contains(' ') => {
            let name = guess_word(value.split(' ').next()?)?;
            format!("{}+1w", name.get(..3)?)
        }
        "next week" => return Some("--date mon --days 7".to_owned()),
        "this week" | "week" => return Some("--days 7".to_owned()),
        _ => guess_date(value)
            .or_else(|| guess_relative(value))
            .or_else(|| guess_word(value))?,
    };
    day.parse::<Day>().is_ok().then(|| format!("--date {day}"))
}

/// `2026-1-5` and `2026/01/05` are a date.
fn guess_date(value: &str) -> Option<String> {
    let parts: Vec<&str> = value.split(['-', '/', '.']).collect();
    let [year, month, day] = parts[..] else {
        return None;
    };
    if year.len() != 4 {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    Some(date?.to_string())
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
        for (option, value, meant) in [
            ("date", "thurs", "--date thu"),
            ("date", "tomorow", "--date tomorrow"),
            ("date", "Tommorow", "--date tomorrow"),
            ("date", "satur", "--date sat"),
            ("date", "saterday", "--date sat"),
            ("date", "2026-1-5", "--date 2026-01-05"),
            ("date", "2026/01/05", "--date 2026-01-05"),
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
                guess_value(option, value).as_deref(),
                Some(meant),
                "{option} {value}"
            );
        }
        for (option, value) in [
            ("date", "32nd"),
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
            assert_eq!(guess_value(option, value), None, "{option} {value}");
        }
    }
}
