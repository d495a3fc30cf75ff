//! `padel bookings`: a member's bookings, upcoming or past.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::Context;
use crate::{
    cli,
    config::Settings,
    courts::{Booking, LatestByReference, Period, select_dates, select_period},
    error::Error,
    output::{BookingCounts, BookingDates, BookingsReport},
};

pub(super) async fn run(
    args: &cli::Bookings,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<BookingsReport, Error> {
    let club = settings.club()?.clone();
    let credentials = settings.credentials()?;
    let zone = settings.timezone.value;
    let today = context.now.with_timezone(&zone).date_naive();
    let dates = find_dates(args, today);
    let period = match dates {
        None if args.history => Period::History,
        Some(dates) if dates.first < today => Period::History,
        _ => Period::Upcoming,
    };
    let portal = context.portal(settings)?;
    let (mut listed, mut warnings) = portal.bookings(credentials, period).await?;
    // Past ones and those to come are two lists of the portal.
    if dates.is_some_and(|dates| dates.first < today && today <= dates.last) {
        let (more, doubts) = portal.bookings(credentials, Period::Upcoming).await?;
        listed.extend(more);
        warnings.extend(doubts);
    }
    warnings.extend(portal.trust_warnings());
    warnings.extend(credentials.warning());
    warnings.extend(portal.clock_warning());
    let latest = LatestByReference::new(&listed);
    let mut bookings = if let Some(dates) = dates {
        select_dates(listed, zone, (dates.first, dates.last))
    } else {
        warnings.extend(find_doubt(&listed, period, context.now));
        select_period(listed, period, context.now)
    };
    let counts = BookingCounts::of(&bookings, context.now);
    let more = bookings.len().saturating_sub(args.limit);
    bookings.truncate(args.limit);
    Ok(BookingsReport {
        club,
        zone,
        now: context.now,
        period,
        dates,
        bookings,
        counts,
        latest,
        more,
        warnings,
    })
}

/// Returns the days that were asked for, if any were.
fn find_dates(args: &cli::Bookings, today: NaiveDate) -> Option<BookingDates> {
    if let Some(month) = args.month {
        let (first, last) = month.resolve(today);
        return Some(BookingDates {
            first,
            last,
            is_month: true,
        });
    }
    let date = args.date?.resolve(today);
    Some(BookingDates {
        first: date,
        last: date,
        is_month: false,
    })
}

/// The longest that somebody may be on court whose booking has no end.
const LONGEST_GAME: TimeDelta = TimeDelta::hours(3);
/// Upcoming bookings are asked for from so long ago on.
const LOOK_BACK: TimeDelta = TimeDelta::days(1);

/// Returns what would make "no bookings" a lie: one that may not be over yet, or an answer to
/// another question.
fn find_doubt(listed: &[Booking], period: Period, now: DateTime<Utc>) -> Option<String> {
    let may_go_on =
        |one: &&Booking| one.end.is_none() && one.start <= now && now < one.start + LONGEST_GAME;
    let going_on = listed.iter().filter(may_go_on).count();
    if going_on > 0 && period == Period::Upcoming {
        return Some(format!(
            "{going_on} of the bookings began less than three hours ago and may still go on: the \
             portal gives no end, so padel counts it as over"
        ));
    }
    let mut others = listed.iter();
    let (all_are_others, word) = match period {
        Period::Upcoming => (others.all(|one| one.is_over(now - LOOK_BACK)), "over"),
        Period::History => (others.all(|one| !one.is_over(now)), "still to come"),
    };
    match listed.len() {
        0 => None,
        _ if !all_are_others => None,
        1 => Some(format!("the portal lists 1 booking, but it is {word}")),
        count => Some(format!(
            "the portal lists {count} bookings, but all of them are {word}"
        )),
    }
}
