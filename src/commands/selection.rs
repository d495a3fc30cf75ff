//! Selects sites and activities: ids as they are, names by way of the club's catalogue.

use crate::{
    config::{Settings, Sourced},
    error::{Code, Error},
    gladstone::{Activity, Failure, Portal},
};

/// The ids to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) sites: Vec<String>,
    pub(super) activities: Vec<String>,
}

/// The settings that are taken for ids where they look like ids, without the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trust {
    pub(super) sites: bool,
    pub(super) activities: bool,
}

impl Trust {
    /// No request where all look like ids.
    pub(super) const IDS: Self = Self {
        sites: true,
        activities: true,
    };
    /// All are looked up in the catalogue.
    pub(super) const NOTHING: Self = Self {
        sites: false,
        activities: false,
    };
}

/// Reason why there is nothing to ask for.
#[derive(Debug)]
pub(super) enum SelectionError {
    /// The club's catalogue does not have it: `not_found`, with the closest names.
    Unknown(Error),
    /// The catalogue could not be had.
    Failed(Failure),
}

impl From<Failure> for SelectionError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<SelectionError> for Error {
    fn from(error: SelectionError) -> Self {
        match error {
            SelectionError::Unknown(error) => error,
            SelectionError::Failed(failure) => failure.into(),
        }
    }
}

/// Selects the ids of the settings in force. Before a name is called unknown, the portal itself is
/// asked: a catalogue of this morning does not have what is new, and a site that does not exist has
/// no activities.
pub(super) async fn select_ids(
    portal: &Portal,
    settings: &Settings,
    trust: Trust,
) -> Result<Selection, SelectionError> {
    let outcome = select_once(portal, settings, trust).await;
    let trusted = trust.sites && are_ids(&settings.sites.value);
    if !matches!(outcome, Err(SelectionError::Unknown(_))) || !(portal.distrust_kept() || trusted) {
        return outcome;
    }
    match select_once(portal, settings, Trust::NOTHING).await {
        // A club that lists its activities but not its sites.
        Err(SelectionError::Failed(Failure::Absent { .. })) => outcome,
        again => again,
    }
}

async fn select_once(
    portal: &Portal,
    settings: &Settings,
    trust: Trust,
) -> Result<Selection, SelectionError> {
    let sites = select_sites(portal, settings, trust.sites).await?;
    let activities = select_activities(portal, settings, &sites, trust.activities).await?;
    Ok(Selection { sites, activities })
}

/// Selects ids by way of the catalogue, and returns each activity as `id name`, too.
pub(super) async fn select_with_names(
    portal: &Portal,
    settings: &Settings,
) -> Result<(Selection, Vec<String>), Error> {
    let selection = select_ids(portal, settings, Trust::NOTHING).await?;
    let names = portal
        .activities(&selection.sites)
        .await?
        .into_iter()
        .filter(|activity| selection.activities.contains(&activity.id))
        .map(|activity| format!("{} {}", activity.id, activity.name))
        .collect();
    Ok((selection, names))
}

/// Selects the ids of the sites.
pub(super) async fn select_sites(
    portal: &Portal,
    settings: &Settings,
    trust_ids: bool,
) -> Result<Vec<String>, SelectionError> {
    let wanted = &settings.sites;
    if trust_ids && are_ids(&wanted.value) {
        return Ok(wanted.value.clone());
    }
    let catalogue = portal.sites().await?;
    if wanted.value.is_empty() {
        return Ok(catalogue.into_iter().map(|site| site.id).collect());
    }
    let known: Vec<(&str, &str)> = catalogue
        .iter()
        .map(|site| (site.id.as_str(), site.name.as_str()))
        .collect();
    find_ids(wanted, &known, "site", portal.club())
}

