//! `GET /api/availability/V2/sessions`: its query, and its slots. Confirmed by several public
//! clients.

mod court;
mod reader;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

pub(super) use self::reader::{AnswerReader, Question};
use super::{
    IDS_PER_REQUEST, access::Access, context::PortalContext, endpoints::AVAILABILITY,
    failure::Failure, json::left_out, refuse_more_than, times::format_millis,
};
use crate::courts::Slot;

/// The most slots of one question, over all its requests. The largest that is known of has some ten
/// thousand.
pub(super) const MOST_SLOTS: usize = 300_000;
/// The most unknown statuses that are told: two are known, and a host might go on and on.
const NAMED: usize = 5;

/// First and last second of what is asked for, both included.
pub type Range = (DateTime<Utc>, DateTime<Utc>);

/// Slots that the portal lists for some ranges of time.
#[derive(Debug, Default)]
pub struct ListedSlots {
    /// All slots, duplicates included.
    pub slots: Vec<Slot>,
    /// Ids of the activities that have at least one element in the answer.
    pub activities: BTreeSet<String>,
    /// Ids of the activities' groups, by the activity's; for links.
    pub groups: BTreeMap<String, String>,
    /// Number of slots that were skipped; what cannot be counted counts as one.
    skipped: usize,
    /// The first few statuses that are neither available nor not.
    unknown: BTreeSet<String>,
    doubts: Doubts,
}

/// Numbers of slots that are not what they should be.
#[derive(Debug, Default)]
struct Doubts {
    /// Of another site or activity than asked for; left out.
    foreign: usize,
    /// Not for the web; left out.
    offline: usize,
    /// No word of when they open; not free.
    unopened: usize,
    /// The window starts or ends at no time that could be meant.
    half_open: usize,
    /// The portal's flag says one thing, its window another; not free.
    contradicted: usize,
    /// The window is over before it begins; not free.
    inverted: usize,
    /// No court has an id, or several have the same.
    nameless: usize,
    /// Listed beyond the portal's own count.
    surplus: usize,
}

impl Doubts {
    fn add(&mut self, other: &Self) {
        self.foreign += other.foreign;
        self.offline += other.offline;
        self.unopened += other.unopened;
        self.half_open += other.half_open;
        self.contradicted += other.contradicted;
        self.inverted += other.inverted;
        self.nameless += other.nameless;
        self.surplus += other.surplus;
    }
}

impl ListedSlots {
    /// Adds what another answer lists.
    fn append(&mut self, mut other: Self) {
        if self.slots.is_empty() {
            self.slots = other.slots;
        } else {
            self.slots.append(&mut other.slots);
        }
        self.activities.append(&mut other.activities);
        self.groups.append(&mut other.groups);
        self.skipped += other.skipped;
        self.unknown.append(&mut other.unknown);
        self.doubts.add(&other.doubts);
    }

    /// Returns whether no slot of the answer was skipped: what is not listed, the portal does not
    /// list.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.skipped == 0
    }

    /// Returns what was skipped, left out, unknown or doubtful, in words.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let unknown = self.unknown.iter().take(NAMED).map(|status| {
            format!("the portal calls a slot `{status}`, which is unknown here: counted as taken")
        });
        let Doubts {
            foreign,
            offline,
            unopened,
            half_open,
            contradicted,
            inverted,
            nameless,
            surplus,
        } = self.doubts;
        let doubts = [
            (
                foreign,
                "left out: of other sites or activities than were asked for",
            ),
            (offline, "left out: not bookable on the web"),
            (
                unopened,
                "not counted as free: the portal does not say when booking opens",
            ),
            (
                half_open,
                "counted as bookable until the start: the portal gives only half a booking window",
            ),
            (
                contradicted,
                "not counted as free: the portal's flag and its booking window contradict each \
                    other",
            ),
            (
                inverted,
                "not counted as free: the booking window ends before it begins",
            ),
            (
                nameless,
                "without ids of their courts: which of them share a court is not known",
            ),
            (surplus, "more than the portal's own count"),
        ];
        let doubts = doubts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| match count {
                1 => format!("1 slot {what}"),
                count => format!("{count} slots {what}"),
            });
        left_out("the club's slots", self.skipped)
            .into_iter()
            .chain(unknown)
            .chain(doubts)
            .collect()
    }
}

/// Lists everything in these ranges for these ids.
pub(super) async fn list_slots(
    context: &PortalContext,
    access: &Access,
    sites: &[String],
    activities: &[String],
    ranges: &[Range],
) -> Result<ListedSlots, Failure> {
    let mut found = ListedSlots::default();
    for range in ranges {
        for sites in sites.chunks(IDS_PER_REQUEST) {
            for activities in activities.chunks(IDS_PER_REQUEST) {
                let query = build_query(sites, activities, *range);
                let question = Question {
                    sites,
                    activities,
                    now: context.now,
                };
                let mut answer = AnswerReader::new(&question);
                let reply = access.get(AVAILABILITY, &query, Some(&mut answer)).await?;
                found.append(answer.finish(&reply, context.host())?);
                refuse_more_than(MOST_SLOTS, found.slots.len(), AVAILABILITY)?;
            }
        }
    }
    Ok(found)
}

/// Returns the query's parameters: ids in one list each, times in UTC, both ends included.
fn build_query(
    sites: &[String],
    activities: &[String],
    (from, to): Range,
) -> [(&'static str, String); 5] {
    [
        ("siteIds", sites.join(",")),
        ("activityIds", activities.join(",")),
        ("webBookableOnly", "true".to_owned()),
        ("dateFrom", format_millis(from)),
        ("dateTo", format_millis(to)),
    ]
}
