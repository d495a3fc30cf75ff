//! Reads an answer's slots, and holds them against what was asked for.

use std::rc::Rc;

use chrono::{DateTime, Utc};
use json_cursor::{Cursor, Read};

use super::{
    ListedSlots, NAMED,
    court::{Court, forget_ambiguous_ids},
    wire::{Element, Location, WindowEnd, WireSlot},
};
use crate::{
    courts::{Listing, Slot},
    gladstone::{
        body::Intake,
        failure::Failure,
        json::{Elements, Skipped, Text, element_path},
        times::{parse_utc, round_up_to_minute},
        transport::Reply,
    },
    sort::sort_by,
    text,
};

/// The ids of a request and the present, which an answer is held against.
pub(crate) struct Question<'a> {
    pub(crate) sites: &'a [String],
    pub(crate) activities: &'a [String],
    pub(crate) now: DateTime<Utc>,
}

/// One answer, read while it arrives: the slots in it that belong to the question.
pub(crate) struct AnswerReader<'a> {
    elements: Elements,
    reader: Reader<'a>,
}

impl<'a> AnswerReader<'a> {
    pub(crate) fn new(question: &'a Question<'a>) -> Self {
        Self {
            elements: Elements::new(),
            reader: Reader {
                question,
                found: ListedSlots::default(),
                skipped: Skipped::default(),
            },
        }
    }

    /// Ends the answer that `reply` stands for, and returns its slots.
    pub(crate) fn finish(self, reply: &Reply, host: &str) -> Result<ListedSlots, Failure> {
        let Self {
            elements,
            mut reader,
        } = self;
        elements.finish(reply, host, &mut |index, cursor| reader.take(index, cursor))?;
        let Reader {
            skipped, mut found, ..
        } = reader;
        found.skipped = skipped.count(reply, found.slots.is_empty())?;
        Ok(found)
    }
}

impl Intake for AnswerReader<'_> {
    fn restart(&mut self) {
        *self = Self::new(self.reader.question);
    }

    fn push(&mut self, piece: &[u8]) {
        let Self { elements, reader } = self;
        elements.push(piece, &mut |index, cursor| reader.take(index, cursor));
    }
}

struct Reader<'a> {
    question: &'a Question<'a>,
    found: ListedSlots,
    skipped: Skipped,
}

