//! A member's bookings, read as the profile says. Requests and fields are assumed (see
//! `profile.toml`).

use chrono::{
    DateTime, Days, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, TimeZone as _, Utc,
};
use serde_json::Value;

use super::{
    failure::{Failure, Part},
    lenient::{Bad, place, value, warnings},
    profile::Bookings,
    sessions::{is_of_our_age, time, whole_minute},
    transport::Reply,
};
use crate::{
    courts::{Booking, Period},
    text,
    zone::Zone,
};

/// How far ahead and back is asked for.
const AHEAD: TimeDelta = TimeDelta::days(366);
const BACK: TimeDelta = TimeDelta::days(5 * 366);
/// A play of yesterday evening may still be going on.
const SLACK: TimeDelta = TimeDelta::days(1);

/// Path and query of the request for a period. Times are in UTC; a date is that of the club, which
/// may be ahead of it.
pub(super) fn request(
    bookings: &Bookings,
    period: Period,
    now: DateTime<Utc>,
    zone: Zone,
) -> String {
    let (template, from, to) = match period {
        Period::Upcoming => (&bookings.upcoming, now - SLACK, now + AHEAD),
        Period::History => (&bookings.history, now - BACK, now),
    };
    let stamp = |time: DateTime<Utc>| {
        time.to_rfc3339_opts(SecondsFormat::Millis, true)
            .replace(':', "%3A")
    };
    let date = |time: DateTime<Utc>| time.with_timezone(&zone).format("%Y-%m-%d").to_string();
    template
        .replace("{from}", &stamp(from))
        .replace("{to}", &stamp(to))
        .replace("{from_date}", &date(from))
        .replace("{to_date}", &date(to))
}

/// The bookings of an answer, in its order, and what was skipped.
pub(super) fn read(
    reply: &Reply,
    profile: &Bookings,
    zone: Zone,
) -> Result<(Vec<Booking>, Vec<String>), Failure> {
    let unverified = |got: &str| Failure::Unverified {
        part: Part::Bookings,
        endpoint: reply.endpoint.clone(),
        got: text::line(got, 160),
    };
    let answer = match value(&reply.body) {
        Ok(answer) => answer,
        Err(_) if reply.body.trim_ascii_start().starts_with(b"<") => {
            return Err(unverified("an HTML page"));
        }
        Err(error) => return Err(unverified(&format!("no JSON ({error})"))),
    };
    let Some(Value::Array(items)) = answer.pointer(&profile.items) else {
        return Err(unverified(&match profile.items.as_str() {
            "" => "no list of bookings".to_owned(),
            place => format!("no list of bookings at `{place}`"),
        }));
    };
    let mut bookings = Vec::new();
    let mut bad = Bad::of(reply);
    for (index, item) in items.iter().enumerate() {
        match booking(item, profile, zone) {
            Some(booking) => bookings.push(booking),
            None => bad.push(place(index, ""), "no start time where one was assumed"),
        }
    }
    if bookings.is_empty() && !bad.is_empty() {
        return Err(unverified(
            "items without a start time where it was assumed",
        ));
    }
    let warnings = warnings(&reply.endpoint, &bad, false)?;
    Ok((bookings, warnings))
}

fn booking(item: &Value, profile: &Bookings, zone: Zone) -> Option<Booking> {
    let raw = |pointers: &[String]| -> Option<String> {
        pointers
            .iter()
            .find_map(|pointer| match item.pointer(pointer)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })
    };
    let text = |pointers: &[String]| {
        raw(pointers)
            .map(|it| text::line(&it, text::NAME))
            .filter(|it| !it.is_empty())
    };
    let start = profile
        .start
        .iter()
        .find_map(|pointer| time_at(item, pointer, zone))?;
    let end = |pointer: &String| {
        let end = time_at(item, pointer, zone)?;
        // A time of the day behind midnight stands beside the day of the start.
        let is_next_day = end <= start && pointer.contains(" + ");
        if is_next_day {
            Some(
                end.with_timezone(&zone)
                    .checked_add_days(Days::new(1))?
                    .to_utc(),
            )
        } else {
            Some(end)
        }
    };
    Some(Booking {
        start,
        end: profile
            .end
            .iter()
            .find_map(end)
            .map(whole_minute)
            .filter(|end| *end > start),
        reference: text(&profile.reference),
        activity: text(&profile.activity),
        court: raw(&profile.court)
            .map(|name| text::court(&name))
            .filter(|name| !name.is_empty()),
        site: text(&profile.site),
        status: text(&profile.status),
    })
}

/// The time at a pointer. `/date + /time` puts together a date and a time of the day that stand
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
    let day = match time(day).filter(|time| time.time() != NaiveTime::MIN) {
        Some(midnight) => &midnight.with_timezone(&zone).date_naive().to_string(),
        None => day.get(..10)?,
    };
    any_time(
        &format!("{day}T{}", item.pointer(clock)?.as_str()?.trim()).into(),
        zone,
    )
}

/// A time with `Z` or an offset; without either it is the club's local time; a number counts
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
        return time.filter(is_of_our_age);
    }
    let text = value.as_str()?.trim();
    let local = |text: &str| {
        let forms = [
            "%Y-%m-%dT%H:%M:%S%.f",
            "%Y-%m-%d %H:%M:%S%.f",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%d %H:%M",
        ];
        let naive = forms
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
        Some(zone.from_local_datetime(&naive).earliest()?.to_utc())
    };
    // As some servers of Java and Node write it: an offset without a colon.
    let offset = |text: &str| {
        let forms = [
            "%Y-%m-%dT%H:%M:%S%.f%#z",
            "%Y-%m-%d %H:%M:%S%.f%#z",
            "%Y-%m-%dT%H:%M%#z",
        ];
        let time = forms
            .iter()
            .find_map(|form| DateTime::parse_from_str(text, form).ok())?;
        Some(time.to_utc())
    };
    time(text)
        .or_else(|| local(text))
        .or_else(|| offset(text))
        .filter(is_of_our_age)
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
}
