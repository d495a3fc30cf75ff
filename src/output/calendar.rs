//! Calendars: an event for each slot or booking, with a UID that stays the same, so that it updates.
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

use crate::config::Club;

/// 2020-01-01: counted from there, seconds fit into a `SEQUENCE` of 31 bits until 2088.
const SEQUENCE_START: i64 = 1_577_836_800;
/// Every reader takes a UID of 255 octets; this leaves room for the host.
const MAX_KEY: usize = 180;

/// A calendar that is being written.
pub(super) struct Calendar<'a> {
    out: &'a mut dyn Write,
    club: &'a Club,
    now: DateTime<Utc>,
    /// Number of uses of each key.
    keys: HashMap<String, usize>,
}

impl<'a> Calendar<'a> {
    pub(super) fn begin(
        out: &'a mut dyn Write,
        club: &'a Club,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        write_property(out, "BEGIN", "VCALENDAR")?;
        write_property(out, "VERSION", "2.0")?;
        write_property(
            out,
            "PRODID",
            concat!("-//padel//padel ", env!("CARGO_PKG_VERSION"), "//EN"),
        )?;
        write_property(out, "METHOD", "PUBLISH")?;
        Ok(Self {
            out,
            club,
            now,
            keys: HashMap::new(),
        })
    }

    /// Begins an event, whose key stays the same from call to call.
    pub(super) fn begin_event(
        &mut self,
        key: String,
        start: DateTime<Utc>,
        end: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let key = shorten_key(key);
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
        self.add_text("UID", &format!("{uid}@{}", self.club.host()))?;
        self.add("DTSTAMP", &format_utc(self.now))?;
        self.add("LAST-MODIFIED", &format_utc(self.now))?;
        self.add("SEQUENCE", &sequence.to_string())?;
        self.add("DTSTART", &format_utc(start))?;
        // An end must be later than the start.
        end.filter(|end| *end > start)
            .map_or(Ok(()), |end| self.add("DTEND", &format_utc(end)))
    }

    pub(super) fn add(&mut self, name: &str, value: &str) -> Result<()> {
        write_property(self.out, name, value)
    }

    /// Adds a text, in which some characters have a meaning.
    pub(super) fn add_text(&mut self, name: &str, text: &str) -> Result<()> {
        self.add(name, &escape(text))
    }

    pub(super) fn end(mut self) -> Result<()> {
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

/// Ends a key that is too long with a hash of all of it.
fn shorten_key(mut key: String) -> String {
    if key.len() > MAX_KEY {
        // FNV-1a: it must be the same in every version.
        let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        key.truncate(key.floor_char_boundary(MAX_KEY - 17));
        key.push_str(&format!("-{hash:016x}"));
    }
    key
}

pub(super) fn format_utc(time: DateTime<Utc>) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
}

/// Writes one content line, folded at 75 octets between characters.
fn write_property(out: &mut dyn Write, name: &str, value: &str) -> Result<()> {
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
