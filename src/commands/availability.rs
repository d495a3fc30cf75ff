//! `padel availability`: from a wish in the club's local time to the courts that answer it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{
    Context,
    choose::{Belief, Chosen, Refusal, are_ids, choose},
};
use crate::{
    cli,
    config::Settings,
    courts::{Answer, Query, answer_query, weekday_name},
    error::{Code, Error},
    gladstone::{Failure, ListedSlots, Portal, Range, Site},
    output::Availability,
    zone::Zone,
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
    let ranges = ranges(&query, context.now)?;
    let mut warnings = portal.trust_warnings();
    let today = context.now.with_timezone(&query.zone).date_naive();
    if query.dates().all(|date| date < today) {
        warnings.push(format!(
            "{} ({}) is in the past",
            query.date,
            weekday_of(query.date)
        ));
    }
    let asking = Asking {
        portal,
        settings,
        ranges: &ranges,
    };
    let doubted = |refusal| doubted(refusal, &portal.gaps());
    let mut found = asking.first(&mut warnings).await.map_err(doubted)?;
    let mut about = Vec::new();
    let mut answer = answer(&mut found.sessions, &query, context.now, &mut about);
    // An activity may be new, or have another id by now: "nothing" rests on no catalogue that an
    // earlier call kept, be it of one activity whose id is from there.
    let is_doubtful = !are_ids(&settings.activities.value) && !found.has_all_activities();
    if (answer.summary.free == 0 || is_doubtful) && portal.distrust_kept() {
        let (checked, is_new) = asking
            .checked(found, &mut warnings)
            .await
            .map_err(doubted)?;
        found = checked;
        if is_new {
            about.clear();
            answer = self::answer(&mut found.sessions, &query, context.now, &mut about);
        }
    }
    warnings.extend(about);
    warnings.extend(portal.gaps());
    warnings.extend(found.sessions.warnings());
    warnings.extend(portal.clock_warning());
    let sites = site_names(portal, settings, &answer);
    Ok(Availability {
        club,
        now: context.now,
        query,
        all: args.all,
        answer,
        sites,
        warnings,
    })
}

/// Answers the query from the slots that the portal listed, which it takes.
fn answer(
    sessions: &mut ListedSlots,
    query: &Query,
    now: DateTime<Utc>,
    warnings: &mut Vec<String>,
) -> Answer {
    let answer = answer_query(std::mem::take(&mut sessions.slots), query, now);
    // A portal may answer with whole days or weeks: that costs nothing, unless a day that was asked
    // for is not among them.
    let has_all_days = query.dates().all(|date| answer.listed.contains_key(&date));
    match answer.out_of_span {
        0 => {}
        _ if has_all_days => {}
        1 => warnings.push("1 slot left out: of another day than was asked for".to_owned()),
        count => warnings.push(format!(
            "{count} slots left out: of other days than were asked for"
        )),
    }
    if !answer.complete {
        warnings.push(
            "the club's slots can be joined in too many ways: some are missing here".to_owned(),
        );
    }
    answer
}

/// What the sites are called, where it could be another one and the catalogue is at hand: no answer
/// waits for names.
fn site_names(portal: &Portal, settings: &Settings, answer: &Answer) -> Vec<Site> {
    if settings.sites.value.len() == 1 && !answer.spans_sites() {
        return Vec::new();
    }
    let mut sites = portal.known_sites();
    if sites.len() < 2 {
        return Vec::new();
    }
    sites.retain(|site| {
        !site.name.is_empty()
            && answer
                .stretches
                .iter()
                .any(|stretch| stretch.listing.site_id == site.id)
    });
    sites
}

/// The most days of one request: eight courts with nine activities have as many slots in them as
/// one answer may hold.
const DAYS: i64 = 45;

/// What the portal lists for the ids that were chosen.
struct Found {
    chosen: Chosen,
    sessions: ListedSlots,
    /// Which of the ids the portal lists something for, and need no catalogue.
    listed: Belief,
}

impl Found {
    /// Whether the portal lists something for each activity.
    fn has_all_activities(&self) -> bool {
        self.chosen
            .activities
            .iter()
            .all(|id| self.sessions.activities.contains(id))
    }
}

/// What is asked for.
struct Asking<'a> {
    portal: &'a Portal,
    settings: &'a Settings,
    ranges: &'a [Range],
}

