//! A captured request's path and query as a template: dates become placeholders, what is made for
//! one time is dropped.

use std::{collections::BTreeMap, ops::Range};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use percent_encoding::percent_decode_str;

use super::{
    allow_list::AllowList,
    exchange::Exchange,
    secret::names_person,
    vocabulary::is_known,
    words::{has_word, is_digits, is_listed, last_index, split_words},
};
use crate::courts::Period;

/// Dates this near to the request count as "now": a page that asks from yesterday or until
/// tomorrow.
const NEAR: TimeDelta = TimeDelta::days(2);

/// A path and query with placeholders, and what is doubtful about it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) template: String,
    pub(super) doubts: Vec<String>,
    /// Names and values of the query that were kept.
    pub(super) kept: Vec<(String, String)>,
}

/// A date in the text of a path and query.
struct Date {
    span: Range<usize>,
    at: NaiveDateTime,
    has_time: bool,
}

/// The template of a request for bookings. `None` when the path holds a secret.
pub(super) fn template_bookings(
    target: &str,
    started: DateTime<Utc>,
    period: Period,
    allow_list: &AllowList,
) -> Option<Request> {
    let dates = find_dates(target);
    let (mut text, mut at) = (String::new(), 0);
    for (index, date) in dates.iter().enumerate() {
        let form = if date.has_time { "" } else { "_date" };
        let name = if is_end(target, &dates, index, started, period) {
            "to"
        } else {
            "from"
        };
        text.push_str(&target[at..date.span.start]);
        text.push_str(&format!("{{{name}{form}}}"));
        at = date.span.end;
    }
    text.push_str(&target[at..]);
    template_target(&text, started, allow_list)
}

/// A path and query with what may be written. `None` when the path itself holds something else.
pub(super) fn template_target(
    target: &str,
    started: DateTime<Utc>,
    allow_list: &AllowList,
) -> Option<Request> {
    let (path, query) = target
        .split_once('?')
        .map_or((target, ""), |(path, query)| (path, query));
    // Two slashes at the start would name another host.
    if path.starts_with("//") || !allow_list.allows_path(path) {
        return None;
    }
    let (mut template, mut doubts, mut kept) = (path.to_owned(), Vec::new(), Vec::new());
    let mut emptied: Vec<String> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = form_urlencoded::parse(pair.as_bytes())
            .next()
            .unwrap_or_default();
        if is_cache_buster(&name, &value, started) {
            continue;
        }
        let raw = pair.split('=').next().unwrap_or_default();
        template.push(if template.contains('?') { '&' } else { '?' });
        let epoch = matches!(value.len(), 10 | 13) && is_digits(&value);
        if !allow_list.allows_name(&name) {
            doubts.push("a parameter was left out whose name may be yours".to_owned());
            template.pop();
        } else if allow_list.allows_value(&name, &value) {
            template.push_str(pair);
            if !value.is_empty() {
                kept.push((name.into_owned(), value.into_owned()));
            }
        } else if is_template(&value) {
            template.push_str(pair);
        } else if epoch && is_near(&name, &value, started) {
            doubts.push(format!(
                "`{name}` holds a time as a number, which padel leaves as it was"
            ));
            template.push_str(pair);
            kept.push((name.into_owned(), value.into_owned()));
        } else {
            emptied.push(name.into_owned());
            template.push_str(&format!("{raw}="));
        }
    }
    doubts.dedup();
    if !emptied.is_empty() {
        let names = crate::text::line(&emptied.join(", "), 600);
        doubts.push(format!(
            "values were left out that may be secret or about you: {names}"
        ));
    }
    Some(Request {
        template,
        doubts,
        kept,
    })
}

/// Recognises a number that is a time within six years of the request, by name and value.
fn is_near(name: &str, value: &str, started: DateTime<Utc>) -> bool {
    let named = names_a_time(name, "date time") && !names_person(name);
    let time = value.parse().ok().and_then(|number: i64| {
        if value.len() == 13 {
            DateTime::from_timestamp_millis(number)
        } else {
            DateTime::from_timestamp(number, 0)
        }
    });
    named && time.is_some_and(|time| (time - started).abs() < TimeDelta::days(6 * 366))
}

