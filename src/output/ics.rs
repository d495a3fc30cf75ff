//! For a calendar: an event for each slot or booking, with a UID that stays the same, so that it
//! updates.
//!
//! What readers go by (RFC 5545, 5546): of two events with one UID the higher `SEQUENCE` counts,
//! then the later `DTSTAMP`. Nothing is kept from call to call, so both are the time of the answer:
//! the newest file wins, whatever changed. `PUBLISH` without an `ORGANIZER`: RFC 5546 wants one,
//! RFC 5545 forbids it where nobody is invited, and readers that find one take the event for an
//! invitation.

use std::{
    collections::HashMap,
    io::{Result, Write},
};

use chrono::{DateTime, Utc};

use super::report::{Availability, Bookings};
use crate::{
    config::Club,
    courts::{Booking, Stretch},
};

/// 2020-01-01: counted from there, seconds fit into a `SEQUENCE` of 31 bits until 2088.
const SEQUENCE_START: i64 = 1_577_836_800;
/// Every reader takes a UID of 255 octets; this leaves room for the host.
const LONGEST_KEY: usize = 180;

pub(super) fn availability(report: &Availability, out: &mut impl Write) -> Result<()> {
    let mut calendar = Calendar::begin(out, &report.club, report.now)?;
    report
        .shown()
        .try_for_each(|slot| free(report, slot, &mut calendar))?;
    calendar.end()
}

pub(super) fn bookings(report: &Bookings, out: &mut impl Write) -> Result<()> {
    let mut calendar = Calendar::begin(out, &report.club, report.now)?;
    report
        .bookings
        .iter()
        .try_for_each(|booking| booked(report, booking, &mut calendar))?;
    calendar.end()
}

/// A calendar that is being written.
struct Calendar<'a, W> {
    out: &'a mut W,
    club: &'a Club,
    now: DateTime<Utc>,
    /// How often each key was used.
    keys: HashMap<String, usize>,
}

impl<'a, W: Write> Calendar<'a, W> {
    fn begin(out: &'a mut W, club: &'a Club, now: DateTime<Utc>) -> Result<Self> {
        property(out, "BEGIN", "VCALENDAR")?;
        property(out, "VERSION", "2.0")?;
        property(
            out,
            "PRODID",
            concat!("-//padel//padel ", env!("CARGO_PKG_VERSION"), "//EN"),
        )?;
        property(out, "METHOD", "PUBLISH")?;
        Ok(Self {
            out,
            club,
            now,
            keys: HashMap::new(),
        })
    }

    /// Begins an event, whose key stays the same from call to call.
    fn event(
        &mut self,
        key: String,
        start: DateTime<Utc>,
        end: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let key = shortened(key);
        let mut uid = key.clone();
        // An importer drops the second of two events with one UID; a numbered one may be another's
        // own.
        while self.keys.contains_key(&uid) {
            let count = self.keys.entry(key.clone()).or_insert(1);
            *count += 1;
            uid = format!("{key}-{count}");
        }
        self.keys.insert(uid.clone(), 1);
        let sequence = (self.now.timestamp() - SEQUENCE_START).clamp(0, i64::from(i32::MAX));
        self.add("BEGIN", "VEVENT")?;
        self.add("UID", &escape(&format!("{uid}@{}", self.club.host())))?;
        self.add("DTSTAMP", &stamp(self.now))?;
        self.add("LAST-MODIFIED", &stamp(self.now))?;
        self.add("SEQUENCE", &sequence.to_string())?;
        self.add("DTSTART", &stamp(start))?;
        // An end must be later than the start.
        end.filter(|end| *end > start)
            .map_or(Ok(()), |end| self.add("DTEND", &stamp(end)))
    }

    fn add(&mut self, name: &str, value: &str) -> Result<()> {
        property(self.out, name, value)
    }

