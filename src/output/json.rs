//! What the JSON documents share. They are version 1: fields may be added, never changed or
//! removed. They have their own types, so that the inside may change.

use std::io::{BufWriter, Result, Write};

use chrono::{DateTime, SecondsFormat, Timelike as _, Utc};
use serde::Serialize;

use crate::{gladstone::Site, zone::Zone};

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
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `2026-09-28T19:00:00+01:00`
pub(super) fn format_local(time: DateTime<Zone>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// The same of a time in UTC, as it is at the club.
pub(super) fn format_at_club(time: DateTime<Utc>, zone: Zone) -> String {
    format_local(time.with_timezone(&zone))
}
