//! A captured request's path and query as a template: dates become placeholders, what is made for one time is dropped.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use percent_encoding::percent_decode_str;

use super::{
    secret::{Secrets, looks_secret, names_person, names_secret},
    words::{has, place, words},
};
use crate::courts::Period;

/// How far from the request itself a date counts as "now".
const NEAR: TimeDelta = TimeDelta::days(2);

/// A path and query with placeholders, and what is doubtful about it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) template: String,
    pub(super) doubts: Vec<String>,
}

/// A date in the text of a path and query.
struct Date {
    span: Range<usize>,
    at: NaiveDateTime,
    has_time: bool,
}

/// The template of a request for bookings. `None` when the path holds a secret.
pub(super) fn bookings(target: &str, started: DateTime<Utc>, period: Period, secrets: &Secrets) -> Option<Request> {
    let dates = dates(target);
    let (mut text, mut at) = (String::new(), 0);
    for (index, date) in dates.iter().enumerate() {
        let form = if date.has_time { "" } else { "_date" };
        let name = if is_end(target, &dates, index, started, period) { "to" } else { "from" };
        text.push_str(&target[at..date.span.start]);
        text.push_str(&format!("{{{name}{form}}}"));
        at = date.span.end;
    }
    text.push_str(&target[at..]);
    clean(&text, started, secrets)
}

/// A path and query without what must not be written. `None` when the path itself holds such a thing.
pub(super) fn clean(target: &str, started: DateTime<Utc>, secrets: &Secrets) -> Option<Request> {
    let (path, query) = target.split_once('?').map_or((target, ""), |(path, query)| (path, query));
    let mut doubts = Vec::new();
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    // Two slashes at the start would name another host.
    if path.starts_with("//")
        || secrets.are_in(path)
        || decoded.contains('@')
        || path.split('/').any(|piece| secrets.are(piece))
    {
        return None;
    }
    for segment in decoded.split('/').filter(|segment| looks_secret(segment)) {
        // The number or id of the member, without which nothing works; a token is something else.
        let id = segment.len() <= 36 && !segment.starts_with("eyJ");
        if !id {
            return None;
        }
        doubts.push("its path holds an id, which may be yours".to_owned());
    }
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = form_urlencoded::parse(pair.as_bytes()).next().unwrap_or_default();
        if is_cache_buster(&name, &value, started) {
            continue;
        }
        let placeholder = value.contains("{from") || value.contains("{to");
        let epoch = matches!(value.len(), 10 | 13) && value.bytes().all(|byte| byte.is_ascii_digit());
        if epoch && place(&words(&name), &[STARTS, ENDS, &["date", "time"]].concat()).is_some() {
            doubts.push("it holds a time as a number, which padel leaves as it was".to_owned());
            kept.push(pair.to_owned());
        } else if !placeholder && is_secret(&name, &value, secrets) {
            doubts.push("a value was left out that may be secret or about you".to_owned());
            kept.push(format!("{}=", pair.split('=').next().unwrap_or_default()));
        } else {
            kept.push(pair.to_owned());
        }
    }
    doubts.dedup();
    let template = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    Some(Request { template, doubts })
}

fn is_secret(name: &str, value: &str, secrets: &Secrets) -> bool {
    if value.is_empty() || matches!(value, "true" | "false") {
        return false;
    }
    secrets.touch(value)
        || looks_secret(value)
        || names_person(name)
        || (names_secret(name) && value.len() >= 8)
        || value.len() > 100
}

/// Whether a parameter only keeps answers from being cached: a time near the request's, or a name that says so.
fn is_cache_buster(name: &str, value: &str, started: DateTime<Utc>) -> bool {
    let number: Option<i64> = value.parse().ok();
    let near = |at: Option<DateTime<Utc>>| at.is_some_and(|at| (at - started).abs() < TimeDelta::hours(1));
    let now = number.is_some_and(|number| {
        near(DateTime::from_timestamp(number, 0)) || near(DateTime::from_timestamp_millis(number))
    });
    let dated = place(&words(name), &[STARTS, ENDS, &["date"]].concat()).is_some();
    let named = name == "_" || has(&words(name), &["cb", "nocache", "rnd", "random", "cachebuster", "bust"]);
    (now && !dated) || (named && !value.is_empty())
}

