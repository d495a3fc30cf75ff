//! One element of the sessions array: an activity on a day, in the portal's words and order of
//! keys.

use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::timetable::{Activity, Court, Slot, Timetable};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Element<'a> {
    activity_group_id: &'a str,
    activity_group_description: &'a str,
    id: &'a str,
    name: &'a str,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date: Option<String>,
    image_url: Option<&'a str>,
    in_centre: bool,
    #[serde(rename = "virtual")]
    online: bool,
    site_id: &'a str,
    web_bookable: bool,
    web_comments: &'a str,
    capacity: Value,
    type_ind: &'a str,
    is_density: bool,
    slot_count: usize,
    group_activity_details: Value,
    booking_discount_types: (),
    locations: Vec<Location<'a>>,
    translations: [(); 0],
    activity_group_translations: [(); 0],
    tag_groups: [(); 0],
    /// A key nobody has seen yet, as are the last ones of locations and slots: the schema grows.
    sustainability: Value,
}

/// A court, or all of them at once.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    location_name_to_display: &'a str,
    location_details: Vec<LocationDetail<'a>>,
    slots: Vec<SlotEntry>,
    translations: [(); 0],
    surfaces: [&'a str; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationDetail<'a> {
    location_id: &'a str,
    location_name: &'a str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SlotEntry {
    start_time: String,
    end_time: String,
    bookable_from: String,
    bookable_until: String,
    is_before_timetable_slot_bookable_period: bool,
    availability: Availability,
    alert_list_enabled: bool,
    alert_list_count: u32,
    status: &'static str,
    slot_references: SlotReferences,
    demand: f32,
}

/// 1, but 0 where the slot is booked under this very activity: it says nothing about whether a
/// court is free.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Availability {
    in_centre: u32,
    #[serde(rename = "virtual")]
    online: u32,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct SlotReferences {
    in_centre: String,
    #[serde(rename = "virtual")]
    online: (),
}

/// The content of a slot reference, as JSON inside a string.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reference<'a> {
    booking_id: u32,
    activity_id: &'a str,
    start_date_time: &'a str,
    resource_ids: Vec<&'a str>,
    in_centre: bool,
    #[serde(rename = "Virtual")]
    online: bool,
}

impl<'a> Element<'a> {
    /// An activity's slots of a day with these starts; none if there are none.
    pub(super) fn new(
        timetable: &Timetable,
        activity: &'a Activity,
        date: NaiveDate,
        starts: &RangeInclusive<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let locations: Vec<_> = activity
            .court_sets()
            .map(|courts| {
                let mut slots = timetable.list_slots(activity, courts, date, now);
                slots.retain(|slot| starts.contains(&slot.start));
                Location::new(activity, courts, &slots, now)
            })
            .filter(|location| !location.slots.is_empty())
            .collect();
        (!locations.is_empty()).then(|| Self {
            activity_group_id: activity.group.id,
            activity_group_description: activity.group.name,
            id: &activity.id,
            name: &activity.name,
            description: activity.description,
            date: Some(date.to_string()),
            image_url: activity.image_url,
            in_centre: true,
            online: false,
            site_id: activity.site.id,
            web_bookable: activity.web_bookable,
            web_comments: activity.comments,
            capacity: json!({"maxInCentreBookees": 1, "maxVirtualBookees": 0}),
            type_ind: "activity",
            is_density: false,
            slot_count: locations.iter().map(|location| location.slots.len()).sum(),
            group_activity_details: json!({"isGroupActivity": false, "priceLevels": []}),
            booking_discount_types: (),
            locations,
            translations: [],
            activity_group_translations: [],
            tag_groups: [],
            sustainability: json!({"band": "B", "kilowattHours": [0.5, null]}),
        })
    }
}

impl<'a> Location<'a> {
    fn new(activity: &Activity, courts: &'a [Court], slots: &[Slot], now: DateTime<Utc>) -> Self {
        Self {
            location_name_to_display: courts.first().map_or("", |court| &court.name),
            location_details: courts
                .iter()
                .map(|court| LocationDetail {
                    location_id: &court.id,
                    location_name: &court.name,
                })
                .collect(),
            // An activity over several courts lists its slots once for each of them, but a booking
            // of its own only once.
            slots: slots
                .iter()
                .flat_map(|slot| {
                    let times = if slot.booking.is_some() {
                        1
                    } else {
                        courts.len()
                    };
                    vec![SlotEntry::new(activity, courts, slot, now); times]
                })
                .collect(),
            translations: [],
            surfaces: ["acrylic"],
        }
    }
}

impl SlotEntry {
    fn new(activity: &Activity, courts: &[Court], slot: &Slot, now: DateTime<Utc>) -> Self {
        let start = format_time(slot.start);
        let reference = Reference {
            booking_id: slot.booking.unwrap_or(0),
            activity_id: &activity.id,
            start_date_time: &start,
            resource_ids: courts.iter().map(|court| court.id.as_str()).collect(),
            in_centre: true,
            online: false,
        };
        Self {
            end_time: format_time(slot.end - TimeDelta::seconds(1)),
            bookable_from: format_time(slot.bookable_from),
            bookable_until: start.clone(),
            is_before_timetable_slot_bookable_period: now < slot.bookable_from,
            availability: Availability {
                in_centre: u32::from(slot.booking.is_none()),
                online: 0,
            },
            alert_list_enabled: false,
            alert_list_count: 0,
            // Whether the window is open changes nothing here: free is free.
            status: if slot.taken {
                "Unavailable"
            } else {
                "Available"
            },
            slot_references: SlotReferences {
                in_centre: serde_json::to_string(&reference).unwrap_or_default(),
                online: (),
            },
            demand: 0.5,
            start_time: start,
        }
    }
}

fn format_time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
