//! The JSON of bookings, one function per shape. They differ in names, nesting, times, and in what
//! stands for a field that a booking does not have.

use chrono::{DateTime, Datelike, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{diary::TruthBooking, timetable::local};

/// An array; a missing field is null, and times end a second early.
pub(super) fn as_flat_array(bookings: &[&TruthBooking]) -> Value {
    map_rows(bookings, |booking| flat_row(booking, format_utc))
}

/// The same, with times whose offset has no colon.
pub(super) fn as_array_with_offsets(bookings: &[&TruthBooking]) -> Value {
    map_rows(bookings, |booking| {
        flat_row(booking, |at| {
            at.format("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
        })
    })
}

fn flat_row(booking: &TruthBooking, time: fn(DateTime<Utc>) -> String) -> Value {
    json!({
        "id": booking.reference,
        "bookingReference": booking.reference,
        "startTime": time(booking.start),
        "endTime": booking.end.map(|end| time(end - TimeDelta::seconds(1))),
        "activityName": booking.activity,
        "locationName": booking.court,
        "siteName": booking.site,
        "status": booking.status,
    })
}

/// Nested three deep; a missing field is null; times with the club's offset.
pub(super) fn as_nested_objects(bookings: &[&TruthBooking]) -> Value {
    let reservations = map_rows(bookings, |booking| {
        json!({
            "ref": booking.reference,
            "slot": {"from": format_with_offset(booking.start), "to": booking.end.map(format_with_offset)},
            "what": {"title": booking.activity},
            "where": {
                "court": booking.court.as_ref().map(|court| json!({"label": court})),
                "venue": {"label": booking.site},
            },
            "state": {"text": booking.status},
            "made": format_with_offset(made_at(booking)),
        })
    });
    json!({"data": {"reservations": reservations, "total": bookings.len()}})
}

/// A missing field is an empty text, a missing end null; local times without offset.
pub(super) fn with_local_times(bookings: &[&TruthBooking]) -> Value {
    let rows = map_rows(bookings, |booking| {
        json!({
            "BookingRef": booking.reference.as_deref().unwrap_or_default(),
            "Starts": format_local(booking.start),
            "Ends": booking.end.map(format_local),
            "Title": booking.activity,
            "Facility": booking.court.as_deref().unwrap_or_default(),
            "Club": booking.site,
            "StatusText": booking.status,
        })
    });
    json!({"Success": true, "Model": {"Rows": rows}})
}

/// A missing field is not there; the reference is a number.
pub(super) fn with_numbers(bookings: &[&TruthBooking]) -> Value {
    let list = map_rows(bookings, |booking| {
        let number = booking
            .reference
            .as_ref()
            .and_then(|digits| digits.parse::<u64>().ok());
        without_nulls(json!({
            "bookingNumber": number,
            "start": format_utc(booking.start),
            "end": booking.end.map(format_utc),
            "description": booking.activity,
            "resource": booking.court.as_ref().map(|court| json!({"name": court})),
            "centre": {"name": booking.site},
            "bookingState": booking.status,
            "bookedOn": format_utc(made_at(booking)),
        }))
    });
    json!({"bookings": {"count": bookings.len(), "list": list}})
}

/// Times and courts in arrays, shorter where one is missing, with .NET's seven digits of a second.
pub(super) fn with_inner_arrays(bookings: &[&TruthBooking]) -> Value {
    let items = map_rows(bookings, |booking| {
        let times = [Some(booking.start), booking.end].into_iter().flatten();
        let times = times.map(|at| at.format("%Y-%m-%dT%H:%M:%S.0000000Z").to_string());
        json!({
            "bookingCode": booking.reference,
            "times": times.collect::<Value>(),
            "activity": {"name": booking.activity},
            "courts": booking.court.iter().map(|court| json!({"name": court})).collect::<Value>(),
            "centre": booking.site,
            "state": booking.status,
        })
    });
    json!({ "items": items })
}

/// Keys that a JSON pointer must escape, times in milliseconds; a missing field is not there, and
/// every other day court and reference are elsewhere.
pub(super) fn with_odd_keys(bookings: &[&TruthBooking]) -> Value {
    let rows = map_rows(bookings, |booking| {
        let mut row = json!({
            "1_from/ms": booking.start.timestamp_millis(),
            "2_to/ms": booking.end.map(|end| end.timestamp_millis()),
            "3_activity name": booking.activity,
            "5_site": booking.site,
            "6_status": booking.status,
        });
        if booking.start.num_days_from_ce() % 2 == 0 {
            row["0_ref"] = json!(booking.reference);
            row["4_court"] = json!(booking.court);
        } else {
            row["0_ref~old"] = json!(booking.reference);
            row["4_courts"] = json!(booking.court.as_ref().map(|court| [court]));
        }
        without_nulls(row)
    });
    json!([rows, bookings.len()])
}

fn map_rows(bookings: &[&TruthBooking], row: impl Fn(&TruthBooking) -> Value) -> Value {
    bookings.iter().map(|booking| row(booking)).collect()
}

fn without_nulls(mut row: Value) -> Value {
    if let Some(fields) = row.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    row
}

fn format_with_offset(at: DateTime<Utc>) -> String {
    local(at).to_rfc3339_opts(SecondsFormat::Secs, false)
}

fn format_local(at: DateTime<Utc>) -> String {
    local(at).format("%Y-%m-%dT%H:%M:%S").to_string()
}

fn format_utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The time at which a booking was made, for portals that tell: one that is not its start.
fn made_at(booking: &TruthBooking) -> DateTime<Utc> {
    booking.start - TimeDelta::minutes(7 * 24 * 60 - 3)
}