const STARTS: &[&str] = &["from", "start", "since", "after", "begin", "min"];
const ENDS: &[&str] = &["to", "end", "until", "till", "before", "max", "finish"];

/// Whether a date is the end of the range.
fn is_end(target: &str, dates: &[Date], index: usize, started: DateTime<Utc>, period: Period) -> bool {
    let date = &dates[index];
    // The name of a parameter that is nothing but the date.
    let name = target[..date.span.start].strip_suffix('=').and_then(|before| before.rsplit(['&', '?']).next());
    let name = words(&percent_decode_str(name.unwrap_or_default()).decode_utf8_lossy());
    match (place(&name, STARTS), place(&name, ENDS)) {
        (Some(start), Some(end)) => return end > start,
        (Some(_), None) => return false,
        (None, Some(_)) => return true,
        (None, None) => {}
    }
    let others = dates.iter().enumerate().filter(|(other, _)| *other != index);
    let order = |other: &Date| (other.at, other.span.start).cmp(&(date.at, date.span.start));
    if let Some(other) = others.map(|(_, other)| order(other)).next() {
        return other.is_lt();
    }
    let distance = date.at.and_utc() - started;
    if distance.abs() <= NEAR { period == Period::History } else { distance > TimeDelta::zero() }
}

/// All dates and times, plain or percent-encoded.
fn dates(target: &str) -> Vec<Date> {
    let bytes = target.as_bytes();
    let (mut dates, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        // The digit of a `%20` belongs to no number.
        let encoded = at >= 3 && bytes[at - 3] == b'%';
        let after_digit = at > 0 && bytes[at - 1].is_ascii_digit() && !encoded;
        match (!after_digit).then(|| date(target, at)).flatten() {
            Some(date) => {
                at = date.span.end;
                dates.push(date);
            }
            None => at += 1,
        }
    }
    dates
}

fn date(target: &str, start: usize) -> Option<Date> {
    let day = NaiveDate::parse_from_str(target.get(start..start + 10)?, "%Y-%m-%d").ok()?;
    let mut end = start + 10;
    let mut at = day.and_time(chrono::NaiveTime::MIN);
    let clock = (|| {
        let rest = target.get(end..)?;
        let rest = ["T", "t", "+", "%20"].iter().find_map(|mark| rest.strip_prefix(mark))?;
        let mut clock = String::new();
        let mut tail = rest;
        loop {
            let colon = [":", "%3A", "%3a"].iter().find_map(|mark| tail.strip_prefix(mark));
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
        let time = forms.iter().find_map(|form| chrono::NaiveTime::parse_from_str(&clock, form).ok())?;
        Some((time, tail))
    })();
    if let Some((time, tail)) = clock {
        let tail = without_zone(tail);
        end = target.len() - tail.len();
        at = day.and_time(time);
    }
    if target.as_bytes().get(end).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    Some(Date { span: start..end, at, has_time: clock.is_some() })
}

/// What follows `Z` or an offset.
fn without_zone(tail: &str) -> &str {
    if let Some(rest) = tail.strip_prefix(['Z', 'z']) {
        return rest;
    }
    let Some(rest) = ["+", "-", "%2B", "%2b"].iter().find_map(|sign| tail.strip_prefix(sign)) else { return tail };
    let lengths = [("00:00", 5), ("00%3A00", 7), ("0000", 4)];
    let fits = |form: &str, length: usize| {
        let same = |(byte, form): (u8, u8)| {
            if form == b'0' { byte.is_ascii_digit() } else { byte.eq_ignore_ascii_case(&form) }
        };
        rest.as_bytes().get(..length).is_some_and(|start| start.iter().copied().zip(form.bytes()).all(same))
    };
    lengths.iter().find(|(form, length)| fits(form, *length)).map_or(tail, |(_, length)| &rest[*length..])
}