impl Reader<'_> {
    fn take(&mut self, index: usize, cursor: &mut Cursor<'_>) -> Read<()> {
        match cursor.item::<Element<'_>>()? {
            Some(element) => self.read_element(index, &element),
            None => self
                .skipped
                .push(element_path(index, ""), "expected an object"),
        }
        Ok(())
    }

    fn read_element(&mut self, index: usize, element: &Element<'_>) {
        let locations = element.locations.as_deref().unwrap_or_default();
        let listed = locations
            .iter()
            .map(|location| Location::slots_of(location).map_or(0, <[_]>::len))
            .sum::<usize>();
        let counted: Option<usize> = element.slot_count.0.parse().ok();
        let all = counted.unwrap_or_default().max(listed);
        let site_id = asked_id(&element.site_id, self.question.sites, is_same_site);
        let activity_id = asked_id(&element.id, self.question.activities, |id, said| id == said);
        let (site_id, activity_id) = match (site_id, activity_id) {
            (Ok(site_id), Ok(activity_id)) => (site_id, activity_id),
            (Err(Stranger::Foreign), _) | (_, Err(Stranger::Foreign)) => {
                self.found.doubts.foreign += all;
                return;
            }
            _ => {
                return self.skipped.push_many(
                    all.max(1),
                    element_path(index, ""),
                    "it does not say of which site and activity",
                );
            }
        };
        self.found.activities.insert(activity_id.clone());
        let group = element.activity_group_id.clean_name();
        self.found.groups.insert(activity_id.clone(), group);
        if element.web_bookable.as_flag() == Some(false) {
            self.found.doubts.offline += all;
            return;
        }
        let name = element.name.clean_name();
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
        let before = self.found.slots.len();
        let mut lost = Vec::new();
        if element.locations.is_none() {
            lost.push(element_path(index, "locations"));
        }
        let mut courts: Vec<Court> = locations
            .iter()
            .map(|location| Court::of(location.as_ref()))
            .collect();
        forget_ambiguous_ids(&mut courts);
        for (at, (location, court)) in locations.iter().zip(courts).enumerate() {
            let path = |inside: &str| element_path(index, &format!("locations[{at}].{inside}"));
            match Location::slots_of(location) {
                Some(slots) => self.read_location(&listing, court, slots, path),
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
                .skipped
                .push_many(missing.max(1), path, "no list where one belongs"),
            None if missing > 0 => {
                let why = format!(
                    "{listed} slots are listed, but not {missing} more that the portal counts"
                );
                self.skipped
                    .push_many(missing, element_path(index, "slotCount"), why);
            }
            None => {}
        }
        if let Some(counted) = counted.filter(|counted| *counted < listed) {
            let slots = &self.found.slots[before..];
            let slots = slots
                .iter()
                .map(|slot| (&slot.listing, slot.start, slot.end));
            let mut distinct: Vec<_> = slots.collect();
            sort_by(&mut distinct, Ord::cmp);
            distinct.dedup();
            self.found.doubts.surplus += distinct.len().saturating_sub(counted);
        }
    }

    /// Adds the slots of one court, or of one set of courts.
    fn read_location(
        &mut self,
        listing: &Listing,
        court: Court,
        slots: &[Option<WireSlot<'_>>],
        path: impl Fn(&str) -> String,
    ) {
        let before = self.found.slots.len();
        let is_nameless = court.ids.is_empty();
        let listing = Rc::new(Listing {
            court: court.name,
            court_ids: court.ids,
            ..listing.clone()
        });
        for (number, slot) in slots.iter().enumerate() {
            let path = |field: &str| path(&format!("slots[{number}]{field}"));
            match slot {
                Some(slot) => self.read_slot(&listing, slot, path),
                None => self.skipped.push(path(""), "expected an object"),
            }
        }
        if is_nameless {
            self.found.doubts.nameless += self.found.slots.len() - before;
        }
    }

    fn read_slot(
        &mut self,
        listing: &Rc<Listing>,
        slot: &WireSlot<'_>,
        path: impl Fn(&str) -> String,
    ) {
        let (Some(start), Some(end)) = (
            parse_utc(&slot.start_time.0),
            parse_utc(&slot.end_time.0).map(round_up_to_minute),
        ) else {
            let start_is_bad = parse_utc(&slot.start_time.0).is_none();
            let (field, got) = if start_is_bad {
                (".startTime", &slot.start_time)
            } else {
                (".endTime", &slot.end_time)
            };
            return self.skipped.push(
                path(field),
                format!("`{}` is not a UTC time", text::line(&got.0, 40)),
            );
        };
        let Some(Text(status)) = &slot.status else {
            return self.skipped.push(path(".status"), "a value is missing");
        };
        let available = status.eq_ignore_ascii_case("available");
        if !available
            && !status.eq_ignore_ascii_case("unavailable")
            && self.found.unknown.len() < NAMED
        {
            self.found.unknown.insert(text::line(status, 40));
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
            self.found.slots.push(slot);
        } else {
            self.skipped.push(
                path(""),
                "a slot that does not end a minute after it starts, or later within a day",
            );
        }
    }

    /// Puts the booking window in. Only one that is known to be open makes a slot free: what cannot
    /// be read, and what the portal contradicts, opens later, at a time that is not known.
    fn with_window(&mut self, wire: &WireSlot<'_>, mut slot: Slot) -> Slot {
        let (from, until) = (
            WindowEnd::of(&wire.bookable_from),
            WindowEnd::of(&wire.bookable_until),
        );
        let flag = wire.is_before_timetable_slot_bookable_period.as_flag();
        slot.bookable_until = until.known_time();
        slot.bookable_from = from.known_time();
        let now = self.question.now;
        let doubts = &mut self.found.doubts;
        if !slot.available || now >= slot.bookable_until.unwrap_or(slot.start) {
            // A slot that is yet to come: its window is not over if it never was.
            let is_inverted = slot.bookable_until < slot.bookable_from && now < slot.start;
            doubts.inverted +=
                usize::from(slot.available && is_inverted && slot.bookable_until.is_some());
            return slot;
        }
        let is_open = match from {
            WindowEnd::At(from) => from <= now,
            WindowEnd::Past => true,
            WindowEnd::Unknown | WindowEnd::Future => {
                slot.before_window = true;
                doubts.unopened += usize::from(flag != Some(true));
                return slot;
            }
        };
        if is_open && flag == Some(true) {
            doubts.contradicted += 1;
            slot.before_window = true;
            slot.bookable_from = None;
        } else if matches!(from, WindowEnd::Past) || !matches!(until, WindowEnd::At(_)) {
            doubts.half_open += 1;
        }
        slot
    }
}

/// Reason why an id is none that was asked for.
enum Stranger {
    Foreign,
    Unnamed,
}

/// Returns the id that was asked for and that is meant; where the portal names none, the only one that was
/// asked for.
fn asked_id(
    said: &Text<'_>,
    ids: &[String],
    is_same: impl Fn(&str, &str) -> bool,
) -> Result<String, Stranger> {
    let said = said.clean_name();
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

fn is_number(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns `true` for two ids of one site: numbers may be padded with zeros.
fn is_same_site(id: &str, said: &str) -> bool {
    id == said
        || (id.trim_start_matches('0') == said.trim_start_matches('0')
            && is_number(id)
            && is_number(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_sites_are_the_same_with_zeros_before_them() {
        for (one, other) in [("7", "007"), ("0", "00"), ("UB", "UB"), ("", "")] {
            assert!(is_same_site(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("", "0"),
            ("0", ""),
            ("UB", "0UB"),
            ("7", "70"),
            ("7a", "07a"),
            ("x", "0x"),
        ] {
            assert!(!is_same_site(one, other), "{one} {other}");
        }
    }
}
