//! `padel bookings`: a member's bookings, upcoming or past.

use chrono::{DateTime, TimeDelta, Utc};

use super::Context;
use crate::{
    cli,
    config::Settings,
    courts::{Booking, LatestByReference, Period, select_period},
    error::Error,
    output::BookingsReport,
};

pub(super) async fn run(
    args: &cli::Bookings,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<BookingsReport, Error> {
    let club = settings.club()?.clone();
    let credentials = settings.credentials()?;
    let period = if args.history {
        Period::History
    } else {
        Period::Upcoming
    };
    let zone = settings.timezone.value;
    let portal = context.portal(settings)?;
    let (listed, mut warnings) = portal.bookings(credentials, period).await?;
    warnings.extend(portal.trust_warnings());
    warnings.extend(credentials.warning());
    warnings.extend(portal.clock_warning());
    warnings.extend(find_doubt(&listed, period, context.now));
    let latest = LatestByReference::new(&listed);
    let mut bookings = select_period(listed, period, context.now);
    let more = bookings.len().saturating_sub(args.limit);
    bookings.truncate(args.limit);
    Ok(BookingsReport {
        club,
        zone,
        now: context.now,
        period,
        bookings,
        latest,
        more,
        warnings,
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
