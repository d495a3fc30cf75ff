//! Times as the portal writes them, and its clock beside ours.

use chrono::{
    DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, TimeZone as _,
    Timelike as _, Utc,
};
use serde_json::Value;

use crate::zone::Zone;

/// Time of an answer, by this machine's clock and by the portal's.
#[derive(Clone, Copy)]
pub(super) struct Clocks {
    pub(super) ours: DateTime<Utc>,
    pub(super) portals: Option<DateTime<Utc>>,
}

impl Clocks {
    /// Returns a stated time by our clock; `None` where it is over by both.
    pub(super) fn on_ours(self, stated: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if stated > self.ours {
            return Some(stated);
        }
        let left = stated - self.portals?;
        (left > TimeDelta::zero()).then(|| self.ours + left)
    }
}

/// Reads `2026-09-10T18:00:00Z`, the only form seen; any other RFC 3339 time, too.
pub(super) fn parse_utc(text: &str) -> Option<DateTime<Utc>> {
    parse_usual_utc(text)
        .or_else(|| {
            DateTime::parse_from_rfc3339(text)
                .ok()
                .map(|time| time.to_utc())
        })
        .filter(has_four_digit_year)
}

/// The first seconds of the years 1900 and 9999.
const FIRST: i64 = -2_208_988_800;
const LAST: i64 = 253_370_764_800;

/// Returns `true` for a time with four digits of year in any zone: others can neither be written
/// nor calculated with everywhere.
pub(super) fn has_four_digit_year(time: &DateTime<Utc>) -> bool {
    (FIRST..LAST).contains(&time.timestamp())
}

/// Reads the usual form, several times faster than the general parser: a large answer holds a hundred
/// thousand times.
fn parse_usual_utc(text: &str) -> Option<DateTime<Utc>> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    if [
        bytes[4], bytes[7], bytes[10], bytes[13], bytes[16], bytes[19],
    ] != *b"--T::Z"
    {
        return None;
    }
    // More than seven bits as soon as one is no digit.
    let mut checked = 0;
    let numbers = [0, 2, 5, 8, 11, 14, 17].map(|at| {
        let digits = [bytes[at], bytes[at + 1]];
        let [tens, units] = digits.map(|byte| u32::from(byte.wrapping_sub(b'0')));
        checked |= (tens + 118) | (units + 118);
        tens * 10 + units
    });
    if checked > 127 {
        return None;
    }
    let [century, year, month, day, hour, minute, second] = numbers;
    let year = i32::try_from(century * 100 + year).ok()?;
    let date = NaiveDate::from_ymd_opt(year, month, day)?;
    let time = date.and_hms_opt(hour, minute, second)?;
    Some(time.and_utc())
}

/// Rounds up to a whole minute: the portal's ends are one second short (`:59`).
pub(super) fn round_up_to_minute(time: DateTime<Utc>) -> DateTime<Utc> {
    let over = i64::from(time.second()) * 1_000_000_000 + i64::from(time.nanosecond());
    if over == 0 {
        time
    } else {
        time + TimeDelta::nanoseconds(60_000_000_000 - over)
    }
}

/// Reads the time at a pointer. `/date + /time` puts together a date and a time of the day that stand
/// apart.
pub(crate) fn time_at(item: &Value, pointer: &str, zone: Zone) -> Option<DateTime<Utc>> {
    let Some((day, clock)) = pointer
        .split_once(" + ")
        .filter(|(_, clock)| clock.starts_with('/'))
    else {
        return any_time(item.pointer(pointer)?, zone);
    };
    let day = item.pointer(day)?.as_str()?;
    // Some portals write the date as a midnight, and some of those as the club's midnight in UTC.
    let day = match parse_utc(day).filter(|time| time.time() != NaiveTime::MIN) {
        Some(midnight) => &midnight.with_timezone(&zone).date_naive().to_string(),
        None => day.get(..10)?,
    };
    let clock = item.pointer(clock)?.as_str()?.trim();
    any_time(&format!("{day}T{clock}").into(), zone)
}

