//! `GET /api/availability/V2/sessions`: its query, and its JSON as slots. Confirmed by several
//! public clients.

use std::{collections::BTreeSet, rc::Rc};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;

use super::{
    endpoints::AVAILABILITY as ENDPOINT,
    failure::Failure,
    json::{Bad, Item, List, Text, elements, left_out, place, skipped},
    times::{time, whole_minute},
    transport::Reply,
};
use crate::{
    courts::{Listing, Slot},
    text,
};

/// The most unknown statuses that are told: two are known, and a host might go on and on.
const NAMED: usize = 5;

/// First and last second of what is asked for, both included.
pub type Range = (DateTime<Utc>, DateTime<Utc>);

/// What the portal lists for some ranges of time.
#[derive(Debug, Default)]
pub struct Sessions {
    /// All slots, duplicates included.
    pub slots: Vec<Slot>,
    /// Ids of the activities that have at least one element in the answer.
    pub activities: BTreeSet<String>,
    /// How many slots were skipped; what cannot be counted counts as one.
    skipped: usize,
    /// What the portal calls slots that are neither available nor not: the first few names.
    unknown: BTreeSet<String>,
    doubts: Doubts,
}

/// How many slots are not what they should be.
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

impl Sessions {
    /// What was skipped, left out, unknown or doubtful, in words.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let unknown = self.unknown.iter().map(|status| {
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
                "not counted as free: the portal's flag and its booking window contradict each other",
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
        left_out(ENDPOINT, self.skipped)
            .into_iter()
            .chain(unknown)
            .chain(doubts)
            .collect()
    }
}

/// What an answer is held against: the ids of its request, and the present.
pub(super) struct Question<'a> {
    pub(super) sites: &'a [String],
    pub(super) activities: &'a [String],
    pub(super) now: DateTime<Utc>,
}

/// One activity on one date.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
struct Element<'a> {
    id: Text<'a>,
    name: Text<'a>,
    site_id: Text<'a>,
    web_bookable: Text<'a>,
    slot_count: Text<'a>,
    locations: List<Item<Location<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
struct Location<'a> {
    location_name_to_display: Text<'a>,
    location_details: List<Item<Detail<'a>>>,
    slots: List<Item<WireSlot<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
struct Detail<'a> {
    location_id: Text<'a>,
    location_name: Text<'a>,
}

/// Only the times and the status are required.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
struct WireSlot<'a> {
    start_time: Text<'a>,
    end_time: Text<'a>,
    status: Option<Text<'a>>,
    bookable_from: Text<'a>,
    bookable_until: Text<'a>,
    is_before_timetable_slot_bookable_period: Text<'a>,
}

/// The query's parameters: ids in one list each, times in UTC, both ends included.
pub(super) fn query(
    sites: &[String],
    activities: &[String],
    (from, to): Range,
) -> Vec<(&'static str, String)> {
    let stamp = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
    vec![
        ("siteIds", sites.join(",")),
        ("activityIds", activities.join(",")),
        ("webBookableOnly", "true".to_owned()),
        ("dateFrom", stamp(from)),
        ("dateTo", stamp(to)),
    ]
}

/// Adds the slots of one answer that belong to the question.
pub(super) fn read(
    reply: &Reply,
    host: &str,
    question: &Question<'_>,
    sessions: &mut Sessions,
) -> Result<(), Failure> {
    let mut repaired = Vec::new();
    let elements: Vec<Item<Element<'_>>> = elements(reply, host, &mut repaired)?;
    let before = sessions.slots.len();
    let mut reader = Reader {
        question,
        sessions,
        bad: Bad::of(reply),
    };
    for (index, element) in elements.iter().enumerate() {
        match &element.0 {
            Some(element) => reader.element(index, element),
            None => reader.bad.push(place(index, ""), "expected an object"),
        }
    }
    let Reader { bad, .. } = reader;
    sessions.skipped += skipped(ENDPOINT, &bad, sessions.slots.len() == before)?;
    Ok(())
}

struct Reader<'a> {
    question: &'a Question<'a>,
    sessions: &'a mut Sessions,
    bad: Bad,
}

