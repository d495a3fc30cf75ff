//! Asks the club once for all wishes.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::{
    commands::{
        Context,
        selection::{Selection, SelectionError, Trust, are_ids, select_ids},
    },
    config::{Settings, Sourced},
    courts::{
        Query, Slot, answer_query,
        watch::{Evidence, Games, Wish, collect_games},
    },
    error::{Code, Error},
    gladstone::{ListedSlots, Portal, Range, Site},
    sort::sort_by_key,
};

/// The most days of one request, as in `padel availability`.
const DAYS_PER_REQUEST: i64 = 45;

/// What the club answered.
pub(super) struct Sight {
    /// The games of each wish, in the order of the wishes.
    pub(super) games: Vec<Games>,
    pub(super) evidence: Evidence,
    pub(super) sites: Vec<Site>,
    pub(super) warnings: Vec<String>,
}

/// A wish and the question that it is now.
pub(super) type Asked<'a> = (&'a Wish, Query);

/// Looks for all wishes: one request for 45 days and for 15 ids of a kind. The club's lists of sites
/// and activities are asked for once an hour, and only where no ids are set or something that was
/// asked for is not listed.
///
/// # Errors
///
/// `not_found` where a wish names something that the club does not have; those of the portal.
pub(super) async fn look(
    portal: &Portal,
    settings: &mut Settings,
    asked: &[Asked<'_>],
    context: &Context<'_>,
) -> Result<Sight, Error> {
    let mut warnings = portal.trust_warnings();
    let mut selections = Vec::new();
    for (wish, _) in asked {
        let selection = select_for(portal, settings, wish, Trust::IDS).await?;
        selections.push(selection);
    }
    let ranges = split_ranges(asked, context.now)?;
    let mut listed = list(portal, &selections, &ranges).await?;
    let mut is_other = false;
    for ((wish, _), selection) in asked.iter().zip(&mut selections) {
        if is_listed(settings, wish, selection, &listed) {
            continue;
        }
        // An id that is not listed may be a name in capitals, or a mistake that would be waited for
        // in silence.
        match select_for(portal, settings, wish, Trust::NOTHING).await {
            Ok(other) => {
                is_other |= other != *selection;
                *selection = other;
            }
            Err(SelectionError::Unknown(error)) => return Err(error),
            Err(SelectionError::Failed(failure)) => warnings.push(format!(
                "the catalogue could not be looked up ({failure}): the club may not have all that \
                    `{}` asks for",
                wish.name
            )),
        }
    }
    if is_other {
        listed = list(portal, &selections, &ranges).await?;
    }
    let mut evidence = Evidence {
        is_complete: listed.is_complete(),
        has_slots: !listed.slots.is_empty(),
    };
    let mut games = Vec::new();
    for ((wish, query), selection) in asked.iter().zip(&selections) {
        let is_meant = |slot: &&Slot| {
            let listing = &slot.listing;
            (listing.site_id.is_empty() || selection.sites.contains(&listing.site_id))
                && selection.activities.contains(&listing.activity_id)
        };
        let slots: Vec<Slot> = listed.slots.iter().filter(is_meant).cloned().collect();
        warnings.extend(find_unknown_court(wish, &slots));
        let answer = answer_query(slots, query, context.now);
        evidence.is_complete &= answer.complete;
        games.push(collect_games(&answer.stretches, context.now));
    }
    warnings.extend(listed.warnings());
    warnings.extend(portal.clock_warning());
    Ok(Sight {
        games,
        evidence,
        sites: portal.known_sites(),
        warnings,
    })
}

/// Warns of a court that nothing listed is called: it would be waited for in silence. It may be listed
/// later, so it is no error.
fn find_unknown_court(wish: &Wish, slots: &[Slot]) -> Option<String> {
    let is_known = |name: &String| slots.iter().any(|slot| slot.listing.is_called(name));
    let mut courts = wish.courts.iter();
    let name = courts.find(|name| !slots.is_empty() && !is_known(name))?;
    Some(format!(
        "no court that is listed is called `{}`, which `{}` waits for",
        printable::line(name, 80),
        wish.name
    ))
}

/// Selects the ids that a wish means: its own, or else those of the settings.
async fn select_for(
    portal: &Portal,
    settings: &mut Settings,
    wish: &Wish,
    trust: Trust,
) -> Result<Selection, SelectionError> {
    let origin = settings.watch.origin.clone();
    let of_wish = |names: &Vec<String>, usual: &mut Sourced<Vec<String>>| {
        if names.is_empty() {
            return usual.clone();
        }
        let own = Sourced {
            value: names.clone(),
            origin: origin.clone(),
        };
        std::mem::replace(usual, own)
    };
    let usual = (
        of_wish(&wish.sites, &mut settings.sites),
        of_wish(&wish.activities, &mut settings.activities),
    );
    let selected = select_ids(portal, settings, trust).await;
    (settings.sites, settings.activities) = usual;
    selected
}

/// Returns whether the club listed something for each id that a wish or the settings name.
fn is_listed(
    settings: &Settings,
    wish: &Wish,
    selection: &Selection,
    listed: &ListedSlots,
) -> bool {
    let names_sites = are_ids(&wish.sites) || are_ids(&settings.sites.value);
    let names_activities = are_ids(&wish.activities) || are_ids(&settings.activities.value);
    let has_slots = |id: &String| {
        let mut slots = listed.slots.iter();
        slots.any(|slot| slot.listing.site_id == *id)
    };
    (!names_sites || selection.sites.iter().all(has_slots))
        && (!names_activities
            || selection
                .activities
                .iter()
                .all(|id| listed.activities.contains(id)))
}

/// Lists what all selections ask for together.
async fn list(
    portal: &Portal,
    selections: &[Selection],
    ranges: &[Range],
) -> Result<ListedSlots, Error> {
    let all = |ids: fn(&Selection) -> &Vec<String>| {
        let mut all: Vec<String> = Vec::new();
        for id in selections.iter().flat_map(ids) {
            if !all.contains(id) {
                all.push(id.clone());
            }
        }
        all
    };
    let (sites, activities) = (
        all(|selection| &selection.sites),
        all(|selection| &selection.activities),
    );
    Ok(portal.list_slots(&sites, &activities, ranges).await?)
}

/// Returns the ranges that hold every day of every wish, without what is over.
fn split_ranges(asked: &[Asked<'_>], now: DateTime<Utc>) -> Result<Vec<Range>, Error> {
    let Some((_, any)) = asked.first() else {
        return Ok(Vec::new());
    };
    let today = now.with_timezone(&any.zone).date_naive();
    let mut dates: Vec<NaiveDate> = asked
        .iter()
        .flat_map(|(_, query)| query.dates())
        .filter(|date| *date >= today)
        .collect();
    sort_by_key(&mut dates, |date| *date);
    dates.dedup();
    let minutes = asked.iter().filter_map(|(_, query)| query.minutes).max();
    let part = |date: &NaiveDate| (*date - today).num_days() / DAYS_PER_REQUEST;
    let ranges = dates
        .chunk_by(|one, next| part(one) == part(next))
        .map(|dates| {
            let [first, _, end] = any.span(*dates.first()?, *dates.last()?)?;
            // A game of the longest wish may go on after midnight.
            let longest = minutes.unwrap_or(0) - any.minutes.unwrap_or(0);
            let end = end.checked_add_signed(TimeDelta::minutes(longest))?;
            Some((first.max(now), end - TimeDelta::seconds(1)))
        });
    ranges.collect::<Option<_>>().ok_or_else(|| {
        let message = "a day that is watched is out of the calendar";
        Error::new(Code::Usage, message, "watch a day of this year")
    })
}
