//! The JSON of an answer, field by field. Only the times and the status of a slot are required.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::gladstone::{
    json::{Item, List, Text},
    times::parse_utc,
};

/// One activity on one date.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
pub(super) struct Element<'a> {
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) site_id: Text<'a>,
    pub(super) activity_group_id: Text<'a>,
    pub(super) web_bookable: Text<'a>,
    pub(super) slot_count: Text<'a>,
    pub(super) locations: List<Item<Location<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
pub(super) struct Location<'a> {
    pub(super) location_name_to_display: Text<'a>,
    pub(super) location_details: List<Item<Detail<'a>>>,
    pub(super) slots: List<Item<WireSlot<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
pub(super) struct Detail<'a> {
    pub(super) location_id: Text<'a>,
    pub(super) location_name: Text<'a>,
}

/// Only the times and the status are required.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, bound(deserialize = "'de: 'a"))]
pub(super) struct WireSlot<'a> {
    pub(super) start_time: Text<'a>,
    pub(super) end_time: Text<'a>,
    pub(super) status: Option<Text<'a>>,
    pub(super) bookable_from: Text<'a>,
    pub(super) bookable_until: Text<'a>,
    pub(super) is_before_timetable_slot_bookable_period: Text<'a>,
}

impl<'a> Location<'a> {
    /// Returns the slots where there is a list of them.
    pub(super) fn slots_of<'b>(location: &'b Item<Self>) -> Option<&'b [Item<WireSlot<'a>>]> {
        location.0.as_ref()?.slots.0.as_deref()
    }
}

/// One end of a booking window.
#[derive(Clone, Copy)]
pub(super) enum WindowEnd {
    /// A time that can be meant.
    At(DateTime<Utc>),
    /// Before 1900: how .NET writes that there is no time.
    Past,
    /// After 9998, which is as much.
    Future,
    /// Missing, or no time.
    Unknown,
}

impl WindowEnd {
    pub(super) fn of(field: &Text<'_>) -> Self {
        if let Some(time) = parse_utc(&field.0) {
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

    /// Returns the time, if there is one.
    pub(super) fn known_time(self) -> Option<DateTime<Utc>> {
        if let Self::At(time) = self {
            Some(time)
        } else {
            None
        }
    }
}