impl Reader<'_> {
    fn element(&mut self, index: usize, element: &Element<'_>) {
        let locations = element.locations.0.as_deref().unwrap_or_default();
        let listed = locations
            .iter()
            .map(|location| slots(location).map_or(0, <[_]>::len))
            .sum::<usize>();
        let counted: Option<usize> = element.slot_count.0.parse().ok();
        let all = counted.unwrap_or_default().max(listed);
        let site_id = asked(&element.site_id, self.question.sites, is_same_site);
        let activity_id = asked(&element.id, self.question.activities, |id, said| id == said);
        let (site_id, activity_id) = match (site_id, activity_id) {
            (Ok(site_id), Ok(activity_id)) => (site_id, activity_id),
            (Err(Stranger::Foreign), _) | (_, Err(Stranger::Foreign)) => {
                self.sessions.doubts.foreign += all;
                return;
            }
            _ => {
                return self.bad.push_many(
                    all.max(1),
                    place(index, ""),
                    "it does not say of which site and activity",
                );
            }
        };
        self.sessions.activities.insert(activity_id.clone());
        if element.web_bookable.flag() == Some(false) {
            self.sessions.doubts.offline += all;
            return;
        }
        let name = element.name.clean();
        let activity = if name.is_empty() {
            activity_id.clone()
        } else {
            name
        };
        let listing = Listing {
            site_id,
            activity_id,
            activity,
            court: String::new(),
            court_ids: Vec::new(),
        };
        let before = self.sessions.slots.len();
        let mut lost = Vec::new();
        if element.locations.0.is_none() {
            lost.push(place(index, "locations"));
        }
        let mut courts: Vec<Court> = locations
            .iter()
            .map(|location| Court::of(location.0.as_ref()))
            .collect();
        forget_ambiguous_ids(&mut courts);
        for (at, (location, court)) in locations.iter().zip(courts).enumerate() {
            let path = |inside: &str| place(index, &format!("locations[{at}].{inside}"));
            match slots(location) {
                Some(slots) => self.location(&listing, court, slots, path),
                None => lost.push(path("slots")),
            }
        }
        // The portal counts what is listed once per court as often. No slots, and no word that
        // there are none, is no answer.
        let missing = counted.map_or(usize::from(listed == 0), |counted| {
            counted.saturating_sub(listed)
        });
        match lost.into_iter().next() {
            Some(path) => self
                .bad
                .push_many(missing.max(1), path, "no list where one belongs"),
            None if missing > 0 => {
                let why = format!(
                    "{listed} slots are listed, but not {missing} more that the portal counts"
                );
                self.bad.push_many(missing, place(index, "slotCount"), why);
            }
            None => {}
        }
        if let Some(counted) = counted.filter(|counted| *counted < listed) {
            let slots = &self.sessions.slots[before..];
            let distinct: BTreeSet<_> = slots
                .iter()
                .map(|slot| (&slot.listing, slot.start, slot.end))
                .collect();
            self.sessions.doubts.surplus += distinct.len().saturating_sub(counted);
        }
    }

    /// Adds the slots of one court, or of one set of courts.
    fn location(
        &mut self,
        listing: &Listing,
        court: Court,
        slots: &[Item<WireSlot<'_>>],
        path: impl Fn(&str) -> String,
    ) {
        let before = self.sessions.slots.len();
        let is_nameless = court.ids.is_empty();
        let listing = Rc::new(Listing {
            court: court.name,
            court_ids: court.ids,
            ..listing.clone()
        });
        for (number, slot) in slots.iter().enumerate() {
            let path = |field: &str| path(&format!("slots[{number}]{field}"));
            match &slot.0 {
                Some(slot) => self.slot(&listing, slot, path),
                None => self.bad.push(path(""), "expected an object"),
            }
        }
        if is_nameless {
            self.sessions.doubts.nameless += self.sessions.slots.len() - before;
        }
    }

    fn slot(&mut self, listing: &Rc<Listing>, slot: &WireSlot<'_>, path: impl Fn(&str) -> String) {
        let (Some(start), Some(end)) = (
            time(&slot.start_time.0),
            time(&slot.end_time.0).map(whole_minute),
        ) else {
            let start_is_bad = time(&slot.start_time.0).is_none();
            let (field, got) = if start_is_bad {
                (".startTime", &slot.start_time)
            } else {
                (".endTime", &slot.end_time)
            };
            return self.bad.push(
                path(field),
                format!("`{}` is not a UTC time", text::line(&got.0, 40)),
            );
        };
        let Some(Text(status)) = &slot.status else {
            return self.bad.push(path(".status"), "a value is missing");
        };
        let available = status.eq_ignore_ascii_case("available");
        if !available
            && !status.eq_ignore_ascii_case("unavailable")
            && self.sessions.unknown.len() < NAMED
        {
            self.sessions.unknown.insert(text::line(status, 40));
        }
        let slot = self.with_window(
            slot,
            Slot {
                listing: Rc::clone(listing),
                start,
                end,
                bookable_from: None,
                bookable_until: None,
                available,
                before_window: false,
            },
        );
        if slot.is_plausible() {
            self.sessions.slots.push(slot);
        } else {
            self.bad.push(
                path(""),
                "a slot that does not end a minute after it starts, or later within a day",
            );
        }
    }

    /// Puts the booking window in. Only one that is known to be open makes a slot free: what cannot
    /// be read, and what the portal contradicts, opens later, at a time that is not known.
    fn with_window(&mut self, wire: &WireSlot<'_>, mut slot: Slot) -> Slot {
        let (from, until) = (
            Edge::of(&wire.bookable_from),
            Edge::of(&wire.bookable_until),
        );
        let flag = wire.is_before_timetable_slot_bookable_period.flag();
        slot.bookable_until = until.time();
        slot.bookable_from = from.time();
        let now = self.question.now;
        let doubts = &mut self.sessions.doubts;
        if !slot.available || now >= slot.bookable_until.unwrap_or(slot.start) {
            // A slot that is yet to come: its window is not over if it never was.
            let is_inverted = slot.bookable_until < slot.bookable_from && now < slot.start;
            doubts.inverted +=
                usize::from(slot.available && is_inverted && slot.bookable_until.is_some());
            return slot;
        }
        let is_open = match from {
            Edge::At(from) => from <= now,
            Edge::Past => true,
            Edge::Unknown | Edge::Future => {
                slot.before_window = true;
                doubts.unopened += usize::from(flag != Some(true));
                return slot;
            }
        };
        if is_open && flag == Some(true) {
            doubts.contradicted += 1;
            slot.before_window = true;
            slot.bookable_from = None;
        } else if matches!(from, Edge::Past) || !matches!(until, Edge::At(_)) {
            doubts.half_open += 1;
        }
        slot
    }
}

