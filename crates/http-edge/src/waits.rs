//! How long an answer asks to wait, read from its headers. Knows nothing of tries.
//!
//! `httpdate` reads the standard's dates; the rest is ours, for no kept crate reads the numbers and
//! dates that servers really send.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{self, HeaderMap, HeaderName};

/// A wait in milliseconds, which some services state beside the standard's header.
const MILLISECONDS: HeaderName = HeaderName::from_static("retry-after-ms");
/// Headers that state a wait, the surest first. The last two are widespread names beside the
/// standard's.
const HEADERS: [HeaderName; 4] = [
    MILLISECONDS,
    header::RETRY_AFTER,
    HeaderName::from_static("ratelimit-reset"),
    HeaderName::from_static("x-ratelimit-reset"),
];
/// The longest wait that is believed: quotas are by the day at most, and a larger number was meant
/// in another unit.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// A number from here on is a time, in seconds since 1970: it was reached in 2001, and would be a
/// wait of 31 years.
const EPOCH_SECONDS: f64 = 1e9;
/// The same in milliseconds.
const EPOCH_MILLISECONDS: f64 = 1e12;

/// A wait as a header states it.
enum Stated {
    Seconds(f64),
    Until(DateTime<Utc>),
}

/// Reads the wait that an answer asks for, at most a day; `None` where it asks for none, or for none
/// that is ahead.
///
/// Of several headers of one name the longest counts. A time is measured on the service's own clock
/// where it tells it, else by `now`.
#[must_use]
pub fn read_wait(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let clocks = [read_date(headers), Some(now)];
    HEADERS.iter().find_map(|name| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| parse_header(name, value.to_str().ok()?))
            .filter_map(|stated| measure(&stated, &clocks))
            .max()
    })
}

fn parse_header(name: &HeaderName, text: &str) -> Option<Stated> {
    if name == MILLISECONDS {
        return Some(Stated::Seconds(parse_number(text)? / 1000.0));
    }
    parse_wait(text)
}

/// Reads the service's clock, from the header `Date`.
#[must_use]
pub fn read_date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    parse_date(headers.get(header::DATE)?.to_str().ok()?)
}

/// Reads seconds, also with a fraction, a time since 1970, or a date. Proxies join several headers
/// with commas.
fn parse_wait(text: &str) -> Option<Stated> {
    if let Some(date) = parse_date(text) {
        return Some(Stated::Until(date));
    }
    let longest = text.split(',').filter_map(parse_number).reduce(f64::max)?;
    if longest < EPOCH_SECONDS {
        return Some(Stated::Seconds(longest));
    }
    let since_1970 = if longest >= EPOCH_MILLISECONDS {
        longest / 1000.0
    } else {
        longest
    };
    // What is beyond the calendar is beyond the longest wait, too.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float is held at the integer's bounds"
    )]
    let time = DateTime::from_timestamp(since_1970 as i64, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    Some(Stated::Until(time))
}

/// Reads a number as it is, or in the dress that some servers give it: `+60`, `60s`, `600;q=1`.
/// Nothing else may stand behind it, for it might be an exponent or another unit.
fn parse_number(text: &str) -> Option<f64> {
    let text = text.split(';').next()?.trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim_start();
    let is_seconds = ["", "s", "sec", "secs", "second", "seconds"]
        .iter()
        .any(|known| unit.eq_ignore_ascii_case(known));
    is_seconds.then(|| number.parse().ok()).flatten()
}

/// Reads the three forms of RFC 9110, and what others write: a wrong weekday, other zones, and RFC
/// 3339.
fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = httpdate::parse_http_date(text) {
        return Some(time.into());
    }
    let day_first = text
        .split_once(", ")
        .map_or(text, |(_, rest)| rest)
        .replace("UTC", "GMT");
    let time =
        DateTime::parse_from_rfc2822(&day_first).or_else(|_| DateTime::parse_from_rfc3339(text));
    time.ok().map(|time| time.to_utc())
}

