//! What tables and Markdown tell of slots and bookings, in words. Slots by day: one row for all
//! courts that are alike at one time, or for all times of an activity.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use super::{
    court_names,
    fit::Detail,
    report::{Availability, Bookings, short},
};
use crate::{
    courts::{Booking, Period, Query, State, Stretch, Summary, weekday_name},
    local,
    zone::Zone,
};

/// One local day of an answer.
pub(super) struct DayRows<'a> {
    /// The day.
    pub(super) date: NaiveDate,
    /// What is to be shown, in order of time.
    pub(super) rows: Vec<Row<'a>>,
    /// Counts over the whole day.
    pub(super) summary: Summary,
    /// How many open when, and at which site where there are several.
    openings: BTreeMap<(Option<DateTime<Utc>>, String), usize>,
    /// Why nothing at all answers, if that is so.
    nothing: String,
}

/// What is to be said of a booking, in this order: day, time, activity, court, site, status,
/// reference.
pub(super) fn booking(booking: &Booking, zone: Zone) -> [String; 7] {
    let local = |time: DateTime<Utc>| time.with_timezone(&zone);
    let start = local(booking.start);
    let time = match booking.end {
        Some(end) => format!("{}–{}", start.format("%H:%M"), local(end).format("%H:%M")),
        None => start.format("%H:%M").to_string(),
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let reference = booking
        .reference
        .as_ref()
        .map(|reference| format!("ref {reference}"))
        .unwrap_or_default();
    [
        start.format("%a %-d %b %Y").to_string(),
        time,
        text(&booking.activity),
        court_names::shortened(&text(&booking.court)),
        text(&booking.site),
        text(&booking.status),
        reference,
    ]
}

/// `2 upcoming bookings` or `no past bookings`
pub(super) fn bookings_verdict(report: &Bookings) -> String {
    let kind = if report.period == Period::History {
        "past"
    } else {
        "upcoming"
    };
    match report.bookings.len() + report.more {
        0 => format!("no {kind} bookings"),
        1 => format!("1 {kind} booking"),
        count => format!("{count} {kind} bookings"),
    }
}

/// What the rows' sites are called, where that is known and any is told: `Site UB is Riverside
/// Padel Centre, 14 is Riverside Leisure Centre`, or `All at Riverside Padel Centre (UB)`, where no
/// row names one.
pub(super) fn legend(report: &Availability, detail: Detail) -> Option<String> {
    match report.sites.as_slice() {
        [first, ..] if detail != Detail::Counts => Some(if report.answer.spans_sites() {
            let named: Vec<String> = report
                .sites
                .iter()
                .map(|site| format!("{} is {}", site.id, site.name))
                .collect();
            format!("Site {}", named.join(", "))
        } else {
            format!("All at {} ({})", first.name, first.id)
        }),
        _ => None,
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
    pub(super) slot: &'a Stretch,
    courts: Vec<&'a str>,
    zone: Zone,
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

/// What was asked besides the day, such as `17:00–21:00` and `60 min`: without it a part of a day
/// passes for the whole.
pub(super) fn wish(query: &Query) -> Vec<String> {
    let hours = match (query.from, query.to) {
        (Some(from), Some(to)) => Some(format!("{from}–{to}")),
        (Some(from), None) => Some(format!("from {from}")),
        (None, Some(to)) => Some(format!("until {to}")),
        (None, None) => None,
    };
    hours
        .into_iter()
        .chain(query.minutes.map(|minutes| format!("{minutes} min")))
        .collect()
}

/// The days that were asked for, empty ones included.
pub(super) fn days(report: &Availability) -> Vec<DayRows<'_>> {
    // Where all is at one site, naming it in each row says nothing.
    let names_site = report.answer.spans_sites();
    let mut groups = report
        .answer
        .stretches
        .chunk_by(|a, b| a.date == b.date)
        .peekable();
    report
        .query
        .dates()
        .map(|date| {
            let slots = groups
                .next_if(|group| group[0].date == date)
                .unwrap_or_default();
            let mut openings = BTreeMap::new();
            for slot in slots.iter().filter(|slot| slot.state == State::OpensLater) {
                *openings
                    .entry((slot.bookable_from, site(slot, names_site)))
                    .or_default() += 1;
            }
            DayRows {
                date,
                rows: merge(
                    slots.iter().filter(|slot| report.shows(slot)),
                    report,
                    names_site,
                ),
                summary: Summary::of(slots),
                openings,
                nothing: nothing(report, date),
            }
        })
        .collect()
}

/// Why there is not even a taken slot on this day: that is not the same as all taken.
fn nothing(report: &Availability, date: NaiveDate) -> String {
    let today = report.now.with_timezone(&report.query.zone).date_naive();
    let left = if date == today { " left" } else { "" };
    match (report.answer.listed.get(&date), report.query.minutes) {
        (None, _) if date < today => "this day is over".to_owned(),
        (None, _) if date == today => "nothing left today".to_owned(),
        (None, _) => "nothing listed for this day".to_owned(),
        (Some(listed), Some(minutes)) if !listed.is_of_length => {
            let lengths: Vec<String> = listed.lengths.iter().map(i64::to_string).collect();
            format!(
                "no slots of {minutes} min{left} (there are {} min)",
                lengths.join(", ")
            )
        }
        (Some(_), _) => format!("no slots{left} at these hours"),
    }
}

/// `site 14` where there are several sites, else empty.
fn site(slot: &Stretch, is_named: bool) -> String {
    let site = &slot.listing.site_id;
    if is_named && !site.is_empty() {
        format!("site {site}")
    } else {
        String::new()
    }
}

fn merge<'a>(
    slots: impl Iterator<Item = &'a Stretch>,
    report: &Availability,
    names_site: bool,
) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut known = HashMap::new();
    for slot in slots {
        let row = *known.entry(all_but_court(slot)).or_insert(rows.len());
        match rows.get_mut(row) {
            Some(row) => row.courts.push(&slot.listing.court),
            None => {
                let (courts, zone) = (vec![&*slot.listing.court], report.query.zone);
                rows.push(Row {
                    slot,
                    courts,
                    zone,
                    names_site,
                    names_free: report.all,
                });
            }
        }
    }
    rows
}

