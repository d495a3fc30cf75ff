//! `GET /api/availability/V2/sessions`: its query, and its JSON as slots. Confirmed by several public clients.

use std::{collections::BTreeSet, rc::Rc};

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Timelike, Utc};
use serde::Deserialize;

use super::{
    failure::Failure,
    lenient::{Bad, Elements, Text, elements, left_out, place, skipped},
    transport::Reply,
};
use crate::{
    courts::{Listing, Slot},
    text,
};

/// Path of the request.
pub(super) const ENDPOINT: &str = "/api/availability/V2/sessions";

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
    /// How many entries were skipped.
    skipped: usize,
    /// What the portal calls slots that are neither available nor not: the first few names.
    unknown: BTreeSet<String>,
}

impl Sessions {
    /// What was skipped or is unknown, in words.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let unknown = self
            .unknown
            .iter()
            .map(|status| format!("the portal calls a slot `{status}`, which is unknown here: counted as taken"));
        left_out(ENDPOINT, self.skipped).into_iter().chain(unknown).collect()
    }
}

/// One activity on one date.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Element<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    site_id: Text<'a>,
    #[serde(borrow, default)]
    locations: Option<Vec<Location<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(borrow, default)]
    location_name_to_display: Text<'a>,
    #[serde(borrow, default)]
    location_details: Option<Vec<Detail<'a>>>,
    #[serde(borrow, default)]
    slots: Option<Vec<WireSlot<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail<'a> {
    #[serde(borrow, default)]
    location_id: Text<'a>,
    #[serde(borrow, default)]
    location_name: Text<'a>,
}

/// Only the times and the status are required.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSlot<'a> {
    #[serde(borrow)]
    start_time: Option<Text<'a>>,
    #[serde(borrow)]
    end_time: Option<Text<'a>>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow)]
    bookable_from: Option<Text<'a>>,
    #[serde(borrow)]
    bookable_until: Option<Text<'a>>,
    is_before_timetable_slot_bookable_period: Option<bool>,
}

/// The query's parameters: ids in one list each, times in UTC, both ends included.
pub(super) fn query(sites: &[String], activities: &[String], (from, to): Range) -> Vec<(&'static str, String)> {
    let stamp = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
    vec![
        ("siteIds", sites.join(",")),
        ("activityIds", activities.join(",")),
        ("webBookableOnly", "true".to_owned()),
        ("dateFrom", stamp(from)),
        ("dateTo", stamp(to)),
    ]
}

/// Adds the slots of one answer.
pub(super) fn read(reply: &Reply, host: &str, sessions: &mut Sessions) -> Result<(), Failure> {
    let Elements { good, bad } = elements::<Element<'_>>(reply, host)?;
    let before = sessions.slots.len();
    let mut reader = Reader { reply, sessions, bad };
    for (index, element) in good {
        reader.element(index, element)?;
    }
    let Reader { bad, .. } = reader;
    sessions.skipped += skipped(ENDPOINT, &bad, sessions.slots.len() == before)?;
    Ok(())
}

struct Reader<'a> {
    reply: &'a Reply,
    sessions: &'a mut Sessions,
    bad: Bad,
}

