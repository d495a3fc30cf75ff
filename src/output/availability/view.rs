//! An answer as every text format tells it: a heading a day, a group a site, a row a start time.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

use super::{AvailabilityReport, nothing::explain_nothing, rows};
use crate::{
    courts::{State, Stretch, Summary, count_courts, weekday_name},
    local,
    sort::sort_by,
};

/// One local day of an answer.
pub(super) struct DayView<'a> {
    pub(super) date: NaiveDate,
    /// Such as `2 courts free, from 17:15`.
    pub(super) verdict: String,
    pub(super) is_free: bool,
    /// A group for each site, in order of their first rows.
    pub(super) groups: Vec<SiteRows<'a>>,
    /// When the first of what is not open yet can be booked.
    pub(super) next_opens: Option<DateTime<Utc>>,
    /// What else there is to say: when it opens, what would be free instead.
    pub(super) notes: Vec<String>,
}

/// The rows of one site.
pub(super) struct SiteRows<'a> {
    /// The site's name where the answer is about several, else empty.
    pub(super) site: String,
    pub(super) rows: Vec<Row<'a>>,
}

/// One line of a list.
pub(super) struct Row<'a> {
    /// Such as `17:15` or `17:15–18:45`; a court's name where its start times are in one row.
    pub(super) head: String,
    /// Such as `Padel Court 2 until 20:45` and `3 until 17:45`.
    pub(super) parts: Vec<String>,
    /// The first slot that is told.
    pub(super) first: &'a Stretch,
}

impl DayView<'_> {
    /// `Saturday 28 November 2026`
    pub(super) fn heading(&self) -> String {
        format_day(self.date)
    }
}

/// Lists the days that were asked for, empty ones included; with a limit the days of the first start
/// times, and whether there are later ones.
pub(super) fn list_days(report: &AvailabilityReport) -> (Vec<DayView<'_>>, bool) {
    let stretches = &report.answer.stretches;
    let around = &report.answer.around;
    let (mut groups, mut others) = (
        stretches.chunk_by(|a, b| a.date == b.date).peekable(),
        around.chunk_by(|a, b| a.date == b.date).peekable(),
    );
    let days = report.query.dates().map(|date| {
        let of_day = groups
            .next_if(|group| group[0].date == date)
            .unwrap_or_default();
        let others = others
            .next_if(|group| group[0].date == date)
            .unwrap_or_default();
        view_day(report, date, of_day, others)
    });
    let mut days: Vec<DayView<'_>> = days.collect();
    let is_cut = report
        .limit
        .is_some_and(|limit| keep_first(&mut days, limit));
    (days, is_cut)
}

/// Keeps the rows of the first start times, if there are any; `true` if there are later ones.
fn keep_first(days: &mut Vec<DayView<'_>>, limit: usize) -> bool {
    let groups = days.iter().flat_map(|day| &day.groups);
    let rows = groups.flat_map(|group| &group.rows);
    let mut starts: Vec<DateTime<Utc>> = rows.map(|row| row.first.start).collect();
    sort_by(&mut starts, Ord::cmp);
    starts.dedup();
    let Some(last) = starts.get(limit - 1).or(starts.last()) else {
        return false;
    };
    for day in &mut *days {
        for group in &mut day.groups {
            group.rows.retain(|row| row.first.start <= *last);
        }
        day.groups.retain(|group| !group.rows.is_empty());
    }
    days.retain(|day| !day.groups.is_empty());
    starts.len() > limit
}

fn view_day<'a>(
    report: &'a AvailabilityReport,
    date: NaiveDate,
    stretches: &'a [Stretch],
    around: &'a [Stretch],
) -> DayView<'a> {
    let summary = Summary::of(stretches);
    let mut notes: Vec<String> = format_openings(report, stretches).into_iter().collect();
    let is_free = summary.free > 0;
    if !is_free && summary.opens_later == 0 {
        notes.extend(explain_nothing(report, date, stretches, around));
    }
    DayView {
        date,
        verdict: judge(report, date, stretches, &summary),
        is_free,
        next_opens: summary.next_opens_at,
        groups: rows::list_groups(report, stretches, around),
        notes,
    }
}