/// What slots have in common that are one row: all but the court.
fn all_but_court(slot: &Stretch) -> impl Eq + Hash + use<'_> {
    (slot.start, kind(slot))
}

/// All but court and time.
fn kind(slot: &Stretch) -> impl Eq + Hash + use<'_> {
    let listing = &*slot.listing;
    let what = (&listing.site_id, &listing.activity_id);
    (
        slot.end - slot.start,
        slot.minutes,
        slot.state,
        slot.bookable_from,
        slot.bookings,
        what,
    )
}

impl<'a> Row<'a> {
    /// `18:00–19:30`
    pub(super) fn time(&self) -> String {
        let clock = |time: DateTime<Utc>| local::format_clock(time.with_timezone(&self.zone));
        format!("{}–{}", clock(self.slot.start), clock(self.slot.end))
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
        site(self.slot, self.names_site)
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

    /// All courts' names, what they have in common only once.
    pub(super) fn courts(&self) -> String {
        self.each_court().join(", ")
    }

    /// The same in parts that stand for themselves.
    pub(super) fn each_court(&self) -> Vec<String> {
        court_names::listed(&self.courts)
    }
}

impl DayRows<'_> {
    /// `Saturday 28 November 2026`
    pub(super) fn heading(&self) -> String {
        format!(
            "{} {}",
            weekday_name(self.date.weekday()),
            self.date.format("%-d %B %Y")
        )
    }

    /// `3 free slots`, or why there are none.
    pub(super) fn verdict(&self) -> String {
        let Summary {
            free,
            opens_later,
            taken,
            closed,
            ..
        } = self.summary;
        match free {
            0 if opens_later > 0 => "nothing free yet".to_owned(),
            0 if taken + closed > 0 => "nothing free".to_owned(),
            0 => self.nothing.clone(),
            1 => "1 free slot".to_owned(),
            count => format!("{count} free slots"),
        }
    }

    /// The day's rows by what can be had, in the order of its first time.
    pub(super) fn times(&self) -> Vec<Times<'_>> {
        let mut kinds: Vec<Times<'_>> = Vec::new();
        let mut known = HashMap::new();
        for row in &self.rows {
            let start = format!(
                "{}×{}",
                local::format_clock(row.slot.start.with_timezone(&row.zone)),
                row.courts.len()
            );
            let of_kind = *known.entry(kind(row.slot)).or_insert(kinds.len());
            match kinds.get_mut(of_kind) {
                Some(kind) => kind.starts.push(start),
                None => kinds.push(Times {
                    row,
                    starts: vec![start],
                }),
            }
        }
        kinds
    }

    /// What is to be said of the slots that are not free; empty when there are none.
    pub(super) fn rest(&self, zone: Zone, detail: Detail) -> Vec<String> {
        let Summary {
            taken,
            opens_later,
            closed,
            ..
        } = self.summary;
        let mut parts = Vec::new();
        if taken > 0 {
            parts.push(format!("{taken} taken"));
        }
        if closed > 0 {
            parts.push(format!("{closed} {}", State::Closed.words()));
        }
        if opens_later > 0 {
            parts.push(format!(
                "{opens_later} not open yet: {}",
                self.openings(zone, detail)
            ));
        }
        parts
    }

    /// `bookable from Tue 24 Nov 00:00`, or each time with its count where there are a few, or the
    /// first and the last; where there is room for counts only, the first.
    fn openings(&self, zone: Zone, detail: Detail) -> String {
        let when = |at: Option<DateTime<Utc>>| {
            at.map_or_else(
                || "at a time that the club does not tell".to_owned(),
                |at| format!("from {}", short(at, zone)),
            )
        };
        let ends = (
            self.openings.first_key_value(),
            self.openings.last_key_value(),
        );
        match (self.openings.len(), ends) {
            (_, (Some(((first, _), _)), Some(((last, _), _)))) if first == last => {
                format!("bookable {}", when(*first))
            }
            (_, (Some(((first, _), _)), _)) if detail == Detail::Counts => {
                format!("the first {}", when(*first))
            }
            (5.., (Some(((first, _), _)), Some(((last, _), _)))) => {
                format!("the first {}, the last {}", when(*first), when(*last))
            }
            _ => {
                let each = self
                    .openings
                    .iter()
                    .map(|((at, site), count)| match site.as_str() {
                        "" => format!("{count} {}", when(*at)),
                        site => format!("{count} {} ({site})", when(*at)),
                    });
                each.collect::<Vec<_>>().join(", ")
            }
        }
    }
}