/// Returns what is left of a wait by the first clock that says that it lies ahead.
fn measure(stated: &Stated, clocks: &[Option<DateTime<Utc>>]) -> Option<Duration> {
    let wait = match stated {
        Stated::Seconds(seconds) => Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())),
        Stated::Until(time) => {
            let mut waits = clocks
                .iter()
                .flatten()
                .filter_map(|clock| (*time - *clock).to_std().ok());
            waits.find(|wait| !wait.is_zero())?
        }
    };
    (!wait.is_zero()).then_some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: u64 = 86_400;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-23T09:00:00Z")
            .unwrap()
            .to_utc()
    }

    fn waits(lines: &[(&'static str, &str)]) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        read_wait(&headers, now())
    }

    fn seconds(value: &str) -> Option<u64> {
        waits(&[("retry-after", value)]).map(|wait| wait.as_secs())
    }

    #[test]
    fn all_forms_of_a_date_are_read() {
        for text in [
            "Mon, 23 Nov 2026 09:10:00 GMT",
            "Monday, 23-Nov-26 09:10:00 GMT",
            "Mon Nov 23 09:10:00 2026",
            "Mon, 23 Nov 2026 09:10:00 +0000",
            "Mon, 23 Nov 2026 09:10:00 UTC",
            "Sun, 23 Nov 2026 09:10:00 GMT",
            "23 Nov 2026 10:10:00 +0100",
            " Mon, 23 Nov 2026 09:10:00 GMT ",
            "2026-11-23T09:10:00Z",
            "1795425000",
            "1795425000.7",
            "1795425000000",
        ] {
            assert_eq!(seconds(text), Some(600), "{text}");
        }
        assert_eq!(seconds("Thu Jan  1 09:10:00 2026"), None, "over");
    }

    #[test]
    fn seconds_may_have_a_fraction() {
        assert_eq!(
            waits(&[("retry-after", "1.5")]),
            Some(Duration::from_millis(1500))
        );
        assert_eq!(
            waits(&[("retry-after", ".25")]),
            Some(Duration::from_millis(250))
        );
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("0120 "), Some(120));
    }

    #[test]
    fn a_number_may_be_dressed() {
        for text in [
            "600s",
            "600 s",
            "600 Seconds",
            "+600",
            "600;q=1",
            "+600s; q=1",
            "5, 600s",
        ] {
            assert_eq!(seconds(text), Some(600), "{text}");
        }
        assert_eq!(
            waits(&[("retry-after-ms", "120.5"), ("retry-after", "40")]),
            Some(Duration::from_micros(120_500)),
            "milliseconds say it more precisely"
        );
        assert_eq!(
            waits(&[("retry-after-ms", "soon"), ("retry-after", "40")]),
            waits_of(40)
        );
    }

    #[test]
    fn what_states_no_wait_is_none() {
        for text in [
            "",
            "0",
            "-1",
            "-0.5",
            "soon",
            "1e9",
            "NaN",
            "inf",
            ".",
            "1.2.3",
            "0x10",
            "+",
            "+-5",
            "++5",
            "5m",
            "5 apples",
            "s",
            ";q=1",
            "١٢٠",
            "1795421000",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
        assert_eq!(seconds("Sunday, 06-Nov-94 08:49:37 GMT"), None);
    }

    #[test]
    fn no_wait_is_longer_than_a_day() {
        for text in [
            "86401",
            "3600000",
            "999999999",
            "4102444800",
            "4102444800000",
            "18446744073709551615",
            "99999999999999999999999999",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Friday, 31-Dec-60 23:59:59 GMT",
        ] {
            assert_eq!(seconds(text), Some(DAY), "{text}");
        }
    }

    #[test]
    fn of_several_headers_the_longest_counts() {
        assert_eq!(
            waits(&[
                ("retry-after", "5"),
                ("retry-after", "90"),
                ("retry-after", "soon")
            ]),
            waits_of(90)
        );
        assert_eq!(seconds("5, 90"), Some(90));
        assert_eq!(
            waits(&[("retry-after", "5"), ("x-ratelimit-reset", "90")]),
            waits_of(5),
            "the standard's first"
        );
        assert_eq!(
            waits(&[("retry-after", "soon"), ("x-ratelimit-reset", "1795424460")]),
            waits_of(60)
        );
        assert_eq!(waits(&[("ratelimit-reset", "30")]), waits_of(30));
    }

    fn waits_of(seconds: u64) -> Option<Duration> {
        Some(Duration::from_secs(seconds))
    }

    #[test]
    fn a_date_is_measured_on_the_services_clock() {
        for (date, wait) in [
            ("Mon, 23 Nov 2026 09:05:00 GMT", 300),
            ("Monday, 23-Nov-26 09:05:00 GMT", 300),
            // A page that a cache has kept, or a clock that is ahead: the wait still lies ahead.
            ("Mon, 23 Nov 2026 10:00:00 GMT", 600),
        ] {
            let until = ("retry-after", "Mon, 23 Nov 2026 09:10:00 GMT");
            assert_eq!(waits(&[("date", date), until]), waits_of(wait), "{date}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_bounded(text in "[ -~]{0,40}|[0-9.]{1,30}|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT") {
            if let Some(wait) = waits(&[("retry-after", &text)]) {
                prop_assert!(wait <= LONGEST && !wait.is_zero());
            }
        }
    }
}