impl Asking<'_> {
    /// Asks first and checks afterwards: ids are looked up in the catalogue only where the portal
    /// listed nothing for them.
    async fn first(&self, warnings: &mut Vec<String>) -> Result<Found, Refusal> {
        let chosen = choose(self.portal, self.settings, Belief::IDS).await?;
        let found = self.find(chosen).await?;
        if found.listed == Belief::IDS {
            Ok(found)
        } else {
            Ok(self.checked(found, warnings).await?.0)
        }
    }

    async fn find(&self, chosen: Chosen) -> Result<Found, Failure> {
        let sessions = self
            .portal
            .list_slots(&chosen.sites, &chosen.activities, self.ranges)
            .await?;
        let has_slots = |site: &String| {
            sessions
                .slots
                .iter()
                .any(|slot| slot.listing.site_id == *site)
        };
        let listed = Belief {
            sites: self.settings.sites.value.is_empty() || chosen.sites.iter().all(has_slots),
            activities: self.settings.activities.value.is_empty()
                || chosen
                    .activities
                    .iter()
                    .all(|id| sessions.activities.contains(id)),
        };
        Ok(Found {
            chosen,
            sessions,
            listed,
        })
    }

    /// Looks up in the catalogue what was not listed, and asks again where other ids are meant;
    /// `true` where that was done.
    async fn checked(
        &self,
        found: Found,
        warnings: &mut Vec<String>,
    ) -> Result<(Found, bool), Refusal> {
        match choose(self.portal, self.settings, found.listed).await {
            Ok(checked) if checked != found.chosen => Ok((self.find(checked).await?, true)),
            Ok(_) => Ok((found, false)),
            // Without a catalogue there is nothing to check against, and the answer is what the
            // portal says.
            Err(Refusal::Failed(failure)) => {
                let what = "whether the club has all that was asked for could not be looked up";
                warnings.push(format!("{what} ({failure})"));
                Ok((found, false))
            }
            Err(unknown) if found.sessions.activities.is_empty() => Err(unknown),
            Err(Refusal::Unknown(unknown)) => {
                warnings.push(format!("{}: {}", unknown.message, unknown.hint));
                Ok((found, false))
            }
        }
    }
}

/// What is not in a catalogue with gaps may be in one of the gaps.
fn doubted(refusal: Refusal, gaps: &[String]) -> Error {
    match (refusal, gaps.first()) {
        (Refusal::Unknown(error), Some(gap)) => Error::new(
            Code::PortalChanged,
            format!(
                "{}, but not all of its catalogue could be read ({gap})",
                error.message
            ),
            "report it; with ids from `padel activities --all`, --site and --activity need no catalogue",
        ),
        (refusal, _) => refusal.into(),
    }
}

fn query(args: &cli::Availability, zone: Zone, now: DateTime<Utc>) -> Result<Query, Error> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from >= to
    {
        let message = format!("--from {from} is not before --to {to}");
        let hint =
            "a window lies within one day, such as --from 18:00 --to 22:00; 24:00 is its end";
        return Err(Error::new(Code::Usage, message, hint));
    }
    let query = Query {
        zone,
        date: args.date.resolve(now.with_timezone(&zone).date_naive()),
        days: args
            .days
            .unwrap_or(if args.weekday.is_empty() { 1 } else { 7 }),
        weekdays: args.weekday.clone(),
        minutes: args.duration,
        from: args.from,
        to: args.to,
    };
    if query.dates().next().is_none() {
        let first = format!("{} ({})", query.date, weekday_of(query.date));
        let message = match query.days {
            1 => format!("{first} is no such weekday"),
            days => format!("none of the {days} days from {first} on is such a weekday"),
        };
        return Err(Error::new(
            Code::Usage,
            message,
            "leave --days out, or ask for 7 days and more",
        ));
    }
    Ok(query)
}

/// What to ask for, one after the other: local days, but not what is over already, which one club
/// rejects. Where a stretch may go on after midnight, so does what is asked for.
fn ranges(query: &Query, now: DateTime<Utc>) -> Result<Vec<Range>, Error> {
    let dates: Vec<NaiveDate> = query.dates().collect();
    let part = |date: &NaiveDate| (*date - query.date).num_days() / DAYS;
    let bounds = |dates: &[NaiveDate]| {
        let [first, end, latest] = query.span(*dates.first()?, *dates.last()?)?;
        let last = latest - TimeDelta::seconds(1);
        Some((if end > now { first.max(now) } else { first }, last))
    };
    dates
        .chunk_by(|one, next| part(one) == part(next))
        .map(bounds)
        .collect::<Option<_>>()
        .ok_or_else(|| {
            Error::new(
                Code::Usage,
                format!("{} is out of the calendar", query.date),
                "ask for a day of this year",
            )
        })
}

fn weekday_of(date: NaiveDate) -> &'static str {
    weekday_name(chrono::Datelike::weekday(&date))
}