/// Selects the ids of the activities at these sites.
pub(super) async fn select_activities(
    portal: &Portal,
    settings: &Settings,
    sites: &[String],
    trust_ids: bool,
) -> Result<Vec<String>, SelectionError> {
    let wanted = &settings.activities;
    if trust_ids && are_ids(&wanted.value) {
        return Ok(wanted.value.clone());
    }
    let catalogue = portal.activities(sites).await?;
    let of_sites = if settings.sites.value.is_empty() {
        ""
    } else {
        ", at the sites asked for,"
    };
    let place = format!("{}{of_sites}", portal.club());
    let known: Vec<(&str, &str)> = catalogue
        .iter()
        .map(|activity| (activity.id.as_str(), activity.name.as_str()))
        .collect();
    if !wanted.value.is_empty() {
        return find_ids(wanted, &known, "activity", &place);
    }
    let of_sport = catalogue
        .iter()
        .filter(|activity| is_of_sport(activity, &settings.sport.value));
    let activities: Vec<String> = of_sport.map(|activity| activity.id.clone()).collect();
    if activities.is_empty() {
        let sport = &settings.sport.value;
        let message = format!("{place} lists no activity called `{sport}`");
        let hint = "`padel activities --all` lists them all; put the right ids into config.toml, \
                    or set `sport`";
        let error = Error::new(Code::NotFound, message, hint);
        return Err(SelectionError::Unknown(error));
    }
    Ok(activities)
}

/// Returns whether an activity is of the sport, by its name or description.
pub(super) fn is_of_sport(activity: &Activity, sport: &str) -> bool {
    let sport = sport.to_lowercase();
    activity.name.to_lowercase().contains(&sport)
        || activity.description.to_lowercase().contains(&sport)
}

/// Returns whether there are some, and all look like ids.
pub(super) fn are_ids(names: &[String]) -> bool {
    !names.is_empty() && names.iter().all(|name| looks_like_id(name))
}

/// Ids are capitals, digits and hyphens everywhere that portals are known; names are mixed.
fn looks_like_id(text: &str) -> bool {
    text.bytes().all(|byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
    })
}

/// Finds the ids of all `wanted`, each an id, a name (of several entries, perhaps) in any
/// case, or a part that only one name has.
fn find_ids(
    wanted: &Sourced<Vec<String>>,
    known: &[(&str, &str)],
    kind: &str,
    place: &str,
) -> Result<Vec<String>, SelectionError> {
    let mut ids: Vec<String> = Vec::new();
    for name in &wanted.value {
        let plain = crate::text::line(name, crate::text::NAME).to_lowercase();
        // An id to the letter, a name, an id in any case, a part of one name, and no match.
        let has_part = |title: &str| title.to_lowercase().contains(&plain);
        let mut parts = known.iter().filter(|(_, title)| has_part(title));
        let part = parts.next().map(|(_, title)| title);
        let is_unique = part.is_some() && parts.all(|(_, title)| Some(title) == part);
        let rank = |id: &str, title: &str| {
            if id == name {
                0
            } else if title.to_lowercase() == plain {
                1
            } else if id.eq_ignore_ascii_case(name) {
                2
            } else if is_unique && has_part(title) {
                3
            } else {
                4
            }
        };
        let ranks: Vec<u8> = known.iter().map(|(id, title)| rank(id, title)).collect();
        let Some(best) = ranks.iter().min().filter(|rank| **rank < 4) else {
            return Err(unknown_name(name, wanted, known, kind, place));
        };
        for ((id, _), _) in known.iter().zip(&ranks).filter(|(_, rank)| *rank == best) {
            if !ids.iter().any(|other| other == id) {
                ids.push((*id).to_owned());
            }
        }
    }
    Ok(ids)
}

fn unknown_name(
    name: &str,
    wanted: &Sourced<Vec<String>>,
    known: &[(&str, &str)],
    kind: &str,
    place: &str,
) -> SelectionError {
    let names = known.iter().flat_map(|(id, title)| [*id, *title]);
    let closest = diagnostic::names::closest_names(name, names);
    let message = format!("{place} has no {kind} `{name}` (from {})", wanted.origin);
    let mut hint = "`padel activities --all` lists what there is".to_owned();
    if !closest.is_empty() {
        hint = format!("did you mean `{}`? {hint}", closest.join("` or `"));
    }
    let error = Error::new(Code::NotFound, message, hint);
    SelectionError::Unknown(error.with("closest", closest))
}
