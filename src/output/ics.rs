//! For a calendar (RFC 5545): an event for each slot or booking, with a stable UID, so that it updates.

use std::io::{Result, Write};

use chrono::{DateTime, Utc};

use super::report::{Availability, Bookings};
use crate::courts::{Booking, Playable};

pub(super) fn availability(report: &Availability, out: &mut impl Write) -> Result<()> {
    calendar(out, |out| report.shown().try_for_each(|slot| free(report, slot, out)))
}

pub(super) fn bookings(report: &Bookings, out: &mut impl Write) -> Result<()> {
    calendar(out, |out| report.bookings.iter().try_for_each(|booking| booked(report, booking, out)))
}

fn calendar<W: Write>(out: &mut W, events: impl FnOnce(&mut W) -> Result<()>) -> Result<()> {
    property(out, "BEGIN", "VCALENDAR")?;
    property(out, "VERSION", "2.0")?;
    property(out, "PRODID", concat!("-//padel//padel ", env!("CARGO_PKG_VERSION"), "//EN"))?;
    events(out)?;
    property(out, "END", "VCALENDAR")
}

/// Beginning and end of an event; `uid` stays the same from call to call.
fn begin(
    out: &mut impl Write,
    uid: &str,
    now: DateTime<Utc>,
    start: DateTime<Utc>,
    end: Option<DateTime<Utc>>,
) -> Result<()> {
    property(out, "BEGIN", "VEVENT")?;
    property(out, "UID", &escape(uid))?;
    property(out, "DTSTAMP", &stamp(now))?;
    property(out, "DTSTART", &stamp(start))?;
    end.map_or(Ok(()), |end| property(out, "DTEND", &stamp(end)))
}

fn free(report: &Availability, slot: &Playable, out: &mut impl Write) -> Result<()> {
    let listing = &slot.listing;
    let courts = if listing.court_ids.is_empty() { listing.court.clone() } else { listing.court_ids.join("+") };
    let (start, end) = (stamp(slot.start), stamp(slot.end));
    let uid = format!("{start}-{end}-{}-{}-{courts}@{}", listing.site_id, listing.activity_id, report.club.host());
    begin(out, &uid, report.now, slot.start, Some(slot.end))?;
    property(out, "SUMMARY", &escape(&format!("{} {} ({} min)", listing.court, slot.state.words(), slot.minutes)))?;
    property(out, "LOCATION", &escape(&format!("{}, {}", listing.court, report.club.name())))?;
    property(out, "DESCRIPTION", &escape(&listing.activity))?;
    if let Some(page) = report.club.booking_page(&listing.activity_id, slot.start) {
        property(out, "URL", &page)?;
    }
    // Nobody has booked it: it must not make its reader look busy.
    property(out, "TRANSP", "TRANSPARENT")?;
    property(out, "END", "VEVENT")
}

fn booked(report: &Bookings, booking: &Booking, out: &mut impl Write) -> Result<()> {
    let Booking { start, end, reference, activity, court, site, status } = booking;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    // Without a reference, what was booked and when is what stays the same.
    let key = reference.clone().unwrap_or_else(|| format!("{}-{}-{}", stamp(*start), text(court), text(activity)));
    begin(out, &format!("booking-{key}@{}", report.club.host()), report.now, *start, *end)?;
    let summary = activity.clone().unwrap_or_else(|| "Booking".to_owned());
    property(out, "SUMMARY", &escape(&summary))?;
    let place: Vec<String> = [court, site].into_iter().flatten().cloned().collect();
    if !place.is_empty() {
        property(out, "LOCATION", &escape(&place.join(", ")))?;
    }
    let mut about = Vec::new();
    about.extend(reference.as_ref().map(|reference| format!("Reference {reference}")));
    about.extend(status.clone());
    if !about.is_empty() {
        property(out, "DESCRIPTION", &escape(&about.join(", ")))?;
    }
    // The club's own word: whoever is on a waiting list has nothing confirmed.
    if text(status).to_lowercase().contains("cancel") {
        property(out, "STATUS", "CANCELLED")?;
    }
    property(out, "END", "VEVENT")
}

fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// One content line, folded at 75 octets between characters.
fn property(out: &mut impl Write, name: &str, value: &str) -> Result<()> {
    let mut length = 0;
    for char in name.chars().chain([':']).chain(value.chars()) {
        if length + char.len_utf8() > 75 {
            out.write_all(b"\r\n ")?;
            length = 1;
        }
        let mut bytes = [0; 4];
        out.write_all(char.encode_utf8(&mut bytes).as_bytes())?;
        length += char.len_utf8();
    }
    out.write_all(b"\r\n")
}
