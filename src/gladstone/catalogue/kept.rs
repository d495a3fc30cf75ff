//! A list of the catalogue: as this call asked for it, or as an earlier one within the hour kept
//! it.

use std::cell::{Cell, RefCell};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::gladstone::{cache::Cache, context::PortalContext};

/// Life of a kept list: what a club adds appears within it.
const LIFE: TimeDelta = TimeDelta::hours(1);

pub(super) struct KeptList<T> {
    /// Name of the file in the cache.
    kind: &'static str,
    /// The list that this call asked for, and its sites.
    asked: RefCell<Option<(Vec<String>, Vec<T>)>>,
    used_kept: Cell<bool>,
    distrusted: Cell<bool>,
}

/// A list, when it was asked for, and for which sites.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    at: DateTime<Utc>,
    sites: Vec<String>,
    items: Vec<T>,
}

/// Returns a list of whatever age, or nothing.
pub(super) fn read_any_age<T: DeserializeOwned>(kind: &str, cache: &Cache) -> Vec<T> {
    let kept: Option<Kept<T>> = cache.read(kind);
    kept.map_or_else(Vec::new, |kept| kept.items)
}

impl<T: Clone + Serialize + DeserializeOwned> KeptList<T> {
    pub(super) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            asked: RefCell::default(),
            used_kept: Cell::default(),
            distrusted: Cell::default(),
        }
    }

    /// Returns the list of these sites, to ask by.
    pub(super) fn get_to_ask(&self, sites: &[String], context: &PortalContext) -> Option<Vec<T>> {
        if let Some(items) = self.asked_list(sites) {
            return Some(items);
        }
        if self.distrusted.get() {
            return None;
        }
        let items = self.read_kept(sites, context)?;
        self.used_kept.set(true);
        Some(items)
    }

    /// Returns the list of these sites, for no more than words about an answer.
    pub(super) fn get_for_words(
        &self,
        sites: &[String],
        context: &PortalContext,
    ) -> Option<Vec<T>> {
        self.asked_list(sites)
            .or_else(|| self.read_kept(sites, context))
    }

    fn asked_list(&self, sites: &[String]) -> Option<Vec<T>> {
        let asked = self.asked.borrow();
        let (_, items) = asked.as_ref().filter(|(of, _)| of == sites)?;
        Some(items.clone())
    }

    fn read_kept(&self, sites: &[String], context: &PortalContext) -> Option<Vec<T>> {
        let kept: Kept<T> = context.cache.read(self.kind)?;
        let is_fresh = (TimeDelta::zero()..LIFE).contains(&(context.now - kept.at));
        (kept.sites == sites && is_fresh).then_some(kept.items)
    }

    /// Takes an answer; one with gaps is not kept for later calls.
    pub(super) fn put_answer(
        &self,
        sites: &[String],
        items: &[T],
        is_whole: bool,
        context: &PortalContext,
    ) {
        *self.asked.borrow_mut() = Some((sites.to_vec(), items.to_vec()));
        if is_whole {
            let kept = Kept {
                at: context.now,
                sites: sites.to_vec(),
                items: items.iter().collect(),
            };
            context.cache.write(self.kind, &kept);
        }
    }

    /// From now on uses nothing that an earlier call kept; `true` where that was used so far.
    pub(super) fn distrust_kept(&self) -> bool {
        self.distrusted.set(true);
        self.used_kept.take()
    }
}
