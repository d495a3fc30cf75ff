//! `padel availability`: from a wish in the club's local time to the courts that answer it.

mod lookup;

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};

use self::lookup::Lookup;
use super::{Context, selection::SelectionError};
use crate::{
    cli,
    config::Settings,
    courts::{Answer, Query, weekday_name},
    error::{Code, Error},
    gladstone::{Portal, Range, Site},
    output::AvailabilityReport,
    zone::Zone,
};

/// The most days of one request: eight courts with nine activities have as many slots in them as
/// one answer may hold.
const DAYS_PER_REQUEST: i64 = 45;

pub(super) async fn run(
    args: &cli::Availability,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<AvailabilityReport, Error> {
    ask_portal(args, settings, context, &context.portal(settings)?).await
}

/// Asks a portal that is at hand.
pub(super) async fn ask_portal(
    args: &cli::Availability,
    settings: &Settings,
    context: &Context<'_>,
    portal: &Portal,
) -> Result<AvailabilityReport, Error> {
    let club = settings.club()?.clone();
    let query = build_query(args, settings.timezone.value, context.now)?;
    let ranges = split_ranges(&query, context.now)?;
    let mut warnings = portal.trust_warnings();
    let today = context.now.with_timezone(&query.zone).date_naive();
    if query.dates().all(|date| date < today) {
        warnings.push(format!("{} is in the past", with_weekday(query.date)));
    }
    let lookup = Lookup {
        portal,
        settings,
        query: &query,
        ranges: &ranges,
        now: context.now,
    };
    let (answer, mut asked) = lookup
        .answer(&mut warnings)
        .await
        .map_err(|error| explain_gaps(error, &portal.gaps()))?;
    warnings.extend(portal.clock_warning());
    let sites = site_names(portal, settings, &answer);
    asked.known = portal.known_sites();
    Ok(AvailabilityReport {
        club,
        now: context.now,
        query,
        asked,
        all: args.all,
        limit: args.limit,
        answer,
        sites,
        warnings,
    })
}

/// Returns the names of the answer's sites, where it could be at another one and the catalogue is
/// at hand: no answer waits for names.
fn site_names(portal: &Portal, settings: &Settings, answer: &Answer) -> Vec<Site> {
    if settings.sites.value.len() == 1 && !answer.spans_sites() {
        return Vec::new();
    }
    let mut sites = portal.known_sites();
    if sites.len() < 2 {
        return Vec::new();
    }
    sites.retain(|site| {
        let mut stretches = answer.stretches.iter();
        !site.name.is_empty() && stretches.any(|stretch| stretch.listing.site_id == site.id)
    });
    sites
}

/// Turns `not_found` into `portal_changed` where the catalogue has gaps: what is not in it may be in
/// one of them.
fn explain_gaps(error: SelectionError, gaps: &[String]) -> Error {
    match (error, gaps.first()) {
        (SelectionError::Unknown(error), Some(gap)) => Error::new(
            Code::PortalChanged,
            format!(
                "{}, but not all of its catalogue could be read ({gap})",
                error.message
            ),
            "report it; until then pass ids from `padel activities --all` with --site and \
             --activity: \
             they need no catalogue",
        ),
        (error, _) => error.into(),
    }
}

fn build_query(args: &cli::Availability, zone: Zone, now: DateTime<Utc>) -> Result<Query, Error> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from >= to
    {
        let message = format!("--from {from} is not before --to {to}");
        let hint =
            "a window lies within one day, such as --from 18:00 --to 22:00; 24:00 is its end";
        return Err(Error::new(Code::Usage, message, hint));
    }
    let default_days = if args.weekday.is_empty() { 1 } else { 7 };
    let query = Query {
        zone,
        date: args.date.resolve(now.with_timezone(&zone).date_naive()),
        days: args.days.unwrap_or(default_days),
        weekdays: args.weekday.clone(),
        minutes: args.duration,
        from: args.from,
        to: args.to,
        at: args.at,
        courts: args.court.clone(),
    };
    if query.dates().next().is_none() {
        let first = with_weekday(query.date);
        let message = match query.days {
            1 => format!("{first} is not one of the weekdays in --weekday"),
            days => format!(
                "none of the {days} days from {first} on is one of the weekdays in --weekday"
            ),
        };
        let hint = "leave out --days, or ask for 7 days or more";
        return Err(Error::new(Code::Usage, message, hint));
    }
    Ok(query)
}

/// Splits the query into ranges to ask for one after the other: local days without what is over
/// already, which one club rejects.
fn split_ranges(query: &Query, now: DateTime<Utc>) -> Result<Vec<Range>, Error> {
    let dates: Vec<NaiveDate> = query.dates().collect();
    let part = |date: &NaiveDate| (*date - query.date).num_days() / DAYS_PER_REQUEST;
    let ranges = dates
        .chunk_by(|one, next| part(one) == part(next))
        .map(|dates| {
            let [first, end, latest_end] = query.span(*dates.first()?, *dates.last()?)?;
            let first = if end > now { first.max(now) } else { first };
            Some((first, latest_end - TimeDelta::seconds(1)))
        });
    ranges.collect::<Option<_>>().ok_or_else(|| {
        let message = format!("{} is out of the calendar", query.date);
        Error::new(Code::Usage, message, "ask for a day of this year")
    })
}

/// `2026-09-28 (Monday)`
fn with_weekday(date: NaiveDate) -> String {
    format!("{date} ({})", weekday_name(date.weekday()))
}
