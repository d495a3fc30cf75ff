//! `padel.availability/v1`.

use std::io::{Result, Write};

use chrono::{DateTime, Datelike as _, Utc};
use serde::{Serialize, Serializer, ser::SerializeSeq as _};

use super::AvailabilityReport;
use crate::{
    courts::{State, Stretch, count_courts, weekday_name},
    output::json::{SiteV1, clock_of, format_at_club, write_document},
    zone::Zone,
};

#[derive(Serialize)]
struct AvailabilityV1<'a> {
    schema: &'static str,
    club: String,
    timezone: &'static str,
    generated_at: String,
    query: QueryV1<'a>,
    sites: Vec<SiteV1<'a>>,
    slots: Slots<'a>,
    summary: SummaryV1,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct QueryV1<'a> {
    date: String,
    weekday: &'static str,
    days: u64,
    weekdays: Vec<&'static str>,
    duration_minutes: Option<i64>,
    from: Option<String>,
    to: Option<String>,
    at: Option<String>,
    courts: &'a [String],
    sites: &'a [String],
    activities: &'a [String],
    limit: Option<usize>,
    all: bool,
}

/// Written one by one: a large answer is never held twice.
struct Slots<'a>(&'a AvailabilityReport);

impl Serialize for Slots<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let zone = self.0.query.zone;
        let [mut starts, mut ends, mut openings] = [(); 3].map(|()| LastTime::default());
        let mut slots = serializer.serialize_seq(None)?;
        for stretch in self.0.shown() {
            let start = starts.format(stretch.start, zone);
            let end = ends.format(stretch.end, zone);
            let opening = stretch.bookable_from;
            let opening = opening.map(|from| openings.format(from, zone));
            slots.serialize_element(&SlotV1::new(stretch, self.0, [start, end], opening))?;
        }
        slots.end()
    }
}

/// The time that was formatted last: neighbours in an answer share most of theirs.
#[derive(Default)]
struct LastTime(Option<(DateTime<Utc>, String)>);

impl LastTime {
    fn format(&mut self, time: DateTime<Utc>, zone: Zone) -> &str {
        let known = self.0.take().filter(|(known, _)| *known == time);
        let last = known.unwrap_or_else(|| (time, format_at_club(time, zone)));
        &self.0.insert(last).1
    }
}

#[derive(Serialize)]
struct SlotV1<'a> {
    date: String,
    weekday: &'static str,
    start: &'a str,
    end: &'a str,
    start_at: &'a str,
    end_at: &'a str,
    duration_minutes: i64,
    state: &'static str,
    bookable_from: Option<&'a str>,
    bookings: usize,
    court: &'a str,
    court_ids: &'a [String],
    court_key: String,
    site_id: &'a str,
    activity_id: &'a str,
    activity: &'a str,
    link: Option<String>,
}

impl<'a> SlotV1<'a> {
    fn new(
        stretch: &'a Stretch,
        report: &AvailabilityReport,
        [start, end]: [&'a str; 2],
        opening: Option<&'a str>,
    ) -> Self {
        let listing = &*stretch.listing;
        Self {
            date: stretch.date.to_string(),
            weekday: weekday_name(stretch.date.weekday()),
            start: clock_of(start),
            end: clock_of(end),
            start_at: start,
            end_at: end,
            duration_minutes: stretch.minutes,
            state: stretch.state.name(),
            bookable_from: opening,
            bookings: stretch.bookings,
            court: &listing.court,
            court_ids: &listing.court_ids,
            court_key: listing.key(),
            site_id: &listing.site_id,
            activity_id: &listing.activity_id,
            activity: &listing.activity,
            link: report.page(stretch),
        }
    }
}

#[derive(Serialize)]
struct SummaryV1 {
    free: usize,
    courts_free: usize,
    opens_later: usize,
    taken: usize,
    closed: usize,
    next_opens_at: Option<String>,
}

pub(super) fn write(report: &AvailabilityReport, out: &mut dyn Write) -> Result<()> {
    let (query, summary, zone) = (&report.query, &report.answer.summary, report.query.zone);
    let stretches = report.answer.stretches.iter();
    let free = stretches.filter(|stretch| stretch.state == State::Free);
    let document = AvailabilityV1 {
        schema: "padel.availability/v1",
        club: report.club.name(),
        timezone: zone.name(),
        generated_at: format_at_club(report.now, zone),
        query: QueryV1 {
            date: query.date.to_string(),
            weekday: weekday_name(query.date.weekday()),
            days: query.days,
            weekdays: query.weekdays.iter().copied().map(weekday_name).collect(),
            duration_minutes: query.minutes,
            from: query.from.map(|time| time.to_string()),
            to: query.to.map(|time| time.to_string()),
            at: query.at.map(|time| time.to_string()),
            courts: &query.courts,
            sites: &report.asked.sites,
            activities: &report.asked.activities,
            limit: report.limit,
            all: report.all,
        },
        sites: report.sites.iter().map(SiteV1::from).collect(),
        slots: Slots(report),
        summary: SummaryV1 {
            free: summary.free,
            courts_free: count_courts(free.filter(|stretch| query.covers_moment(stretch))),
            opens_later: summary.opens_later,
            taken: summary.taken,
            closed: summary.closed,
            next_opens_at: summary.next_opens_at.map(|at| format_at_club(at, zone)),
        },
        warnings: &report.warnings,
    };
    write_document(&document, out)
}