/// Recognises a value that is made of placeholders, and of what a query puts between dates.
fn is_template(value: &str) -> bool {
    let mut rest = value;
    let mut found = false;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else {
            return false;
        };
        let ours = "from to from_date to_date user password user_base64 password_base64";
        if !may_join_dates(before) || !is_listed(name, ours) {
            return false;
        }
        found = true;
        rest = behind;
    }
    found && may_join_dates(rest)
}

/// Tells whether a query may put `text` between dates, as in `StartTime gt {from}`.
fn may_join_dates(text: &str) -> bool {
    text.chars()
        .all(|char| char.is_ascii_alphabetic() || " _-.,:'()".contains(char))
        && split_words(text)
            .iter()
            .all(|word| word.len() <= 2 || is_known(word))
}

/// Headers that the app adds.
pub(super) struct Headers {
    pub(super) kept: BTreeMap<String, String>,
    /// Names of those that may not be written, as they may be told.
    pub(super) left_out: Vec<String>,
}

/// Headers that the app adds, and the names of those that may not be written.
pub(super) fn custom_headers(exchange: &Exchange, allow_list: &AllowList) -> Headers {
    let (mut kept, mut left_out) = (BTreeMap::new(), Vec::new());
    for (name, value) in exchange
        .headers
        .iter()
        .filter(|(name, value)| !is_browsers(name) && !value.is_empty())
    {
        if allow_list.allows_value(name, value) {
            kept.insert(name.clone(), value.clone());
        } else {
            left_out.push(allow_list.shown_name(name).to_owned());
        }
    }
    Headers { kept, left_out }
}

/// Recognises headers of the browser, of the session, and those that only trace.
pub(super) fn is_browsers(name: &str) -> bool {
    const NAMES: [&str; 31] = [
        "authorization",
        "baggage",
        "cache-control",
        "connection",
        "device-memory",
        "dnt",
        "downlink",
        "dpr",
        "ect",
        "expires",
        "host",
        "keep-alive",
        "newrelic",
        "origin",
        "pragma",
        "priority",
        "range",
        "referer",
        "request-id",
        "rtt",
        "save-data",
        "sentry-trace",
        "te",
        "traceparent",
        "tracestate",
        "transfer-encoding",
        "upgrade-insecure-requests",
        "user-agent",
        "via",
        "x-request-id",
        "x-correlation-id",
    ];
    const PREFIXES: [&str; 8] = [
        "accept",
        "content-",
        "if-",
        "proxy-",
        "sec-",
        "x-b3-",
        "x-devtools-",
        "cookie",
    ];
    NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Recognises a parameter that only keeps answers from being cached: a time near the request's, or
/// a name that says so.
fn is_cache_buster(name: &str, value: &str, started: DateTime<Utc>) -> bool {
    let number: Option<i64> = value.parse().ok();
    let near =
        |at: Option<DateTime<Utc>>| at.is_some_and(|at| (at - started).abs() < TimeDelta::hours(1));
    let now = number.is_some_and(|number| {
        near(DateTime::from_timestamp(number, 0)) || near(DateTime::from_timestamp_millis(number))
    });
    let dated = names_a_time(name, "date");
    let named =
        name == "_" || has_word(&split_words(name), "cb nocache rnd random cachebuster bust");
    (now && !dated) || (named && !value.is_empty())
}

/// Tells whether a parameter's name says that its value is a time, by [`STARTS`], [`ENDS`] or one
/// of `more`.
fn names_a_time(name: &str, more: &str) -> bool {
    let words = split_words(name);
    [STARTS, ENDS, more]
        .iter()
        .any(|list| has_word(&words, list))
}

const STARTS: &str = "from start since after begin min";
const ENDS: &str = "to end until till before max finish";

/// Tells whether a date is the end of the range.
fn is_end(
    target: &str,
    dates: &[Date],
    index: usize,
    started: DateTime<Utc>,
    period: Period,
) -> bool {
    let date = &dates[index];
    // The name of a parameter that is nothing but the date.
    let name = target[..date.span.start]
        .strip_suffix('=')
        .and_then(|before| before.rsplit(['&', '?']).next());
    let name = split_words(&percent_decode_str(name.unwrap_or_default()).decode_utf8_lossy());
    match (last_index(&name, STARTS), last_index(&name, ENDS)) {
        (Some(start), Some(end)) => return end > start,
        (Some(_), None) => return false,
        (None, Some(_)) => return true,
        (None, None) => {}
    }
    let mut others = dates
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index);
    if let Some((_, other)) = others.next() {
        return (other.at, other.span.start) < (date.at, date.span.start);
    }
    let distance = date.at.and_utc() - started;
    if distance.abs() <= NEAR {
        period == Period::History
    } else {
        distance > TimeDelta::zero()
    }
}

