//! Slots for people: by day, and one row for all courts that are alike at one time.

use chrono::{DateTime, NaiveDate, Utc};

use super::report::Availability;
use crate::courts::{Playable, State, Summary};

/// One local day of an answer.
pub(super) struct DayRows<'a> {
    /// The day.
    pub(super) date: NaiveDate,
    /// What is to be shown, in order of time.
    pub(super) rows: Vec<Row<'a>>,
    /// Counts over the whole day.
    pub(super) summary: Summary,
}

/// All courts on which the same can be played at the same time.
pub(super) struct Row<'a> {
    /// The first court's stretch; the others differ from it in the court only.
    pub(super) slot: &'a Playable,
    courts: Vec<&'a str>,
}

/// The days that were asked for, empty ones included.
pub(super) fn days(report: &Availability) -> Vec<DayRows<'_>> {
    let local_date = |slot: &Playable| slot.start.with_timezone(&report.query.zone).date_naive();
    let mut groups = report.answer.slots.chunk_by(|a, b| local_date(a) == local_date(b)).peekable();
    report
        .query
        .dates()
        .map(|date| {
            let slots = groups.next_if(|group| local_date(&group[0]) == date).unwrap_or_default();
            DayRows {
                date,
                rows: merge(slots.iter().filter(|slot| report.all || slot.state == State::Free)),
                summary: Summary::of(slots),
            }
        })
        .collect()
}

fn merge<'a>(slots: impl Iterator<Item = &'a Playable>) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for slot in slots {
        // Rows of one time stand at the end of the list, as slots come in order of time.
        let same_time = rows.iter_mut().rev().take_while(|row| row.slot.start == slot.start);
        match same_time.into_iter().find(|row| alike(row.slot, slot)) {
            Some(row) => row.courts.push(&slot.listing.court),
            None => rows.push(Row { slot, courts: vec![&slot.listing.court] }),
        }
    }
    rows
}

fn alike(a: &Playable, b: &Playable) -> bool {
    let key = |slot: &Playable| (slot.start, slot.end, slot.minutes, slot.state, slot.bookable_from, slot.bookings);
    key(a) == key(b) && (&a.listing.site_id, &a.listing.activity_id) == (&b.listing.site_id, &b.listing.activity_id)
}

impl Row<'_> {
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

/// What is to be said of a day's slots that are not free, in words; empty when there are none.
pub(super) fn rest(summary: &Summary, opens: impl Fn(DateTime<Utc>) -> String) -> Vec<String> {
    let mut parts = Vec::new();
    if summary.taken > 0 {
        parts.push(format!("{} taken", summary.taken));
    }
    if summary.opens_later > 0 {
        let when = summary.next_opens_at.map(|at| format!(" (next opens {})", opens(at))).unwrap_or_default();
        parts.push(format!("{} not open yet{when}", summary.opens_later));
    }
    if summary.closed > 0 {
        parts.push(format!("{} closed", summary.closed));
    }
    parts
}