/// Reads a time with `Z` or an offset; without either it is the club's local time; a number counts
/// seconds or milliseconds.
pub(crate) fn any_time(value: &Value, zone: Zone) -> Option<DateTime<Utc>> {
    if let Some(number) = value.as_i64() {
        // Seconds until the year 5138, milliseconds from 1973 on.
        let millis = number.unsigned_abs() >= 100_000_000_000;
        let time = if millis {
            DateTime::from_timestamp_millis(number)
        } else {
            DateTime::from_timestamp(number, 0)
        };
        return time.filter(has_four_digit_year);
    }
    let text = value.as_str()?.trim();
    let time = parse_utc(text)
        .or_else(|| parse_local(text, zone))
        .or_else(|| parse_offset(text));
    time.filter(has_four_digit_year)
}

fn parse_local(text: &str, zone: Zone) -> Option<DateTime<Utc>> {
    let forms = "%Y-%m-%dT%H:%M:%S%.f|%Y-%m-%d %H:%M:%S%.f|%Y-%m-%dT%H:%M|%Y-%m-%d %H:%M";
    let mut read = forms
        .split('|')
        .map(|form| NaiveDateTime::parse_from_str(text, form));
    let naive = read.find_map(Result::ok)?;
    Some(zone.from_local_datetime(&naive).earliest()?.to_utc())
}

/// Reads an offset without a colon, as some servers of Java and Node write it.
fn parse_offset(text: &str) -> Option<DateTime<Utc>> {
    let forms = "%Y-%m-%dT%H:%M:%S%.f%#z|%Y-%m-%d %H:%M:%S%.f%#z|%Y-%m-%dT%H:%M%#z";
    let mut read = forms
        .split('|')
        .map(|form| DateTime::parse_from_str(text, form));
    read.find_map(Result::ok).map(|time| time.to_utc())
}

/// Writes a time as the portal's queries have it.
pub(super) fn format_millis(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::London;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_offset_needs_no_colon() {
        for text in [
            "2026-07-03T18:40:00.000+0100",
            "2026-07-03T17:40:00+0000",
            "2026-07-03 18:40:00 +01:00",
            "2026-07-03T18:40+01",
        ] {
            let time = any_time(&text.into(), crate::zone::Zone::compiled(London))
                .map(|time| time.to_rfc3339());
            assert_eq!(time.as_deref(), Some("2026-07-03T17:40:00+00:00"), "{text}");
        }
    }

    #[test]
    fn a_date_written_as_a_midnight_is_that_of_the_club() {
        for day in [
            "2026-07-03",
            "2026-07-03T00:00:00",
            "2026-07-03T00:00:00Z",
            "2026-07-02T23:00:00Z",
        ] {
            let item = json!({"day": day, "time": "18:40"});
            let start = time_at(&item, "/day + /time", crate::zone::Zone::compiled(London))
                .map(|time| time.to_rfc3339());
            assert_eq!(start.as_deref(), Some("2026-07-03T17:40:00+00:00"), "{day}");
        }
    }

    #[test]
    fn usual_times_are_read_like_any_other() {
        for text in [
            "1900-01-01T00:00:00Z",
            "1999-12-31T23:59:59Z",
            "2026-11-23T09:08:07Z",
            "2028-02-29T10:20:30Z",
            "9998-12-31T23:59:59Z",
        ] {
            let expected = DateTime::parse_from_rfc3339(text).unwrap().to_utc();
            assert_eq!(parse_usual_utc(text), Some(expected), "{text}");
            assert_eq!(parse_utc(text), Some(expected), "{text}");
        }
        for text in [
            "2026-02-29T10:20:30Z",
            "2026-11-23T24:08:07Z",
            "2026-11-23T09:60:07Z",
            "2026x11-23T09:08:07Z",
            "2026-11-23T09:08:07",
            "202a-11-23T09:08:07Z",
            "20/6-11-23T09:08:07Z",
            "2026-11-23T09:0\u{7f}:07Z",
            "2026-11-23T 9:08:07Z",
            "2026-11-23T09:08:0<Z",
        ] {
            assert_eq!(parse_usual_utc(text), None, "{text}");
            assert_eq!(parse_utc(text), None, "{text}");
        }
        let minute = |text: &str| round_up_to_minute(text.parse().unwrap()).to_rfc3339();
        for second in ["59:59", "59:59.5", "59:00.5"] {
            let expected = "2026-11-23T10:00:00+00:00";
            assert_eq!(minute(&format!("2026-11-23T09:{second}Z")), expected);
        }
        assert_eq!(minute("2026-11-23T09:59:00Z"), "2026-11-23T09:59:00+00:00");
    }
}
