//! An answer by day, in words: one row for all courts that are alike at one time, or for all times
//! of an activity.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use super::AvailabilityReport;
use crate::{
    courts::{State, Stretch, Summary, weekday_name},
    local,
    output::{court_names::list_names, detail::Detail},
    zone::Zone,
};

/// One local day of an answer.
pub(super) struct DayRows<'a> {
    date: NaiveDate,
    zone: Zone,
    /// The rows that are shown, in order of time.
    pub(super) rows: Vec<Row<'a>>,
    /// Counts over the whole day.
    pub(super) summary: Summary,
    /// Numbers of slots by the time at which they open, and by site where there are several.
    openings: BTreeMap<(Option<DateTime<Utc>>, String), usize>,
    /// The reason why there is not even a taken slot.
    nothing: String,
}

/// All courts on which the same can be played at the same time.
pub(super) struct Row<'a> {
    /// The first court's stretch; the others differ from it in the court only.
    pub(super) stretch: &'a Stretch,
    courts: Vec<&'a str>,
    zone: Zone,
    names_site: bool,
    names_free: bool,
}

/// All times of a day at which the same can be played, whatever the court.
pub(super) struct TimesRow<'a> {
    /// The row of the first time.
    pub(super) row: &'a Row<'a>,
    /// `18:00×3`: at six, on three courts.
    pub(super) starts: Vec<String>,
}

/// Lists the days that were asked for, empty ones included.
pub(super) fn list_days(report: &AvailabilityReport) -> Vec<DayRows<'_>> {
    // Where all is at one site, naming it in each row says nothing.
    let names_site = report.answer.spans_sites();
    let mut groups = report
        .answer
        .stretches
        .chunk_by(|a, b| a.date == b.date)
        .peekable();
    let days = report.query.dates().map(|date| {
        let stretches = groups
            .next_if(|group| group[0].date == date)
            .unwrap_or_default();
        let mut openings = BTreeMap::new();
        for stretch in stretches
            .iter()
            .filter(|one| one.state == State::OpensLater)
        {
            let site = format_site(stretch, names_site);
            *openings.entry((stretch.bookable_from, site)).or_default() += 1;
        }
        DayRows {
            date,
            zone: report.query.zone,
            rows: merge_courts(stretches, report, names_site),
            summary: Summary::of(stretches),
            openings,
            nothing: explain_nothing(report, date),
        }
    });
    days.collect()
}

/// `7 days from Monday 23 November 2026`
pub(super) fn days_heading(days: &[DayRows<'_>]) -> String {
    match days {
        [] => String::new(),
        [day] => day.heading(),
        [first, ..] => format!("{} days from {}", days.len(), first.heading()),
    }
}

/// Says why there is not even a taken slot on this day: that is not the same as all taken.
fn explain_nothing(report: &AvailabilityReport, date: NaiveDate) -> String {
    let today = report.now.with_timezone(&report.query.zone).date_naive();
    let left = if date == today { " left" } else { "" };
    match (report.answer.listed.get(&date), report.query.minutes) {
        (None, _) if date < today => "this day is over".to_owned(),
        (None, _) if date == today => "nothing left today".to_owned(),
        (None, _) => "nothing listed for this day".to_owned(),
        (Some(listed), Some(minutes)) if !listed.is_of_length => {
            let lengths: Vec<String> = listed.lengths.iter().map(i64::to_string).collect();
            let lengths = lengths.join(", ");
            format!("no slots of {minutes} min{left} (there are {lengths} min)")
        }
        (Some(_), _) => format!("no slots{left} at these hours"),
    }
}

/// `site 14` where there are several sites, else empty.
fn format_site(stretch: &Stretch, is_named: bool) -> String {
    match &*stretch.listing.site_id {
        site if is_named && !site.is_empty() => format!("site {site}"),
        _ => String::new(),
    }
}

/// `Tue 24 Nov 00:00`
fn format_opening(time: DateTime<Utc>, zone: Zone) -> String {
    time.with_timezone(&zone)
        .format("%a %-d %b %H:%M")
        .to_string()
}

fn merge_courts<'a>(
    stretches: &'a [Stretch],
    report: &AvailabilityReport,
    names_site: bool,
) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut known = HashMap::new();
    for stretch in stretches.iter().filter(|one| report.is_shown(one)) {
        let key = (stretch.start, offer_key(stretch));
        let index = *known.entry(key).or_insert(rows.len());
        match rows.get_mut(index) {
            Some(row) => row.courts.push(&stretch.listing.court),
            None => rows.push(Row {
                stretch,
                courts: vec![&*stretch.listing.court],
                zone: report.query.zone,
                names_site,
                names_free: report.all,
            }),
        }
    }
    rows
}

