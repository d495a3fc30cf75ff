//! `padel bookings`: a member's bookings, upcoming or past.

use chrono::{DateTime, TimeDelta, Utc};

use super::Context;
use crate::{
    cli,
    config::Settings,
    courts::{Booking, LatestByReference, Period, select_period},
    error::Error,
    output::Bookings,
};

pub(super) async fn run(
    args: &cli::Bookings,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<Bookings, Error> {
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
    warnings.extend(doubts(&listed, period, context.now));
    let latest = LatestByReference::new(&listed);
    let mut bookings = select_period(listed, period, context.now);
    let more = bookings.len().saturating_sub(args.limit);
    bookings.truncate(args.limit);
    Ok(Bookings {
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
const LONGEST: TimeDelta = TimeDelta::hours(3);
/// Upcoming bookings are asked for from so long ago on.
const SLACK: TimeDelta = TimeDelta::days(1);

/// What would make "no bookings" a lie: one that may not be over yet, or an answer to another
/// question.
fn doubts(listed: &[Booking], period: Period, now: DateTime<Utc>) -> Option<String> {
    let may_go_on =
        |one: &&Booking| one.end.is_none() && one.start <= now && now < one.start + LONGEST;
    let going_on = listed.iter().filter(may_go_on).count();
    if going_on > 0 && period == Period::Upcoming {
        let what = "the portal gives no end, so it counts as over though it may still go on";
        return Some(format!(
            "{going_on} of the bookings began less than three hours ago: {what}"
        ));
    }
    let is_other = |one: &Booking| match period {
        Period::Upcoming => one.is_over(now - SLACK),
        Period::History => !one.is_over(now),
    };
    let word = if period == Period::Upcoming {
        "over"
    } else {
        "still to come"
    };
    (!listed.is_empty() && listed.iter().all(is_other)).then(|| match listed.len() {
        1 => format!("the portal lists 1 booking, but it is {word}"),
        count => format!("the portal lists {count} bookings, but all of them are {word}"),
    })
}