    fn end(mut self) -> Result<()> {
        if self.keys.is_empty() {
            // Readers refuse a calendar without any component, and this one shows nothing.
            for (name, value) in [
                ("BEGIN", "VTIMEZONE"),
                ("TZID", "UTC"),
                ("BEGIN", "STANDARD"),
                ("DTSTART", "19700101T000000"),
                ("TZOFFSETFROM", "+0000"),
                ("TZOFFSETTO", "+0000"),
                ("END", "STANDARD"),
                ("END", "VTIMEZONE"),
            ] {
                self.add(name, value)?;
            }
        }
        self.add("END", "VCALENDAR")
    }
}

fn free<W: Write>(
    report: &Availability,
    slot: &Stretch,
    calendar: &mut Calendar<'_, W>,
) -> Result<()> {
    let listing = &slot.listing;
    let courts = if listing.court_ids.is_empty() {
        listing.court.clone()
    } else {
        listing.court_ids.join("+")
    };
    let (start, end) = (stamp(slot.start), stamp(slot.end));
    let key = format!(
        "{start}-{end}-{}-{}-{courts}",
        listing.site_id, listing.activity_id
    );
    calendar.event(key, slot.start, Some(slot.end))?;
    calendar.add(
        "SUMMARY",
        &escape(&format!(
            "{} {} ({} min)",
            listing.court,
            slot.state.words(),
            slot.minutes
        )),
    )?;
    calendar.add(
        "LOCATION",
        &escape(&format!("{}, {}", listing.court, report.club.name())),
    )?;
    calendar.add("DESCRIPTION", &escape(&listing.activity))?;
    if let Some(page) = report.club.booking_page(&listing.activity_id, slot.start) {
        calendar.add("URL", &page)?;
    }
    // Nobody has booked it: it must not make its reader look busy.
    calendar.add("TRANSP", "TRANSPARENT")?;
    calendar.add("END", "VEVENT")
}

fn booked<W: Write>(
    report: &Bookings,
    booking: &Booking,
    calendar: &mut Calendar<'_, W>,
) -> Result<()> {
    let Booking {
        start,
        end,
        reference,
        activity,
        court,
        site,
        status,
    } = booking;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    // A booking that is moved keeps its reference. Without one, what was booked and when is what
    // stays the same.
    let key = match reference {
        Some(reference) if report.latest.contains(booking) => reference.clone(),
        Some(reference) => format!("{reference}-{}-{}", stamp(*start), text(court)),
        None => format!("{}-{}-{}", stamp(*start), text(court), text(activity)),
    };
    calendar.event(format!("booking-{key}"), *start, *end)?;
    let summary = activity.clone().unwrap_or_else(|| "Booking".to_owned());
    // Not every reader heeds STATUS.
    let summary = if booking.is_cancelled() {
        format!("Cancelled: {summary}")
    } else {
        summary
    };
    calendar.add("SUMMARY", &escape(&summary))?;
    let place: Vec<String> = [court, site].into_iter().flatten().cloned().collect();
    if !place.is_empty() {
        calendar.add("LOCATION", &escape(&place.join(", ")))?;
    }
    let mut about = Vec::new();
    about.extend(
        reference
            .as_ref()
            .map(|reference| format!("Reference {reference}")),
    );
    about.extend(status.clone());
    if !about.is_empty() {
        calendar.add("DESCRIPTION", &escape(&about.join(", ")))?;
    }
    // Nothing is said of any other status: whoever is on a waiting list has nothing confirmed.
    if booking.is_cancelled() {
        calendar.add("STATUS", "CANCELLED")?;
        calendar.add("TRANSP", "TRANSPARENT")?;
    }
    calendar.add("END", "VEVENT")
}

/// A key that is too long ends in a hash of all of it.
fn shortened(mut key: String) -> String {
    if key.len() > LONGEST_KEY {
        // FNV-1a: it must be the same in every version.
        let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        key.truncate(key.floor_char_boundary(LONGEST_KEY - 17));
        key.push_str(&format!("-{hash:016x}"));
    }
    key
}

fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
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