/// `3 courts free, from 17:15`, or why there are none.
fn judge(
    report: &AvailabilityReport,
    date: NaiveDate,
    stretches: &[Stretch],
    summary: &Summary,
) -> String {
    let query = &report.query;
    let free = || stretches.iter().filter(|one| one.state == State::Free);
    let from = free().map(|one| one.start).min();
    let from = from.map_or(String::new(), |start| report.clock(start));
    let now = count_courts(free().filter(|one| query.covers_moment(one)));
    let later = free().filter(|one| !query.covers_moment(one));
    let later_from = later.map(|one| one.start).max();
    match (later_from, count_courts(free()) - now) {
        _ if summary.free == 0 => {}
        (Some(start), more @ 1..) => {
            let start = report.clock(start);
            return format!("{} free, {more} more at {start}", count_in_words(now));
        }
        _ if query.at.is_some() => return format!("{} free", count_in_words(now)),
        _ => return format!("{} free, from {from}", count_in_words(now)),
    }
    let Summary {
        opens_later,
        taken,
        closed,
        ..
    } = *summary;
    let today = report.now.with_timezone(&query.zone).date_naive();
    let is_listed = report.answer.listed.contains_key(&date);
    match (taken > 0, closed > 0) {
        _ if date < today => "this day is over".to_owned(),
        _ if opens_later > 0 => "nothing free yet".to_owned(),
        (true, false) => "nothing free, all is taken".to_owned(),
        (true, true) => "nothing free, all is taken or no longer bookable".to_owned(),
        (false, true) => "nothing free, all is no longer bookable".to_owned(),
        _ if !is_listed && date == today => "nothing left today".to_owned(),
        _ if !is_listed => "nothing listed for this day".to_owned(),
        _ => {
            let left = if date == today { " left" } else { "" };
            match query.minutes {
                Some(minutes) if !report.has_length(date) => {
                    format!("no {minutes}-minute slots{left}")
                }
                _ if query.at.is_some() => "nothing at this time".to_owned(),
                _ => format!("no slots{left} at these hours"),
            }
        }
    }
}

fn count_in_words(courts: usize) -> String {
    match courts {
        0 => "no court".to_owned(),
        1 => "1 court".to_owned(),
        count => format!("{count} courts"),
    }
}

/// `not open yet: bookable from Tue 24 Nov 00:00`, or each site's own time.
fn format_openings(report: &AvailabilityReport, stretches: &[Stretch]) -> Option<String> {
    let closed = stretches
        .iter()
        .filter(|one| one.state == State::OpensLater);
    let openings = closed.map(|one| (one.bookable_from, &*one.listing.site_id));
    let mut openings: Vec<(Option<DateTime<Utc>>, &str)> = openings.collect();
    sort_by(&mut openings, Ord::cmp);
    openings.dedup();
    let when = |at: Option<DateTime<Utc>>| {
        at.map_or_else(
            || "at a time that the club does not say".to_owned(),
            |at| format!("from {}", report.day_and_clock(at)),
        )
    };
    let ((first, site), (last, _)) = (openings.first()?, openings.last()?);
    Some(match openings.len() {
        1 => {
            let site = report.site_if_several(site);
            let gap = if site.is_empty() { "" } else { " " };
            format!("{site}{gap}not open yet: bookable {}", when(*first))
        }
        _ if first == last => format!("not open yet: bookable {}", when(*first)),
        5.. => format!(
            "not open yet: the first {}, the last {}",
            when(*first),
            when(*last)
        ),
        _ => {
            let each = openings.iter().map(|(at, site)| {
                let site = report.site_if_several(site);
                let gap = if site.is_empty() { "" } else { " " };
                format!("{site}{gap}{}", when(*at))
            });
            format!("not open yet: {}", each.collect::<Vec<_>>().join(", "))
        }
    })
}

/// `Saturday 28 November 2026`
pub(super) fn format_day(date: NaiveDate) -> String {
    let weekday = weekday_name(date.weekday());
    format!("{weekday} {}", date.format("%-d %B %Y"))
}

impl AvailabilityReport {
    /// `18:00`
    pub(super) fn clock(&self, time: DateTime<Utc>) -> String {
        local::format_clock(time.with_timezone(&self.query.zone))
    }

    /// `Tue 24 Nov 00:00`
    pub(super) fn day_and_clock(&self, time: DateTime<Utc>) -> String {
        let local = time.with_timezone(&self.query.zone);
        local.format("%a %-d %b %H:%M").to_string()
    }

    /// Returns whether the club lists slots of the wanted length on this day.
    fn has_length(&self, date: NaiveDate) -> bool {
        let listed = self.answer.listed.get(&date);
        listed.is_some_and(|listed| listed.is_of_length)
    }
}
