//! `padel availability`: from a wish in the club's local time to the courts that answer it.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::{
    Context,
    choose::{Belief, Chosen, choose},
};
use crate::{
    cli,
    config::Settings,
    courts::{Query, find, weekday_name},
    error::{Code, Error},
    gladstone::{Portal, Sessions},
    output::Availability,
};

pub(super) async fn run(
    args: &cli::Availability,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<Availability, Error> {
    ask(args, settings, context, &context.portal(settings)?).await
}

/// The same with a portal that is at hand.
pub(super) async fn ask(
    args: &cli::Availability,
    settings: &Settings,
    context: &Context<'_>,
    portal: &Portal,
) -> Result<Availability, Error> {
    let club = settings.club()?.clone();
    let query = query(args, settings.timezone.value, context.now)?;
    let (from, to) = range(&query, context.now)?;
    let mut warnings = Vec::new();
    if to < context.now {
        warnings.push(format!("{} ({}) is in the past", query.date, weekday_of(query.date)));
    }
    let sessions = sessions(portal, settings, from, to, &mut warnings).await;
    let sessions = sessions.map_err(|error| doubted(error, &portal.gaps()))?;
    warnings.extend(portal.gaps());
    warnings.extend(sessions.warnings);
    let answer = find(sessions.slots, &query, context.now);
    if !answer.complete {
        warnings.push("the club's slots can be joined in too many ways: some are missing here".to_owned());
    }
    Ok(Availability { club, now: context.now, query, all: args.all, answer, warnings })
}

/// Asks first and checks afterwards: ids are looked up in the catalogue only where the portal listed nothing for them.
async fn sessions(
    portal: &Portal,
    settings: &Settings,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    warnings: &mut Vec<String>,
) -> Result<Sessions, Error> {
    let ask = async |chosen: &Chosen| portal.sessions(&chosen.sites, &chosen.activities, from, to).await;
    let chosen = choose(portal, settings, Belief::Ids).await?;
    let sessions = ask(&chosen).await?;
    if settings.activities.value.is_empty() || chosen.activities.iter().all(|id| sessions.activities.contains(id)) {
        return Ok(sessions);
    }
    match choose(portal, settings, Belief::Nothing).await {
        Ok(checked) if checked != chosen => Ok(ask(&checked).await?),
        Ok(_) => Ok(sessions),
        Err(unknown) if sessions.activities.is_empty() => Err(unknown),
        Err(unknown) => {
            warnings.push(format!("{}: {}", unknown.message, unknown.hint));
            Ok(sessions)
        }
    }
}

/// What is not in a catalogue with gaps may be in one of the gaps.
fn doubted(error: Error, gaps: &[String]) -> Error {
    match gaps.first() {
        Some(gap) if error.code == Code::NotFound => Error::new(
            Code::PortalChanged,
            format!("{}, but not all of its catalogue could be read ({gap})", error.message),
            "report it; with ids from `padel activities --all`, --site and --activity need no catalogue",
        ),
        _ => error,
    }
}

fn query(args: &cli::Availability, zone: Tz, now: DateTime<Utc>) -> Result<Query, Error> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from >= to
    {
        let message = format!("--from {from} is not before --to {to}");
        return Err(Error::new(Code::Usage, message, "a window lies within one day, such as --from 18:00 --to 22:00"));
    }
    let query = Query {
        zone,
        date: args.date.resolve(now.with_timezone(&zone).date_naive()),
        days: args.days.unwrap_or(if args.weekday.is_empty() { 1 } else { 7 }),
        weekdays: args.weekday.clone(),
        minutes: args.duration,
        from: args.from,
        to: args.to,
    };
    if query.dates().next().is_none() {
        let message = format!("none of the {} days from {} on is such a weekday", query.days, weekday_of(query.date));
        return Err(Error::new(Code::Usage, message, "leave --days out, or ask for 7 days and more"));
    }
    Ok(query)
}

/// First and last second to ask for, in UTC: local days, but not what is over already, which one club rejects.
fn range(query: &Query, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), Error> {
    let dates: Vec<NaiveDate> = query.dates().collect();
    let bounds = || {
        let first = midnight(*dates.first()?, query.zone)?;
        let last = midnight(dates.last()?.checked_add_days(Days::new(1))?, query.zone)? - TimeDelta::seconds(1);
        Some((first, last))
    };
    let (first, last) = bounds().ok_or_else(|| {
        Error::new(Code::Usage, format!("{} is out of the calendar", query.date), "ask for a day of this year")
    })?;
    Ok((if last > now { first.max(now) } else { first }, last))
}

/// The first instant of a local day; where the clocks skip midnight, the first after it.
fn midnight(date: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let start = date.and_time(NaiveTime::MIN);
    let candidates = [start, start + TimeDelta::hours(1)];
    candidates.iter().find_map(|time| zone.from_local_datetime(time).earliest()).map(|time| time.to_utc())
}

fn weekday_of(date: NaiveDate) -> &'static str {
    weekday_name(chrono::Datelike::weekday(&date))
}
