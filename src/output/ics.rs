//! For a calendar (RFC 5545): an event for each slot that is shown, with a stable UID, so that it updates.

use std::io::{Result, Write};

use chrono::{DateTime, Utc};

use super::report::Availability;
use crate::courts::Playable;

pub(super) fn availability(report: &Availability, out: &mut impl Write) -> Result<()> {
    property(out, "BEGIN", "VCALENDAR")?;
    property(out, "VERSION", "2.0")?;
    property(out, "PRODID", concat!("-//padel//padel ", env!("CARGO_PKG_VERSION"), "//EN"))?;
    for slot in report.shown() {
        event(report, slot, out)?;
    }
    property(out, "END", "VCALENDAR")
}

fn event(report: &Availability, slot: &Playable, out: &mut impl Write) -> Result<()> {
    let listing = &slot.listing;
    let courts = if listing.court_ids.is_empty() { listing.court.clone() } else { listing.court_ids.join("+") };
    let uid = format!(
        "{}-{}-{}-{}-{courts}@{}",
        stamp(slot.start),
        stamp(slot.end),
        listing.site_id,
        listing.activity_id,
        report.club.host()
    );
    property(out, "BEGIN", "VEVENT")?;
    property(out, "UID", &escape(&uid))?;
    property(out, "DTSTAMP", &stamp(report.now))?;
    property(out, "DTSTART", &stamp(slot.start))?;
    property(out, "DTEND", &stamp(slot.end))?;
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