/// All dates and times, plain or percent-encoded.
fn find_dates(target: &str) -> Vec<Date> {
    let bytes = target.as_bytes();
    let (mut dates, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        // The digit of a `%20` belongs to no number.
        let encoded = at >= 3 && bytes[at - 3] == b'%';
        let after_digit = at > 0 && bytes[at - 1].is_ascii_digit() && !encoded;
        match (!after_digit).then(|| parse_date_at(target, at)).flatten() {
            Some(date) => {
                at = date.span.end;
                dates.push(date);
            }
            None => at += 1,
        }
    }
    dates
}

fn parse_date_at(target: &str, start: usize) -> Option<Date> {
    let day = NaiveDate::parse_from_str(target.get(start..start + 10)?, "%Y-%m-%d").ok()?;
    let mut end = start + 10;
    let mut at = day.and_time(chrono::NaiveTime::MIN);
    let clock = (|| {
        let rest = target.get(end..)?;
        let rest = ["T", "t", "+", "%20"]
            .iter()
            .find_map(|mark| rest.strip_prefix(mark))?;
        let mut clock = String::new();
        let mut tail = rest;
        loop {
            let colon = [":", "%3A", "%3a"]
                .iter()
                .find_map(|mark| tail.strip_prefix(mark));
            match (colon, tail.chars().next()) {
                (Some(after), _) => {
                    clock.push(':');
                    tail = after;
                }
                (None, Some(char)) if char.is_ascii_digit() || char == '.' => {
                    clock.push(char);
                    tail = &tail[1..];
                }
                _ => break,
            }
        }
        let forms = ["%H:%M:%S%.f", "%H:%M"];
        let time = forms
            .iter()
            .find_map(|form| chrono::NaiveTime::parse_from_str(&clock, form).ok())?;
        Some((time, tail))
    })();
    if let Some((time, tail)) = clock {
        let tail = skip_zone(tail);
        end = target.len() - tail.len();
        at = day.and_time(time);
    }
    if target.as_bytes().get(end).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some(Date {
        span: start..end,
        at,
        has_time: clock.is_some(),
    })
}

/// Skips `Z` or an offset.
fn skip_zone(tail: &str) -> &str {
    if let Some(rest) = tail.strip_prefix(['Z', 'z']) {
        return rest;
    }
    let Some(rest) = ["+", "-", "%2B", "%2b"]
        .iter()
        .find_map(|sign| tail.strip_prefix(sign))
    else {
        return tail;
    };
    let forms = ["00:00", "00%3A00", "0000"];
    forms
        .iter()
        .find(|form| begins_like(rest, form))
        .map_or(tail, |form| &rest[form.len()..])
}

/// Tells whether a text begins with this form, in which a zero is any digit.
fn begins_like(text: &str, form: &str) -> bool {
    text.get(..form.len()).is_some_and(|start| {
        let mut pairs = start.bytes().zip(form.bytes());
        pairs.all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte.eq_ignore_ascii_case(&form),
        })
    })
}
