//! What the JSON documents share. They are version 1: fields may be added, never changed or
//! removed. They have their own types, so that the inside may change.

use std::io::{BufWriter, Result, Write};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{gladstone::Site, local::format_rfc3339, zone::Zone};

#[derive(Serialize)]
pub(super) struct SiteV1<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
}

impl<'a> From<&'a Site> for SiteV1<'a> {
    fn from(site: &'a Site) -> Self {
        Self {
            id: &site.id,
            name: &site.name,
        }
    }
}

/// Writes one document on one line.
pub(super) fn write_document(document: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    // A document is written in tens of thousands of pieces, of which each would be a call by way of
    // a table of functions.
    let mut out = BufWriter::new(out);
    serde_json::to_writer(&mut out, document)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// `18:00`, without reading a format for each of thousands of slots.
pub(super) fn format_clock(time: DateTime<Zone>) -> String {
    clock_of(&format_local(time)).to_owned()
}

/// The same, of a time as [`format_local`] writes it.
pub(super) fn clock_of(time: &str) -> &str {
    time.split_once('T')
        .and_then(|(_, clock)| clock.get(..5))
        .unwrap_or_default()
}

/// `2026-09-28T19:00:00+01:00`
pub(super) fn format_local(time: DateTime<Zone>) -> String {
    format_rfc3339(&time)
}

/// The same of a time in UTC, as it is at the club.
pub(super) fn format_at_club(time: DateTime<Utc>, zone: Zone) -> String {
    format_local(time.with_timezone(&zone))
}
