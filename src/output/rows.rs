//! What tables and Markdown tell of slots and bookings, in words. Slots by day: one row for all courts that are alike at one
//! time, or for all times of an activity.

use std::{collections::HashMap, hash::Hash};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use chrono_tz::Tz;

use super::report::{Availability, Bookings, short};
use crate::courts::{Booking, Period, Playable, Query, State, Summary, weekday_name};

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

/// How to see what is left out; `None` when nothing is.
pub(super) fn bookings_rest(report: &Bookings) -> Option<String> {
    let all = report.bookings.len() + report.more;
    (report.more > 0).then(|| format!("{} more with --limit {all}", report.more))
}

/// `7 days from Monday 23 November 2026`
pub(super) fn span(days: &[DayRows<'_>]) -> String {
    match days {
        [] => String::new(),
        [day] => day.heading(),
        [first, ..] => format!("{} days from {}", days.len(), first.heading()),
    }
}

/// All courts on which the same can be played at the same time.
pub(super) struct Row<'a> {
    /// The first court's stretch; the others differ from it in the court only.
    pub(super) slot: &'a Playable,
    courts: Vec<&'a str>,
    zone: Tz,
    names_site: bool,
    names_free: bool,
}

/// All times of a day at which the same is to be had, whatever the court.
pub(super) struct Times<'a> {
    /// What they have in common.
    pub(super) row: &'a Row<'a>,
    /// `18:00×3`: at six, on three courts.
    pub(super) starts: Vec<String>,
}

/// What was asked besides the day, such as `17:00–21:00` and `60 min`: without it a part of a day passes for the whole.
pub(super) fn wish(query: &Query) -> Vec<String> {
    let hours = match (query.from, query.to) {
        (Some(from), Some(to)) => Some(format!("{from}–{to}")),
        (Some(from), None) => Some(format!("from {from}")),
        (None, Some(to)) => Some(format!("until {to}")),
        (None, None) => None,
    };
    hours.into_iter().chain(query.minutes.map(|minutes| format!("{minutes} min"))).collect()
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
                rows: merge(slots.iter().filter(|slot| report.shows(slot)), report, names_site),
                summary: Summary::of(slots),
            }
        })
        .collect()
}

fn merge<'a>(slots: impl Iterator<Item = &'a Playable>, report: &Availability, names_site: bool) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut known = HashMap::new();
    for slot in slots {
        let row = *known.entry(all_but_court(slot)).or_insert(rows.len());
        match rows.get_mut(row) {
            Some(row) => row.courts.push(&slot.listing.court),
            None => {
                let (courts, zone) = (vec![&*slot.listing.court], report.query.zone);
                rows.push(Row { slot, courts, zone, names_site, names_free: report.all });
            }
        }
    }
    rows
}

/// What slots have in common that are one row: all but the court.
fn all_but_court(slot: &Playable) -> impl Eq + Hash + use<'_> {
    (slot.start, kind(slot))
}

/// All but court and time.
fn kind(slot: &Playable) -> impl Eq + Hash + use<'_> {
    let listing = &*slot.listing;
    let what = (&listing.site_id, &listing.activity_id);
    (slot.end - slot.start, slot.minutes, slot.state, slot.bookable_from, slot.bookings, what)
}

fn local_clock(time: DateTime<Utc>, zone: Tz) -> impl std::fmt::Display {
    time.with_timezone(&zone).format("%H:%M")
}

