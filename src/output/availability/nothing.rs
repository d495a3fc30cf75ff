//! What would be free where nothing is, from the answer at hand.

use chrono::{DateTime, NaiveDate, Utc};

use super::AvailabilityReport;
use crate::{
    courts::{FreeTime, Query, Stretch, join_free},
    sort::sort_by_key,
};

/// The most times that are named.
const NAMED: usize = 3;

/// Says what is free on this day instead: the nearest length, the longest time, or other hours.
pub(super) fn explain_nothing(
    report: &AvailabilityReport,
    date: NaiveDate,
    stretches: &[Stretch],
    around: &[Stretch],
) -> Option<String> {
    let query = &report.query;
    let inside: Vec<Stretch> = around
        .iter()
        .filter(|slot| query.covers(slot))
        .cloned()
        .collect();
    let all = [around, &inside][usize::from(!inside.is_empty())];
    let anytime = Query {
        at: None,
        ..query.clone()
    };
    let free = join_free(all, &anytime);
    if query.at.is_some() {
        let nearest = free.iter().min_by_key(|time| query.minutes_away(time))?;
        let what = describe(report, nearest.first, nearest.end);
        return Some(format!("the nearest is {what}"));
    }
    let longest = free
        .iter()
        .max_by_key(|time| (time.minutes, -time.first.start.timestamp()))?;
    match query.minutes {
        Some(minutes) if inside.len() == all.len() || query.from.or(query.to).is_none() => {
            let listed = report.answer.listed.get(&date);
            let is_offered = !stretches.is_empty() || listed.is_some_and(|day| day.is_of_length);
            let longer = all
                .iter()
                .map(|slot| slot.minutes)
                .filter(|length| *length > minutes);
            match longer.min().filter(|_| !is_offered) {
                Some(length) => Some(name_lengths(report, length, all)),
                None if longest.minutes < minutes => Some(name_longest(report, longest)),
                None => None,
            }
        }
        _ => {
            let first = free.first()?;
            Some(format!(
                "at other hours: {}",
                describe_start(report, first.first)
            ))
        }
    }
}

/// Says which later day has one, where the portal listed others than those that were asked for.
pub(super) fn name_next_day(report: &AvailabilityReport) -> Option<String> {
    let next = report.answer.next.as_ref()?;
    let what = match report.query.minutes {
        Some(_) => describe(report, next, next.end),
        None => describe_start(report, next),
    };
    let day = next.date.format("%a %-d %b");
    Some(format!("the next day with one is {day}: {what}"))
}

/// `55-minute ones are free at 12:00 and 13:00`, with the site where it is one of several.
fn name_lengths(report: &AvailabilityReport, length: i64, slots: &[Stretch]) -> String {
    let of_length = slots.iter().filter(|slot| slot.minutes == length);
    let mut slots: Vec<&Stretch> = of_length.collect();
    sort_by_key(&mut slots, |slot| slot.start);
    let starts = slots.iter().map(|slot| report.clock(slot.start));
    let mut starts: Vec<String> = starts.collect();
    starts.dedup();
    let more = starts.len().saturating_sub(NAMED);
    if more > 0 {
        starts.truncate(NAMED);
        starts.push(format!("{more} more times"));
    }
    let last = starts.pop().unwrap_or_default();
    let before = match &*starts.join(", ") {
        "" => String::new(),
        before => format!("{before} and "),
    };
    let mut sites = slots.iter().map(|slot| &*slot.listing.site_id);
    let site = sites
        .next()
        .filter(|first| sites.all(|site| site == *first));
    let site = name_site(report, site.unwrap_or_default());
    format!("{length}-minute ones are free at {before}{last}{site}")
}

/// `the longest is 90 min, 19:00–20:30 on Padel Court 2`
fn name_longest(report: &AvailabilityReport, time: &FreeTime<'_>) -> String {
    let minutes = time.minutes;
    let what = describe(report, time.first, time.end);
    format!("the longest is {minutes} min, {what}")
}

/// `19:00–20:30 on Padel Court 2`
fn describe(report: &AvailabilityReport, first: &Stretch, end: DateTime<Utc>) -> String {
    let [start, end] = [first.start, end].map(|time| report.clock(time));
    format!("{start}–{end} on {}", name_court(report, first))
}

/// `from 19:00 on Padel Court 2`
fn describe_start(report: &AvailabilityReport, first: &Stretch) -> String {
    let start = report.clock(first.start);
    format!("from {start} on {}", name_court(report, first))
}

/// `Padel Court 2`, with the site where there are others.
fn name_court(report: &AvailabilityReport, stretch: &Stretch) -> String {
    let listing = &stretch.listing;
    format!("{}{}", listing.court, name_site(report, &listing.site_id))
}

/// ` at Riverside Padel Centre`, or nothing where there are no others.
fn name_site(report: &AvailabilityReport, id: &str) -> String {
    let name = report.site_if_others(id);
    let at = if name.is_empty() { "" } else { " at " };
    format!("{at}{name}")
}
