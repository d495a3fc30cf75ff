//! The club's sites and activities, each asked for once an hour.

mod kept;
mod wire;

use std::{cell::RefCell, collections::HashSet, path::PathBuf, rc::Rc};

use serde::{Deserialize, Serialize};

use self::kept::KeptList;
#[cfg(any(test, fuzzing))]
pub(super) use self::wire::{read_activities, read_sites};
#[cfg(not(any(test, fuzzing)))]
use self::wire::{read_activities, read_sites};
use super::{
    IDS_PER_REQUEST,
    access::Access,
    cache::Cache,
    context::PortalContext,
    endpoints::{ACTIVITIES, SITES},
    failure::Failure,
    refuse_more_than,
};
use crate::{config::Club, log::Log};

/// The most sites or activities of a club. Known clubs have some hundreds.
pub(super) const MOST_NAMES: usize = 10_000;

/// A site of the club.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Such as `UB` or `14`.
    pub id: String,
    /// One printable line; may be empty.
    pub name: String,
}

/// Something that can be booked; each duration is an activity of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Case-sensitive, such as `149A001015`.
    pub id: String,
    /// One printable line; may be empty.
    pub name: String,
    /// One printable line; may be empty.
    pub description: String,
}

/// Returns the sites that an earlier call kept below `cache`, however long ago: names to offer, never
/// to ask by.
#[must_use]
pub fn kept_sites(cache: Option<PathBuf>, club: &Club) -> Vec<Site> {
    kept::read_any_age(SITES_FILE, &Cache::new(cache, club.base(), Log(0)))
}

/// Returns the activities that an earlier call kept, as [`kept_sites`] does.
#[must_use]
pub fn kept_activities(cache: Option<PathBuf>, club: &Club) -> Vec<Activity> {
    kept::read_any_age(ACTIVITIES_FILE, &Cache::new(cache, club.base(), Log(0)))
}

/// Names of the files in the cache.
const SITES_FILE: &str = "sites";
const ACTIVITIES_FILE: &str = "activities";

pub(super) struct Catalogue {
    context: Rc<PortalContext>,
    sites: KeptList<Site>,
    activities: KeptList<Activity>,
    /// Sentences about what could not be read so far.
    gaps: RefCell<Vec<String>>,
}

impl Catalogue {
    pub(super) fn new(context: &Rc<PortalContext>) -> Self {
        Self {
            context: Rc::clone(context),
            sites: KeptList::new(SITES_FILE),
            activities: KeptList::new(ACTIVITIES_FILE),
            gaps: RefCell::default(),
        }
    }

    /// Returns the club's sites; `Changed` where the list is empty.
    pub(super) async fn sites(&self, access: &Access) -> Result<Vec<Site>, Failure> {
        let context = &*self.context;
        if let Some(items) = self.sites.get_to_ask(&[], context) {
            return Ok(items);
        }
        let query = ["includeFacilitiesAndAmenities", "isActive"];
        let query = query.map(|name| (name, "true".to_owned()));
        let reply = access.get(SITES, &query, None).await?;
        let (items, warnings) = read_sites(&reply, context.host())?;
        refuse_more_than(MOST_NAMES, items.len(), SITES)?;
        if items.is_empty() {
            // Else it would be the sport that such a club seems to lack.
            return Err(Failure::changed(SITES, "the club's sites", "none", ""));
        }
        self.sites
            .put_answer(&[], &items, warnings.is_empty(), context);
        self.add_gaps(warnings);
        Ok(items)
    }

    /// Returns the sites where they were asked for within the hour; sends nothing.
    pub(super) fn known_sites(&self) -> Vec<Site> {
        self.sites
            .get_for_words(&[], &self.context)
            .unwrap_or_default()
    }

    /// Returns the activities of these sites that can be booked on the web.
    pub(super) async fn activities(
        &self,
        access: &Access,
        sites: &[String],
    ) -> Result<Vec<Activity>, Failure> {
        let context = &*self.context;
        if let Some(items) = self.activities.get_to_ask(sites, context) {
            return Ok(items);
        }
        let (mut all, mut known, mut gaps) = (Vec::new(), HashSet::new(), Vec::new());
        for sites in sites.chunks(IDS_PER_REQUEST) {
            let query = [
                ("siteIds", sites.join(",")),
                ("webBookableOnly", "true".to_owned()),
            ];
            let reply = access.get(ACTIVITIES, &query, None).await?;
            let (items, warnings) = read_activities(&reply, context.host())?;
            refuse_more_than(MOST_NAMES, all.len() + items.len(), ACTIVITIES)?;
            all.extend(
                items
                    .into_iter()
                    .filter(|item: &Activity| known.insert(item.id.clone())),
            );
            gaps.extend(warnings);
        }
        self.activities
            .put_answer(sites, &all, gaps.is_empty(), context);
        self.add_gaps(gaps);
        Ok(all)
    }

    /// From now on uses nothing that an earlier call kept; `true` where that was used so far.
    pub(super) fn distrust_kept(&self) -> bool {
        self.sites.distrust_kept() | self.activities.distrust_kept()
    }

    /// Returns what could not be read so far, a sentence each.
    pub(super) fn gaps(&self) -> Vec<String> {
        self.gaps.borrow().clone()
    }

    fn add_gaps(&self, warnings: Vec<String>) {
        let mut gaps = self.gaps.borrow_mut();
        for warning in warnings {
            // A command may look into the catalogue twice.
            if !gaps.contains(&warning) {
                gaps.push(warning);
            }
        }
    }
}
