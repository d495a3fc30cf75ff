//! Slots for people: by day, and one row for all courts that are alike at one time.

use std::{collections::HashMap, hash::Hash};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use chrono_tz::Tz;

use super::report::{Availability, Bookings, short};
use crate::courts::{Booking, Listing, Period, Playable, State, Summary, weekday_name};

/// One local day of an answer.
pub(super) struct DayRows<'a> {
    /// The day.
    pub(super) date: NaiveDate,
    /// What is to be shown, in order of time.
    pub(super) rows: Vec<Row<'a>>,
    /// Counts over the whole day.
    pub(super) summary: Summary,
}

/// What is to be said of a booking, in this order: day, time, activity, court, site, status, reference.
pub(super) fn booking(booking: &Booking, zone: Tz) -> [String; 7] {
    let local = |time: DateTime<Utc>| time.with_timezone(&zone);
    let start = local(booking.start);
    let time = match booking.end {
        Some(end) => format!("{}–{}", start.format("%H:%M"), local(end).format("%H:%M")),
        None => start.format("%H:%M").to_string(),
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let reference = booking.reference.as_ref().map(|reference| format!("ref {reference}")).unwrap_or_default();
    [
        start.format("%a %-d %b %Y").to_string(),
        time,
        text(&booking.activity),
        text(&booking.court),
        text(&booking.site),
        text(&booking.status),
        reference,
    ]
}

/// `2 upcoming bookings` or `no past bookings`
pub(super) fn bookings_verdict(report: &Bookings) -> String {
    let kind = if report.period == Period::History { "past" } else { "upcoming" };
    match report.bookings.len() + report.more {
        0 => format!("no {kind} bookings"),
        1 => format!("1 {kind} booking"),
        count => format!("{count} {kind} bookings"),
    }
}

/// How to see what is left out; empty when nothing is.
pub(super) fn bookings_rest(report: &Bookings) -> Option<String> {
    let all = report.bookings.len() + report.more;
    (report.more > 0).then(|| format!("{} more with --limit {all}", report.more))
}

/// All courts on which the same can be played at the same time.
pub(super) struct Row<'a> {
    /// The first court's stretch; the others differ from it in the court only.
    pub(super) slot: &'a Playable,
    courts: Vec<&'a str>,
    zone: Tz,
    names_site: bool,
}

/// The days that were asked for, empty ones included.
pub(super) fn days(report: &Availability) -> Vec<DayRows<'_>> {
    let local_date = |slot: &Playable| slot.start.with_timezone(&report.query.zone).date_naive();
    // Where all is at one site, naming it in each row says nothing.
    let mut sites = report.answer.slots.iter().map(|slot| &slot.listing.site_id);
    let names_site = sites.next().is_some_and(|first| sites.any(|site| site != first));
    let mut groups = report.answer.slots.chunk_by(|a, b| local_date(a) == local_date(b)).peekable();
    report
        .query
        .dates()
        .map(|date| {
            let slots = groups.next_if(|group| local_date(&group[0]) == date).unwrap_or_default();
            DayRows {
                date,
                rows: merge(slots.iter().filter(|slot| report.shows(slot)), report.query.zone, names_site),
                summary: Summary::of(slots),
            }
        })
        .collect()
}

fn merge<'a>(slots: impl Iterator<Item = &'a Playable>, zone: Tz, names_site: bool) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut known = HashMap::new();
    for slot in slots {
        let row = *known.entry(all_but_court(slot)).or_insert(rows.len());
        match rows.get_mut(row) {
            Some(row) => row.courts.push(&slot.listing.court),
            None => rows.push(Row { slot, courts: vec![&slot.listing.court], zone, names_site }),
        }
    }
    rows
}

/// What slots have in common that are one row.
fn all_but_court(slot: &Playable) -> impl Eq + Hash + use<'_> {
    let listing = &*slot.listing;
    let what = (&listing.site_id, &listing.activity_id);
    (slot.start, slot.end, slot.minutes, slot.state, slot.bookable_from, slot.bookings, what)
}

impl Row<'_> {
    /// `18:00–19:30`
    pub(super) fn time(&self) -> String {
        let clock = |time: DateTime<Utc>| time.with_timezone(&self.zone).format("%H:%M");
        format!("{}–{}", clock(self.slot.start), clock(self.slot.end))
    }

    /// `90 min`
    pub(super) fn length(&self) -> String {
        format!("{} min", self.slot.minutes)
    }

    /// The activity's name, and the site's id where there are several sites.
    pub(super) fn activity(&self) -> String {
        let Listing { activity, site_id, .. } = &*self.slot.listing;
        if self.names_site && !site_id.is_empty() { format!("{activity} ({site_id})") } else { activity.clone() }
    }

    /// What keeps it from being simply free, such as `opens Tue 24 Nov 00:00` or `2 bookings`.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match (self.slot.state, self.slot.bookable_from) {
            (State::Free, _) => {}
            (State::OpensLater, Some(at)) => notes.push(format!("opens {}", short(at, self.zone))),
            (state, _) => notes.push(state.words()),
        }
        if self.slot.bookings > 1 {
            notes.push(format!("{} bookings", self.slot.bookings));
        }
        notes
    }

    /// `Padel Court 1, 3` for courts whose names differ in the last word only, else all names.
    pub(super) fn courts(&self) -> String {
        let split: Option<Vec<(&str, &str)>> = self.courts.iter().map(|name| name.rsplit_once(' ')).collect();
        match split {
            Some(parts) if parts.iter().all(|(stem, _)| *stem == parts[0].0) => {
                let ends: Vec<&str> = parts.iter().map(|(_, end)| *end).collect();
                format!("{} {}", parts[0].0, ends.join(", "))
            }
            _ => self.courts.join(", "),
        }
    }
}

impl DayRows<'_> {
    /// `Saturday 28 November 2026`
    pub(super) fn heading(&self) -> String {
        format!("{} {}", weekday_name(self.date.weekday()), self.date.format("%-d %B %Y"))
    }

    /// `3 free` or `nothing free`
    pub(super) fn verdict(&self) -> String {
        match self.summary.free {
            0 => "nothing free".to_owned(),
            count => format!("{count} free"),
        }
    }

    /// What is to be said of the slots that are not free; empty when there are none.
    pub(super) fn rest(&self, zone: Tz) -> Vec<String> {
        let Summary { taken, opens_later, closed, next_opens_at, .. } = self.summary;
        let mut parts = Vec::new();
        if taken > 0 {
            parts.push(format!("{taken} taken"));
        }
        if opens_later > 0 {
            let when = next_opens_at.map(|at| format!(" (next opens {})", short(at, zone))).unwrap_or_default();
            parts.push(format!("{opens_later} not open yet{when}"));
        }
        if closed > 0 {
            parts.push(format!("{closed} closed"));
        }
        parts
    }
}