/// One end of a booking window.
#[derive(Clone, Copy)]
enum Edge {
    /// A time that can be meant.
    At(DateTime<Utc>),
    /// Before 1900: how .NET writes that there is no time.
    Past,
    /// After 9998, which is as much.
    Future,
    /// Missing, or no time.
    Unknown,
}

impl Edge {
    fn of(field: &Text<'_>) -> Self {
        if let Some(time) = time(&field.0) {
            return Self::At(time);
        }
        match field
            .0
            .split_once('-')
            .map(|(year, _)| (year.len(), year.parse()))
        {
            Some((4, Ok(..1900))) => Self::Past,
            Some((4, Ok(9999_u16))) => Self::Future,
            _ => Self::Unknown,
        }
    }

    fn time(self) -> Option<DateTime<Utc>> {
        if let Self::At(time) = self {
            Some(time)
        } else {
            None
        }
    }
}

/// Why an id is none that was asked for.
enum Stranger {
    Foreign,
    Unnamed,
}

/// The id that was asked for and that is meant; where the portal names none, the only one that was
/// asked for.
fn asked(
    said: &Text<'_>,
    ids: &[String],
    is_same: impl Fn(&str, &str) -> bool,
) -> Result<String, Stranger> {
    let said = said.clean();
    match ids {
        [] => Ok(said),
        [id] if said.is_empty() => Ok(id.clone()),
        _ if said.is_empty() => Err(Stranger::Unnamed),
        ids => ids
            .iter()
            .find(|id| is_same(id, &said))
            .cloned()
            .ok_or(Stranger::Foreign),
    }
}

/// Whether two ids are of one site: numbers may be padded with zeros.
fn is_same_site(id: &str, said: &str) -> bool {
    let is_number = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    id == said
        || (is_number(id)
            && is_number(said)
            && id.trim_start_matches('0') == said.trim_start_matches('0'))
}

fn slots<'a, 'b>(location: &'b Item<Location<'a>>) -> Option<&'b [Item<WireSlot<'a>>]> {
    location.0.as_ref()?.slots.0.as_deref()
}

/// What an activity takes: a court, or a set of courts.
#[derive(Default)]
struct Court {
    /// Sorted, so that a set of courts is the same in any order; empty where not each of them has
    /// its own.
    ids: Vec<String>,
    name: String,
}

impl Court {
    fn of(location: Option<&Location<'_>>) -> Self {
        let Some(location) = location else {
            return Self::default();
        };
        let listed = location.location_details.0.as_deref().unwrap_or_default();
        let details: Vec<&Detail<'_>> = listed
            .iter()
            .filter_map(|detail| detail.0.as_ref())
            .collect();
        let mut ids: Vec<String> = details
            .iter()
            .map(|detail| detail.location_id.clean())
            .collect();
        ids.sort();
        ids.dedup();
        if ids.len() < listed.len() || ids.first().is_some_and(String::is_empty) {
            ids.clear();
        }
        Self {
            ids,
            name: court_name(location, &details),
        }
    }
}

/// All courts' names; for one court the name that the portal displays, which for several is only
/// the first.
fn court_name(location: &Location<'_>, details: &[&Detail<'_>]) -> String {
    // One by one: an escape sequence that does not end takes the rest with it.
    let named = |detail: &&Detail<'_>| {
        let name = text::court(&detail.location_name.0);
        if name.is_empty() {
            detail.location_id.clean()
        } else {
            name
        }
    };
    if details.len() > 1 {
        let names: Vec<String> = details.iter().map(named).collect();
        return text::court(&names.join(" + "));
    }
    let displayed = text::court(&location.location_name_to_display.0);
    let names = [displayed].into_iter().chain(details.iter().map(named));
    names
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "unnamed court".to_owned())
}

/// Takes away ids that one activity lists twice: they tell no courts apart.
fn forget_ambiguous_ids(courts: &mut [Court]) {
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
