//! What an activity takes: a court, or a set of courts.

use std::collections::BTreeSet;

use super::wire::{Detail, Location};
use crate::sort::sort_by;
use crate::text;

#[derive(Default)]
pub(super) struct Court {
    /// Sorted, so that a set of courts is the same in any order; empty where not each of them has
    /// its own.
    pub(super) ids: Vec<String>,
    pub(super) name: String,
}

impl Court {
    pub(super) fn of(location: Option<&Location<'_>>) -> Self {
        let Some(location) = location else {
            return Self::default();
        };
        let listed = location.location_details.as_deref().unwrap_or_default();
        let details: Vec<&Detail<'_>> = listed.iter().flatten().collect();
        let mut ids: Vec<String> = details
            .iter()
            .map(|detail| detail.location_id.clean_name())
            .collect();
        sort_by(&mut ids, Ord::cmp);
        ids.dedup();
        if ids.len() < listed.len() || ids.first().is_some_and(String::is_empty) {
            ids.clear();
        }
        Self {
            ids,
            name: name_courts(location, &details),
        }
    }
}

/// Names all courts; for one court the name that the portal displays, which for several is only
/// the first.
fn name_courts(location: &Location<'_>, details: &[&Detail<'_>]) -> String {
    // One by one: an escape sequence that does not end takes the rest with it.
    let mut names = details.iter().map(|detail| name_court(detail));
    if details.len() > 1 {
        let names: Vec<String> = names.collect();
        return text::court(&names.join(" + "));
    }
    let displayed = text::court(&location.location_name_to_display.0);
    if !displayed.is_empty() {
        return displayed;
    }
    let name = names.next().filter(|name| !name.is_empty());
    name.unwrap_or_else(|| "unnamed court".to_owned())
}

fn name_court(detail: &Detail<'_>) -> String {
    let name = text::court(&detail.location_name.0);
    if name.is_empty() {
        detail.location_id.clean_name()
    } else {
        name
    }
}

/// Takes away ids that one activity lists twice: they tell no courts apart.
pub(super) fn forget_ambiguous_ids(courts: &mut [Court]) {
    let (mut known, mut ambiguous) = (BTreeSet::new(), BTreeSet::new());
    for court in courts.iter().filter(|court| !court.ids.is_empty()) {
        if !known.insert(&court.ids) {
            ambiguous.insert(court.ids.clone());
        }
    }
    for court in courts
        .iter_mut()
        .filter(|court| ambiguous.contains(&court.ids))
    {
        court.ids.clear();
    }
}