impl Reader<'_> {
    fn element(&mut self, index: usize, element: Element<'_>) -> Result<(), Failure> {
        let activity_id = element.id.clean();
        let activity =
            Some(element.name.clean()).filter(|name| !name.is_empty()).unwrap_or_else(|| activity_id.clone());
        self.sessions.activities.insert(activity_id.clone());
        for (at, location) in element.locations.into_iter().flatten().enumerate() {
            let details = location.location_details.unwrap_or_default();
            let listing = Rc::new(Listing {
                site_id: element.site_id.clean(),
                activity_id: activity_id.clone(),
                activity: activity.clone(),
                court: court(&location.location_name_to_display, &details),
                court_ids: court_ids(&details),
            });
            for (number, slot) in location.slots.into_iter().flatten().enumerate() {
                let path = |field: &str| place(index, &format!("locations[{at}].slots[{number}]{field}"));
                self.slot(&listing, &slot, path)?;
            }
        }
        Ok(())
    }

    fn slot(
        &mut self,
        listing: &Rc<Listing>,
        slot: &WireSlot<'_>,
        path: impl Fn(&str) -> String,
    ) -> Result<(), Failure> {
        let missing = |field| Failure::changed(&self.reply.endpoint, "a value", "none", &path(field));
        let start_text = slot.start_time.as_ref().ok_or_else(|| missing(".startTime"))?;
        let end_text = slot.end_time.as_ref().ok_or_else(|| missing(".endTime"))?;
        let status = slot.status.as_ref().ok_or_else(|| missing(".status"))?;
        let (Some(start), Some(end)) = (time(&start_text.0), time(&end_text.0).map(whole_minute)) else {
            let start_is_bad = time(&start_text.0).is_none();
            let (field, Text(got)) = if start_is_bad { (".startTime", start_text) } else { (".endTime", end_text) };
            self.bad.push(path(field), format!("`{}` is not a UTC time", text::line(got, 40)));
            return Ok(());
        };
        let available = status.0.eq_ignore_ascii_case("available");
        if !available && !status.0.eq_ignore_ascii_case("unavailable") && self.sessions.unknown.len() < NAMED {
            self.sessions.unknown.insert(text::line(&status.0, 40));
        }
        let window = (optional_time(slot.bookable_from.as_ref()), optional_time(slot.bookable_until.as_ref()));
        let (Ok(bookable_from), Ok(bookable_until)) = window else {
            // Without its window a slot that cannot be booked would pass for free.
            self.bad.push(path(""), "its booking window is not a UTC time");
            return Ok(());
        };
        let slot = Slot {
            listing: Rc::clone(listing),
            start,
            end,
            bookable_from,
            bookable_until,
            available,
            before_window: slot.is_before_timetable_slot_bookable_period == Some(true),
        };
        if slot.is_plausible() {
            self.sessions.slots.push(slot);
        } else {
            self.bad.push(path(""), "a slot that does not end a minute after it starts, or later within a day");
        }
        Ok(())
    }
}

/// The ids of all courts, sorted, so that a set of courts is the same in any order.
fn court_ids(details: &[Detail<'_>]) -> Vec<String> {
    let mut ids: Vec<String> =
        details.iter().map(|detail| detail.location_id.clean()).filter(|id| !id.is_empty()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// All courts' names; for one court the name that the portal displays, which for several is only the first.
fn court(display: &Text<'_>, details: &[Detail<'_>]) -> String {
    if details.len() > 1 {
        // One by one: an escape sequence that does not end takes the rest with it.
        let names: Vec<String> = details.iter().map(|detail| text::court(&detail.location_name.0)).collect();
        return text::court(&names.join(" + "));
    }
    let mut candidates = vec![text::court(&display.0)];
    candidates.extend(
        details.iter().flat_map(|detail| [&detail.location_name, &detail.location_id].map(|it| text::court(&it.0))),
    );
    candidates.into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "unnamed court".to_owned())
}

/// `2026-09-10T18:00:00Z`, the only form seen; any other RFC 3339 time is read, too.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    usual_time(text).or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())).filter(is_of_our_age)
}

/// A time that may be missing, but not be something else.
fn optional_time(field: Option<&Text<'_>>) -> Result<Option<DateTime<Utc>>, ()> {
    match field.map(|text| (&*text.0, time(&text.0))) {
        None | Some(("", _)) => Ok(None),
        Some((_, time)) => time.map(Some).ok_or(()),
    }
}

/// The first seconds of the years 1900 and 9999.
const FIRST: i64 = -2_208_988_800;
const LAST: i64 = 253_370_764_800;

/// Whether a time has four digits of year in any zone: others can neither be written nor calculated with everywhere.
pub(super) fn is_of_our_age(time: &DateTime<Utc>) -> bool {
    (FIRST..LAST).contains(&time.timestamp())
}

/// The usual form, several times faster than the general parser: a large answer holds a hundred thousand times.
fn usual_time(text: &str) -> Option<DateTime<Utc>> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let number = |from: usize, to: usize| {
        bytes[from..to]
            .iter()
            .try_fold(0_u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
    };
    if [bytes[4], bytes[7], bytes[10], bytes[13], bytes[16], bytes[19]] != *b"--T::Z" {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)?).ok()?, number(5, 7)?, number(8, 10)?)?;
    Some(date.and_hms_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?)?.and_utc())
}

/// Ends are one second short (`:59`): up to the next whole minute.
pub(super) fn whole_minute(time: DateTime<Utc>) -> DateTime<Utc> {
    let over = i64::from(time.second()) * 1_000_000_000 + i64::from(time.nanosecond());
    if over == 0 { time } else { time + TimeDelta::nanoseconds(60_000_000_000 - over) }
}