impl Row<'_> {
    /// `18:00–19:30`
    pub(super) fn time(&self) -> String {
        format!("{}–{}", local_clock(self.slot.start, self.zone), local_clock(self.slot.end, self.zone))
    }

    /// `90 min`
    pub(super) fn length(&self) -> String {
        format!("{} min", self.slot.minutes)
    }

    /// The activity's name.
    pub(super) fn activity(&self) -> &str {
        &self.slot.listing.activity
    }

    /// `site 14` where there are several sites, else empty.
    pub(super) fn site(&self) -> String {
        let site = &self.slot.listing.site_id;
        if self.names_site && !site.is_empty() { format!("site {site}") } else { String::new() }
    }

    /// What keeps it from being simply free, such as `opens Tue 24 Nov 00:00` or `2 bookings`.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match (self.slot.state, self.slot.bookable_from) {
            (State::Free, _) if !self.names_free => {}
            (State::OpensLater, Some(at)) => notes.push(format!("opens {}", short(at, self.zone))),
            (state, _) => notes.push(state.words().to_owned()),
        }
        if self.slot.bookings > 1 {
            notes.push(format!("{} bookings", self.slot.bookings));
        }
        notes
    }

    /// `Padel Court 1–3, 5` for courts whose names differ in the last word only, else all names.
    pub(super) fn courts(&self) -> String {
        let split: Option<Vec<(&str, &str)>> = self.courts.iter().map(|name| name.rsplit_once(' ')).collect();
        match split {
            Some(parts) if parts.iter().all(|(stem, _)| *stem == parts[0].0) => {
                let ends: Vec<&str> = parts.iter().map(|(_, end)| *end).collect();
                format!("{} {}", parts[0].0, ranges(&ends).join(", "))
            }
            _ => self.courts.join(", "),
        }
    }
}

/// Three and more numbers in a row as `1–3`, all else as it is.
fn ranges(ends: &[&str]) -> Vec<String> {
    let follows = |a: &&str, b: &&str| match (a.parse::<u32>(), b.parse::<u32>()) {
        (Ok(a), Ok(b)) => a.checked_add(1) == Some(b),
        _ => false,
    };
    let runs = ends.chunk_by(follows);
    runs.flat_map(|run| match run {
        [first, _, .., last] => vec![format!("{first}–{last}")],
        few => few.iter().map(|end| (*end).to_owned()).collect(),
    })
    .collect()
}

impl DayRows<'_> {
    /// `Saturday 28 November 2026`
    pub(super) fn heading(&self) -> String {
        format!("{} {}", weekday_name(self.date.weekday()), self.date.format("%-d %B %Y"))
    }

    /// `3 free slots`, or why there are none.
    pub(super) fn verdict(&self) -> String {
        let Summary { free, opens_later, taken, closed, .. } = self.summary;
        match free {
            0 if opens_later > 0 => "nothing free yet".to_owned(),
            0 if taken + closed > 0 => "nothing free".to_owned(),
            // Not the same as all taken.
            0 => "no such slots listed".to_owned(),
            1 => "1 free slot".to_owned(),
            count => format!("{count} free slots"),
        }
    }

    /// The day's rows by what can be had, in the order of its first time.
    pub(super) fn times(&self) -> Vec<Times<'_>> {
        let mut kinds: Vec<Times<'_>> = Vec::new();
        let mut known = HashMap::new();
        for row in &self.rows {
            let start = format!("{}×{}", local_clock(row.slot.start, row.zone), row.courts.len());
            let of_kind = *known.entry(kind(row.slot)).or_insert(kinds.len());
            match kinds.get_mut(of_kind) {
                Some(kind) => kind.starts.push(start),
                None => kinds.push(Times { row, starts: vec![start] }),
            }
        }
        kinds
    }

    /// What is to be said of the slots that are not free; empty when there are none.
    pub(super) fn rest(&self, zone: Tz) -> Vec<String> {
        let Summary { taken, opens_later, closed, next_opens_at, .. } = self.summary;
        let mut parts = Vec::new();
        if opens_later > 0 {
            let when = next_opens_at.map(|at| format!(": the next can be booked from {}", short(at, zone)));
            parts.push(format!("{opens_later} not open yet{}", when.unwrap_or_default()));
        }
        if taken > 0 {
            parts.push(format!("{taken} taken"));
        }
        if closed > 0 {
            parts.push(format!("{closed} {}", State::Closed.words()));
        }
        parts
    }
}