/// All that tells offers apart but court and time.
fn offer_key(stretch: &Stretch) -> impl Eq + Hash + use<'_> {
    let listing = &*stretch.listing;
    (
        stretch.end - stretch.start,
        stretch.minutes,
        stretch.state,
        stretch.bookable_from,
        stretch.bookings,
        (&listing.site_id, &listing.activity_id),
    )
}

impl Row<'_> {
    fn clock(&self, time: DateTime<Utc>) -> String {
        local::format_clock(time.with_timezone(&self.zone))
    }

    /// `18:00–19:30`
    pub(super) fn hours(&self) -> String {
        format!(
            "{}–{}",
            self.clock(self.stretch.start),
            self.clock(self.stretch.end)
        )
    }

    /// `90 min`
    pub(super) fn length(&self) -> String {
        format!("{} min", self.stretch.minutes)
    }

    /// The activity's name.
    pub(super) fn activity(&self) -> &str {
        &self.stretch.listing.activity
    }

    /// `site 14` where there are several sites, else empty.
    pub(super) fn site(&self) -> String {
        format_site(self.stretch, self.names_site)
    }

    /// The reasons why it is not simply free, such as `opens Tue 24 Nov 00:00` or `2 bookings`.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match (self.stretch.state, self.stretch.bookable_from) {
            (State::Free, _) if !self.names_free => {}
            (State::OpensLater, Some(at)) => {
                notes.push(format!("opens {}", format_opening(at, self.zone)));
            }
            (state, _) => notes.push(state.words().to_owned()),
        }
        if self.stretch.bookings > 1 {
            notes.push(format!("{} bookings", self.stretch.bookings));
        }
        notes
    }

    /// All courts' names, what they have in common only once.
    pub(super) fn court_names(&self) -> Vec<String> {
        list_names(&self.courts)
    }
}

impl DayRows<'_> {
    /// `Saturday 28 November 2026`
    pub(super) fn heading(&self) -> String {
        let weekday = weekday_name(self.date.weekday());
        format!("{weekday} {}", self.date.format("%-d %B %Y"))
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

    /// Merges the rows that offer the same, in the order of the first time.
    pub(super) fn merge_times(&self) -> Vec<TimesRow<'_>> {
        let mut merged: Vec<TimesRow<'_>> = Vec::new();
        let mut known = HashMap::new();
        for row in &self.rows {
            let start = format!("{}×{}", row.clock(row.stretch.start), row.courts.len());
            let index = *known.entry(offer_key(row.stretch)).or_insert(merged.len());
            match merged.get_mut(index) {
                Some(times) => times.starts.push(start),
                None => merged.push(TimesRow {
                    row,
                    starts: vec![start],
                }),
            }
        }
        merged
    }

    /// Counts the slots that are not free, in words; empty when there are none.
    pub(super) fn count_rest(&self, detail: Detail) -> Vec<String> {
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
            let openings = self.format_openings(detail);
            parts.push(format!("{opens_later} not open yet: {openings}"));
        }
        parts
    }

    /// `bookable from Tue 24 Nov 00:00`, or each time with its count where there are a few, or the
    /// first and the last; where there is room for counts only, the first.
    fn format_openings(&self, detail: Detail) -> String {
        let when = |at: Option<DateTime<Utc>>| {
            at.map_or_else(
                || "at a time that the club does not say".to_owned(),
                |at| format!("from {}", format_opening(at, self.zone)),
            )
        };
        let (Some(((first, _), _)), Some(((last, _), _))) = (
            self.openings.first_key_value(),
            self.openings.last_key_value(),
        ) else {
            return String::new();
        };
        match self.openings.len() {
            _ if first == last => format!("bookable {}", when(*first)),
            _ if detail == Detail::Counts => format!("the first {}", when(*first)),
            5.. => format!("the first {}, the last {}", when(*first), when(*last)),
            _ => {
                let each = self.openings.iter().map(|((at, site), count)| {
                    let site = if site.is_empty() {
                        String::new()
                    } else {
                        format!(" ({site})")
                    };
                    format!("{count} {}{site}", when(*at))
                });
                each.collect::<Vec<_>>().join(", ")
            }
        }
    }
}
