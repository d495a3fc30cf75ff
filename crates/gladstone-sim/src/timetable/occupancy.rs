//! Who has which court: bookings of one hour or an hour and a half on a half-hour grid from opening
//! time.
//!
//! A booking is a hash of (seed, court, date, half-hour) and no state, so every activity over a
//! court, and every query range, sees the same one.

use chrono::{Datelike, NaiveDate, Weekday};

use super::venue::{Court, Hours};

/// Minutes of the base grid.
const CELL: u32 = 30;
/// The longest booking, in cells.
const LONGEST: u32 = 3;

/// The half-hours of a time at a court.
#[derive(Clone, Copy)]
pub(crate) struct Cells {
    day: u64,
    date: NaiveDate,
    hours: Hours,
    first: u32,
    last: u32,
}

impl Cells {
    /// Those that the given minutes after opening touch.
    pub(crate) fn new(
        seed: u64,
        court: &Court,
        date: NaiveDate,
        hours: Hours,
        offset: u32,
        minutes: u32,
    ) -> Self {
        Self {
            day: day_hash(seed, &court.id, date),
            date,
            hours,
            first: offset / CELL,
            last: (offset + minutes - 1) / CELL,
        }
    }

    pub(crate) fn any_taken(self) -> bool {
        (self.first..=self.last).any(|cell| self.is_taken(cell))
    }

    pub(crate) fn all_taken(self) -> bool {
        (self.first..=self.last).all(|cell| self.is_taken(cell))
    }

    fn is_taken(self, cell: u32) -> bool {
        (cell.saturating_sub(LONGEST - 1)..=cell).any(|first| {
            booking_cells(self.day, self.date, self.hours, first)
                .is_some_and(|cells| first + cells > cell)
        })
    }
}

/// Somebody's booking of one court, in cells after opening.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Booking {
    /// Minutes after opening at which it begins.
    pub(crate) offset: u32,
    pub(crate) minutes: u32,
    /// Random, for whatever else is to be decided about it.
    pub(crate) draw: u64,
}

/// A court's bookings on a day. One that would begin during another is none: what it adds to that
/// is taken otherwise, by a course or for repairs.
pub(crate) fn list_bookings(
    seed: u64,
    court: &Court,
    date: NaiveDate,
    hours: Hours,
) -> Vec<Booking> {
    let day = day_hash(seed, &court.id, date);
    let mut bookings: Vec<Booking> = Vec::new();
    for cell in 0..(hours.close - hours.open) / CELL {
        let offset = cell * CELL;
        let is_over = bookings
            .last()
            .is_none_or(|last| last.offset + last.minutes <= offset);
        if let Some(cells) = booking_cells(day, date, hours, cell).filter(|_| is_over) {
            bookings.push(Booking {
                offset,
                minutes: cells * CELL,
                draw: mix(day ^ u64::from(cell) << 16),
            });
        }
    }
    bookings
}

/// The length in cells of the booking that begins in this one, if one does.
fn booking_cells(day: u64, date: NaiveDate, hours: Hours, cell: u32) -> Option<u32> {
    let draw = mix(day ^ u64::from(cell));
    let begins = (draw >> 8) % 100 < booking_chance(date, hours.open + cell * CELL);
    begins.then_some(2 + u32::from(draw & 1 == 1))
}

/// Percentage of half-hours in which a booking begins: evenings are busy, weekends fairly.
fn booking_chance(date: NaiveDate, minute: u32) -> u64 {
    match (date.weekday(), minute) {
        (Weekday::Sat | Weekday::Sun, _) => 20,
        (_, 1020..) => 28,
        _ => 9,
    }
}

pub(super) fn day_hash(seed: u64, court: &str, date: NaiveDate) -> u64 {
    let day = u64::from(date.num_days_from_ce().unsigned_abs());
    court.bytes().fold(mix(seed ^ day << 32), |hash, byte| {
        mix(hash ^ u64::from(byte))
    })
}

/// The finalizer of SplitMix64.
pub(crate) fn mix(value: u64) -> u64 {
    let z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
