//! A part of the catalogue: as this call asked for it, or as an earlier one within a day kept it.

use std::cell::{Cell, RefCell};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::cache::Cache;

/// How long a catalogue is kept.
const LIFE: TimeDelta = TimeDelta::hours(24);

pub(super) struct Shelf<T> {
    kind: &'static str,
    /// What this call asked for, and for which sites.
    asked: RefCell<Option<(Vec<String>, Vec<T>)>>,
    used_kept: Cell<bool>,
    distrusted: Cell<bool>,
}

/// Something from the catalogue, when it was asked for, and for which sites.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    at: DateTime<Utc>,
    sites: Vec<String>,
    items: Vec<T>,
}

impl<T: Clone + Serialize + DeserializeOwned> Shelf<T> {
    /// An empty one; `kind` names its file in the cache.
    pub(super) fn new(kind: &'static str) -> Self {
        Self { kind, asked: RefCell::default(), used_kept: Cell::default(), distrusted: Cell::default() }
    }

    /// What is there for these sites.
    pub(super) fn get(&self, sites: &[String], cache: &Cache, now: DateTime<Utc>) -> Option<Vec<T>> {
        if let Some((of, items)) = &*self.asked.borrow()
            && of == sites
        {
            return Some(items.clone());
        }
        if self.distrusted.get() {
            return None;
        }
        let kept: Kept<T> = cache.read(self.kind)?;
        let is_fresh = (TimeDelta::zero()..LIFE).contains(&(now - kept.at));
        let items = (kept.sites == sites && is_fresh).then_some(kept.items)?;
        self.used_kept.set(true);
        Some(items)
    }

    /// Takes an answer; one with gaps is not kept for later calls.
    pub(super) fn put(&self, sites: &[String], items: &[T], is_whole: bool, cache: &Cache, at: DateTime<Utc>) {
        *self.asked.borrow_mut() = Some((sites.to_vec(), items.to_vec()));
        if is_whole {
            cache.write(self.kind, &Kept { at, sites: sites.to_vec(), items: items.iter().collect() });
        }
    }

    /// From now on uses nothing that an earlier call kept; `true` where that was used so far.
    pub(super) fn distrust(&self) -> bool {
        self.distrusted.set(true);
        self.used_kept.take()
    }
}
