//! Which sites and activities are meant: ids as they are, names by way of the club's catalogue.

use crate::{
    config::{Settings, Sourced},
    error::{Code, Error},
    gladstone::{Failure, Portal},
};

/// The ids to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) sites: Vec<String>,
    pub(super) activities: Vec<String>,
}

/// What counts as an id without asking the portal: whatever looks like one, of either kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Belief {
    pub(super) sites: bool,
    pub(super) activities: bool,
}

impl Belief {
    /// No request where all are ids.
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

/// Why there is nothing to ask for.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The club's catalogue does not have it: `not_found`, with the closest names.
    Unknown(Error),
    /// The catalogue could not be had.
    Failed(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown(error) => error,
            Refusal::Failed(failure) => failure.into(),
        }
    }
}

/// The ids of the settings in force. Before a name is called unknown, the portal itself is asked: a
/// catalogue of this morning does not have what is new, and a site that does not exist has no
/// activities.
///
/// # Errors
///
/// A [`Refusal`].
pub(super) async fn choose(
    portal: &Portal,
    settings: &Settings,
    belief: Belief,
) -> Result<Chosen, Refusal> {
    let outcome = choose_once(portal, settings, belief).await;
    let believed = belief.sites && are_ids(&settings.sites.value);
    if !matches!(outcome, Err(Refusal::Unknown(_))) || !(portal.distrust_kept() || believed) {
        return outcome;
    }
    match choose_once(portal, settings, Belief::NOTHING).await {
        // A club that lists its activities but not its sites.
        Err(Refusal::Failed(Failure::Absent { .. })) => outcome,
        again => again,
    }
}

async fn choose_once(
    portal: &Portal,
    settings: &Settings,
    belief: Belief,
) -> Result<Chosen, Refusal> {
    let sites = sites(portal, settings, belief.sites).await?;
    let activities = activities(portal, settings, &sites, belief.activities).await?;
    Ok(Chosen { sites, activities })
}

/// What the settings choose, checked in the catalogue, and each activity as `id name`.
///
/// # Errors
///
/// `not_found`, with the closest names; any failure of the portal.
pub(super) async fn matched(
    portal: &Portal,
    settings: &Settings,
) -> Result<(Chosen, Vec<String>), Error> {
    let chosen = choose(portal, settings, Belief::NOTHING).await?;
    let names = portal
        .activities(&chosen.sites)
        .await?
        .into_iter()
        .filter(|activity| chosen.activities.contains(&activity.id))
        .map(|activity| format!("{} {}", activity.id, activity.name))
        .collect();
    Ok((chosen, names))
}

/// The ids of the sites that are meant.
///
/// # Errors
///
/// A [`Refusal`].
pub(super) async fn sites(
    portal: &Portal,
    settings: &Settings,
    believe: bool,
) -> Result<Vec<String>, Refusal> {
    let wanted = &settings.sites;
    if believe && are_ids(&wanted.value) {
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
    resolve(wanted, &known, "site", portal.club())
}

/// The ids of the activities that are meant, at these sites.
///
/// # Errors
///
/// A [`Refusal`].
pub(super) async fn activities(
    portal: &Portal,
    settings: &Settings,
    sites: &[String],
    believe: bool,
) -> Result<Vec<String>, Refusal> {
    let wanted = &settings.activities;
    if believe && are_ids(&wanted.value) {
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
        return resolve(wanted, &known, "activity", &place);
    }
    let sport = settings.sport.value.to_lowercase();
    let of_sport = catalogue.iter().filter(|activity| {
        activity.name.to_lowercase().contains(&sport)
            || activity.description.to_lowercase().contains(&sport)
    });
    let activities: Vec<String> = of_sport.map(|activity| activity.id.clone()).collect();
    if activities.is_empty() {
        let message = format!(
            "{place} lists no activity called `{}`",
            settings.sport.value
        );
        let hint = "`padel activities --all` lists them all; put the right ids into config.toml, or set `sport`";
        return Err(Refusal::Unknown(Error::new(Code::NotFound, message, hint)));
    }
    Ok(activities)
}

/// Whether all are meant as ids, and there are some.
pub(super) fn are_ids(names: &[String]) -> bool {
    !names.is_empty() && names.iter().all(|name| looks_like_id(name))
}

/// Ids are capitals, digits and hyphens everywhere that portals are known; names are mixed.
fn looks_like_id(text: &str) -> bool {
    text.bytes().all(|byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
    })
}

/// The ids of all `wanted`, each an id or a name (of several entries, perhaps) in any case.
fn resolve(
    wanted: &Sourced<Vec<String>>,
    known: &[(&str, &str)],
    kind: &str,
    place: &str,
) -> Result<Vec<String>, Refusal> {
    let mut ids: Vec<String> = Vec::new();
    for name in &wanted.value {
        let of = |matches: &dyn Fn(&str, &str) -> bool| -> Vec<&str> {
            known
                .iter()
                .filter(|(id, title)| matches(id, title))
                .map(|(id, _)| *id)
                .collect()
        };
        let plain = crate::text::line(name, crate::text::NAME).to_lowercase();
        let found = [
            of(&|id, _| id == name),
            of(&|_, title| title.to_lowercase() == plain),
            of(&|id, _| id.eq_ignore_ascii_case(name)),
        ];
        let Some(found) = found.into_iter().find(|found| !found.is_empty()) else {
            return Err(Refusal::Unknown(unknown(name, wanted, known, kind, place)));
        };
        ids.extend(
            found
                .into_iter()
                .map(str::to_owned)
                .filter(|id| !ids.contains(id))
                .collect::<Vec<_>>(),
        );
    }
    Ok(ids)
}

fn unknown(
    name: &str,
    wanted: &Sourced<Vec<String>>,
    known: &[(&str, &str)],
    kind: &str,
    place: &str,
) -> Error {
    let closest =
        diagnostic::names::closest(name, known.iter().flat_map(|(id, title)| [*id, *title]));
    let message = format!("{place} has no {kind} `{name}` (from {})", wanted.origin);
    let hint = match closest.as_slice() {
        [] => "`padel activities --all` lists what there is".to_owned(),
        closest => format!(
            "did you mean {}? `padel activities --all` lists what there is",
            quoted(closest)
        ),
    };
    Error::new(Code::NotFound, message, hint).with("closest", closest)
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(" or ")
}
