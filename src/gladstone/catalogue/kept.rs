//! A part of the catalogue: as this call asked for it, or as an earlier one within the hour kept
//! it.

use std::cell::{Cell, RefCell};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::gladstone::cache::Cache;

/// How long a catalogue is kept: what a club adds appears within it.
const LIFE: TimeDelta = TimeDelta::hours(1);

pub(in crate::gladstone) struct Shelf<T> {
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
    pub(in crate::gladstone) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            asked: RefCell::default(),
            used_kept: Cell::default(),
            distrusted: Cell::default(),
        }
    }

    /// What is there for these sites, to ask by.
    pub(in crate::gladstone) fn get(
        &self,
        sites: &[String],
        cache: &Cache,
        now: DateTime<Utc>,
    ) -> Option<Vec<T>> {
        if let Some(items) = self.asked(sites) {
            return Some(items);
        }
        if self.distrusted.get() {
            return None;
        }
        let items = self.kept(sites, cache, now)?;
        self.used_kept.set(true);
        Some(items)
    }

    /// What is there for these sites, for no more than words about an answer.
    pub(in crate::gladstone) fn known(
        &self,
        sites: &[String],
        cache: &Cache,
        now: DateTime<Utc>,
    ) -> Option<Vec<T>> {
        self.asked(sites).or_else(|| self.kept(sites, cache, now))
    }

    fn asked(&self, sites: &[String]) -> Option<Vec<T>> {
        self.asked
            .borrow()
            .as_ref()
            .filter(|(of, _)| of == sites)
            .map(|(_, items)| items.clone())
    }

    fn kept(&self, sites: &[String], cache: &Cache, now: DateTime<Utc>) -> Option<Vec<T>> {
        let kept: Kept<T> = cache.read(self.kind)?;
        let is_fresh = (TimeDelta::zero()..LIFE).contains(&(now - kept.at));
        (kept.sites == sites && is_fresh).then_some(kept.items)
    }

    /// Takes an answer; one with gaps is not kept for later calls.
    pub(in crate::gladstone) fn put(
        &self,
        sites: &[String],
        items: &[T],
        is_whole: bool,
        cache: &Cache,
        at: DateTime<Utc>,
    ) {
        *self.asked.borrow_mut() = Some((sites.to_vec(), items.to_vec()));
        if is_whole {
            cache.write(
                self.kind,
                &Kept {
                    at,
                    sites: sites.to_vec(),
                    items: items.iter().collect(),
                },
            );
        }
    }

    /// From now on uses nothing that an earlier call kept; `true` where that was used so far.
    pub(in crate::gladstone) fn distrust(&self) -> bool {
        self.distrusted.set(true);
        self.used_kept.take()
    }
}
