//! A member's bookings, read as the profile says. Requests and fields are assumed (see
//! `profile.toml`).

use chrono::{DateTime, Days, TimeDelta, Utc};
use serde_json::Value;

use super::{
    access::Access,
    context::PortalContext,
    endpoints::path_of,
    failure::{Failure, Part, Refuser},
    json::{Skipped, element_path, left_out, read_value},
    profile::Bookings,
    times::{format_millis, round_up_to_minute, time_at},
    transport::Reply,
};
use crate::{
    config::Credentials,
    courts::{Booking, Period},
    text,
    zone::Zone,
};

/// Time that is asked for, ahead and back.
const AHEAD: TimeDelta = TimeDelta::days(366);
const BACK: TimeDelta = TimeDelta::days(5 * 366);
/// A play of yesterday evening may still be going on.
const SLACK: TimeDelta = TimeDelta::days(1);

/// Lists the bookings of a period as the portal lists them, and what was skipped.
pub(super) async fn list_bookings(
    context: &PortalContext,
    access: &Access,
    credentials: &Credentials,
    period: Period,
) -> Result<(Vec<Booking>, Vec<String>), Failure> {
    let profile = context.profile()?;
    let path = build_request(&profile.bookings, period, context.now, context.zone);
    let Access {
        visitor, member, ..
    } = access;
    let outcome = member.get(visitor, credentials, &path, &[], None).await;
    let assumed = profile.is_assumed("bookings");
    let reply = outcome.map_err(|failure| match failure {
        Failure::Absent { endpoint, .. } => Failure::unverified(Part::Bookings, &endpoint, "404"),
        // A wrong guess at a path or its parameters may be answered in many ways.
        Failure::Status { endpoint, got, .. } if assumed => {
            Failure::unverified(Part::Bookings, &endpoint, &got)
        }
        Failure::Refused {
            by: Refuser::Portal,
            ..
        } if assumed => Failure::unverified(Part::Bookings, path_of(&path), "403"),
        failure => failure,
    })?;
    read_bookings(&reply, &profile.bookings, context.zone)
}

/// Builds path and query of the request for a period. Times are in UTC; a date is that of the club,
/// which may be ahead of it.
fn build_request(bookings: &Bookings, period: Period, now: DateTime<Utc>, zone: Zone) -> String {
    let (template, from, to) = match period {
        Period::Upcoming => (&bookings.upcoming, now - SLACK, now + AHEAD),
        Period::History => (&bookings.history, now - BACK, now),
    };
    let date = |time: DateTime<Utc>| time.with_timezone(&zone).format("%Y-%m-%d").to_string();
    template
        .replace("{from}", &format_millis(from).replace(':', "%3A"))
        .replace("{to}", &format_millis(to).replace(':', "%3A"))
        .replace("{from_date}", &date(from))
        .replace("{to_date}", &date(to))
}

/// Reads the bookings of an answer, in its order, and what was skipped.
pub(super) fn read_bookings(
    reply: &Reply,
    profile: &Bookings,
    zone: Zone,
) -> Result<(Vec<Booking>, Vec<String>), Failure> {
    let unverified = |got: &str| Failure::unverified(Part::Bookings, &reply.endpoint, got);
    let answer = match read_value(&reply.body) {
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
    let mut skipped = Skipped::default();
    for (index, item) in items.iter().enumerate() {
        match read_booking(item, profile, zone) {
            Some(booking) => bookings.push(booking),
            None => skipped.push(
                element_path(index, ""),
                "no start time where one was assumed",
            ),
        }
    }
    if bookings.is_empty() && !skipped.is_empty() {
        return Err(unverified(
            "items without a start time where it was assumed",
        ));
    }
    let warning = left_out("the bookings", skipped.count(reply, false)?);
    Ok((bookings, warning.into_iter().collect()))
}

fn read_booking(item: &Value, profile: &Bookings, zone: Zone) -> Option<Booking> {
    let start = profile
        .start
        .iter()
        .find_map(|pointer| time_at(item, pointer, zone))?;
    let mut ends = profile.end.iter();
    let end = ends.find_map(|pointer| end_at(item, pointer, start, zone));
    Some(Booking {
        start,
        end: end.map(round_up_to_minute).filter(|end| *end > start),
        reference: name_at(item, &profile.reference),
        activity: name_at(item, &profile.activity),
        court: text_at(item, &profile.court)
            .map(|name| text::court(&name))
            .filter(|name| !name.is_empty()),
        site: name_at(item, &profile.site),
        status: name_at(item, &profile.status),
    })
}

fn end_at(item: &Value, pointer: &str, start: DateTime<Utc>, zone: Zone) -> Option<DateTime<Utc>> {
    let end = time_at(item, pointer, zone)?;
    // A time of the day behind midnight stands beside the day of the start.
    if end <= start && pointer.contains(" + ") {
        let local = end.with_timezone(&zone);
        return Some(local.checked_add_days(Days::new(1))?.to_utc());
    }
    Some(end)
}

/// The first of these values that is there, as it is.
fn text_at(item: &Value, pointers: &[String]) -> Option<String> {
    let mut values = pointers.iter().map(|pointer| item.pointer(pointer));
    values.find_map(|value| match value? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// The same as one printable line.
fn name_at(item: &Value, pointers: &[String]) -> Option<String> {
    let name = text::line(&text_at(item, pointers)?, text::NAME);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_no_list_is_told_by_what_it_is() {
        let profile = crate::gladstone::Profile::new(&toml::Table::new())
            .unwrap()
            .bookings;
        for (body, told) in [
            (" <html>", "an HTML page"),
            ("{", "no JSON ("),
            ("{}", "no list of bookings"),
            ("[{\"id\":1}]", "items without a start time"),
        ] {
            let reply = Reply {
                endpoint: "/b".to_owned(),
                body: body.as_bytes().to_vec(),
                cookies: Default::default(),
                landed: String::new(),
                date: None,
                log: crate::log::Log(0),
            };
            let failure = read_bookings(&reply, &profile, crate::zone::Zone::UTC).unwrap_err();
            assert!(format!("{failure:?}").contains(told), "{body}: {failure:?}");
        }
    }

    #[test]
    fn an_end_is_one_only_after_the_start() {
        let profile = crate::gladstone::Profile::new(&toml::Table::new())
            .unwrap()
            .bookings;
        let end = |end: &str| {
            let item = serde_json::json!({"startTime": "2026-11-23T09:00:00Z", "endTime": end});
            read_booking(&item, &profile, crate::zone::Zone::UTC)
                .unwrap()
                .end
        };
        assert_eq!(end("2026-11-23T09:00:00Z"), None);
        assert_eq!(end("2026-11-23T08:00:00Z"), None);
        assert!(end("2026-11-23T09:01:00Z").is_some());
    }
}
