//! What would be free where nothing is, from the answer at hand.

use chrono::NaiveDate;

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
        return Some(format!("the nearest is {}", describe(report, nearest)));
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
            let from = report.clock(first.first.start);
            Some(format!(
                "at other hours: {} from {from}",
                first.first.listing.court
            ))
        }
    }
}

/// `55-minute ones are free at 12:00 and 13:00`
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
    format!("{length}-minute ones are free at {before}{last}")
}

/// `the longest is 90 min, 19:00–20:30 on Padel Court 2`
fn name_longest(report: &AvailabilityReport, time: &FreeTime<'_>) -> String {
    let minutes = time.minutes;
    format!("the longest is {minutes} min, {}", describe(report, time))
}

/// `19:00–20:30 on Padel Court 2`
fn describe(report: &AvailabilityReport, time: &FreeTime<'_>) -> String {
    let [start, end] = [time.first.start, time.end].map(|time| report.clock(time));
    let court = &time.first.listing.court;
    format!("{start}–{end} on {court}")
}
