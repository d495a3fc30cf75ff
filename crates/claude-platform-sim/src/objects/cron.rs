//! Schedules: the five fields of cron in a time zone.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The next February 29 on a given weekday is at most 40 years away.
const DAYS_AHEAD: u64 = 40 * 366;

#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) expression: String,
    pub(crate) timezone: Tz,
    times: Vec<NaiveTime>,
    days: DayField,
    months: Vec<u32>,
    weekdays: DayField,
}

/// A field that names days: with both restricted, either one will do.
#[derive(Debug, Clone)]
struct DayField {
    is_any: bool,
    values: Vec<u32>,
}

impl Schedule {
    /// Reads an expression and an IANA name; fails with the reason. Steps (`*/5`) are taken, though
    /// POSIX has none; names of days and months are not.
    pub(crate) fn parse(expression: &str, timezone: &str) -> Result<Self, String> {
        let fields: Vec<_> = expression.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err("expression: five fields".to_owned());
        };
        let timezone = timezone
            .parse()
            .map_err(|_| format!("timezone: `{timezone}` is no IANA time zone"))?;
        let minutes = parse_field(minutes, 0, 59)?;
        let hours = parse_field(hours, 0, 23)?;
        let times = hours.iter().flat_map(|hour| {
            let minutes = minutes.iter();
            minutes.filter_map(move |minute| NaiveTime::from_hms_opt(*hour, *minute, 0))
        });
        Ok(Self {
            expression: expression.to_owned(),
            timezone,
            times: times.collect(),
            days: DayField {
                is_any: days == "*",
                values: parse_field(days, 1, 31)?,
            },
            months: parse_field(months, 1, 12)?,
            weekdays: DayField {
                is_any: weekdays == "*",
                // Both 0 and 7 are Sunday.
                values: parse_field(weekdays, 0, 7)?
                    .into_iter()
                    .map(|day| day % 7)
                    .collect(),
            },
        })
    }

    /// The next times after one, in order. A local time that the change to summer time skips does
    /// not come; one that is there twice comes twice.
    pub(crate) fn upcoming(&self, after: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        let first = after.with_timezone(&self.timezone).date_naive();
        let days = (0..DAYS_AHEAD).filter_map(|ahead| first.checked_add_days(Days::new(ahead)));
        days.filter(|day| self.includes(*day))
            .flat_map(|day| self.times_of(day))
            .filter(|time| *time > after)
            .take(count)
            .collect()
    }

    fn includes(&self, day: NaiveDate) -> bool {
        let is_day = self.days.values.contains(&day.day());
        let weekday = day.weekday().num_days_from_sunday();
        let is_weekday = self.weekdays.values.contains(&weekday);
        let either = !self.days.is_any && !self.weekdays.is_any;
        self.months.contains(&day.month())
            && if either {
                is_day || is_weekday
            } else {
                is_day && is_weekday
            }
    }

    fn times_of(&self, day: NaiveDate) -> Vec<DateTime<Utc>> {
        let mut times = Vec::new();
        for time in &self.times {
            let local = self.timezone.from_local_datetime(&day.and_time(*time));
            let twice = [local.earliest(), local.latest()];
            times.extend(twice.into_iter().flatten().map(|time| time.to_utc()));
        }
        times.sort_unstable();
        times.dedup();
        times
    }
}

/// The values of a field: `*`, numbers, ranges and lists of them, each with a step or without.
fn parse_field(field: &str, least: u32, most: u32) -> Result<Vec<u32>, String> {
    let refuse = || format!("expression: `{field}` is not {least} to {most}");
    let mut values = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            None => (part, 1),
            Some((range, step)) => (range, parse_number(step).ok_or_else(refuse)?),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            None => {
                let only = parse_number(range).ok_or_else(refuse)?;
                (only, only)
            }
            Some((from, to)) => (
                parse_number(from).ok_or_else(refuse)?,
                parse_number(to).ok_or_else(refuse)?,
            ),
        };
        if step == 0 || from > to || from < least || to > most {
            return Err(refuse());
        }
        values.extend((from..=to).step_by(step as usize));
    }
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

fn parse_number(text: &str) -> Option<u32> {
    let is_plain = text.chars().all(|letter| letter.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next times of a schedule in London.
    fn next(expression: &str, after: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::parse(expression, "Europe/London").unwrap();
        let times = schedule.upcoming(after.parse().unwrap(), count);
        times
            .iter()
            .map(|time| time.format("%FT%RZ").to_string())
            .collect()
    }

    #[test]
    fn the_next_times_are_local_and_after_now() {
        assert_eq!(
            next("0 7 * * *", "2026-11-23T07:00:00Z", 2),
            ["2026-11-24T07:00Z", "2026-11-25T07:00Z"]
        );
        assert_eq!(
            next("0 7 * * *", "2026-07-01T00:00:00Z", 1),
            ["2026-07-01T06:00Z"]
        );
        assert_eq!(
            next("*/20 8-9 * * 1-5", "2026-11-27T09:30:00Z", 2),
            ["2026-11-27T09:40Z", "2026-11-30T08:00Z"]
        );
        assert_eq!(
            next("5,1 0 1 1 *", "2026-01-01T00:01:00Z", 2),
            ["2026-01-01T00:05Z", "2027-01-01T00:01Z"]
        );
    }

    #[test]
    fn a_day_of_the_month_or_of_the_week_will_do() {
        // 13 November 2026 is a Friday.
        assert_eq!(
            next("0 0 15 * 5", "2026-11-12T12:00:00Z", 3),
            [
                "2026-11-13T00:00Z",
                "2026-11-15T00:00Z",
                "2026-11-20T00:00Z"
            ]
        );
        assert_eq!(
            next("0 0 * * 7", "2026-11-12T12:00:00Z", 1),
            ["2026-11-15T00:00Z"]
        );
        assert_eq!(
            next("0 0 29 2 *", "2026-11-12T12:00:00Z", 1),
            ["2028-02-29T00:00Z"]
        );
        assert!(next("0 0 31 2 *", "2026-11-12T12:00:00Z", 1).is_empty());
    }

    #[test]
    fn a_skipped_time_does_not_come_and_a_doubled_one_comes_twice() {
        assert_eq!(
            next("30 1 28-30 3 *", "2026-03-28T00:00:00Z", 2),
            ["2026-03-28T01:30Z", "2026-03-30T00:30Z"]
        );
        assert_eq!(
            next("30 1 * * *", "2026-10-24T12:00:00Z", 3),
            [
                "2026-10-25T00:30Z",
                "2026-10-25T01:30Z",
                "2026-10-26T01:30Z"
            ]
        );
    }

    #[test]
    fn a_bad_schedule_is_refused() {
        for expression in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "*/0 * * * *",
            "5-1 * * * *",
            "+5 * * * *",
            "* * * * MON",
            "@daily",
        ] {
            assert!(Schedule::parse(expression, "UTC").is_err(), "{expression}");
        }
        assert!(Schedule::parse("* * * * *", "Mars/Base").is_err());
    }
}
