//! The JSON of an answer, field by field. Only the times and the status of a slot are required.

use chrono::{DateTime, Utc};
use json_cursor::{Cursor, List, Read, Shape};

use crate::gladstone::{json::Text, times::parse_utc};

/// One activity on one date.
#[derive(Default)]
pub(super) struct Element<'a> {
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) site_id: Text<'a>,
    pub(super) activity_group_id: Text<'a>,
    pub(super) web_bookable: Text<'a>,
    pub(super) slot_count: Text<'a>,
    pub(super) locations: List<Location<'a>>,
}

#[derive(Default)]
pub(super) struct Location<'a> {
    pub(super) location_name_to_display: Text<'a>,
    pub(super) location_details: List<Detail<'a>>,
    pub(super) slots: List<WireSlot<'a>>,
}

#[derive(Default)]
pub(super) struct Detail<'a> {
    pub(super) location_id: Text<'a>,
    pub(super) location_name: Text<'a>,
}

/// Only the times and the status are required.
#[derive(Default)]
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
    pub(super) fn slots_of(location: &Option<Self>) -> Option<&[Option<WireSlot<'a>>]> {
        location.as_ref()?.slots.as_deref()
    }
}

impl<'a> Shape<'a> for Element<'a> {
    fn read_field(&mut self, key: &[u8], cursor: &mut Cursor<'a>) -> Read<()> {
        match key {
            b"id" => self.id = Text::read(cursor)?,
            b"name" => self.name = Text::read(cursor)?,
            b"siteId" => self.site_id = Text::read(cursor)?,
            b"activityGroupId" => self.activity_group_id = Text::read(cursor)?,
            b"webBookable" => self.web_bookable = Text::read(cursor)?,
            b"slotCount" => self.slot_count = Text::read(cursor)?,
            b"locations" => self.locations = cursor.list()?,
            _ => drop(cursor.skip()?),
        }
        Ok(())
    }
}

impl<'a> Shape<'a> for Location<'a> {
    fn read_field(&mut self, key: &[u8], cursor: &mut Cursor<'a>) -> Read<()> {
        match key {
            b"locationNameToDisplay" => self.location_name_to_display = Text::read(cursor)?,
            b"locationDetails" => self.location_details = cursor.list()?,
            b"slots" => self.slots = cursor.list()?,
            _ => drop(cursor.skip()?),
        }
        Ok(())
    }
}

impl<'a> Shape<'a> for Detail<'a> {
    fn read_field(&mut self, key: &[u8], cursor: &mut Cursor<'a>) -> Read<()> {
        match key {
            b"locationId" => self.location_id = Text::read(cursor)?,
            b"locationName" => self.location_name = Text::read(cursor)?,
            _ => drop(cursor.skip()?),
        }
        Ok(())
    }
}

impl<'a> Shape<'a> for WireSlot<'a> {
    fn read_field(&mut self, key: &[u8], cursor: &mut Cursor<'a>) -> Read<()> {
        match key {
            b"startTime" => self.start_time = Text::read(cursor)?,
            b"endTime" => self.end_time = Text::read(cursor)?,
            b"status" => self.status = cursor.text_or_null()?.map(Text),
            b"bookableFrom" => self.bookable_from = Text::read(cursor)?,
            b"bookableUntil" => self.bookable_until = Text::read(cursor)?,
            b"isBeforeTimetableSlotBookablePeriod" => {
                self.is_before_timetable_slot_bookable_period = Text::read(cursor)?;
            }
            _ => drop(cursor.skip()?),
        }
        Ok(())
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
