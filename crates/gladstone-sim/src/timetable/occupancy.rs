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

/// Whether a booking overlaps the given minutes after opening.
pub(crate) fn overlaps(
    seed: u64,
    court: &Court,
    date: NaiveDate,
    hours: Hours,
    offset: u32,
    minutes: u32,
) -> bool {
    let day = day_hash(seed, &court.id, date);
    (offset / CELL..=(offset + minutes - 1) / CELL).any(|cell| cell_taken(day, date, hours, cell))
}

/// Whether bookings cover all of the given minutes after opening.
pub(crate) fn fills(
    seed: u64,
    court: &Court,
    date: NaiveDate,
    hours: Hours,
    offset: u32,
    minutes: u32,
) -> bool {
    let day = day_hash(seed, &court.id, date);
    (offset / CELL..=(offset + minutes - 1) / CELL).all(|cell| cell_taken(day, date, hours, cell))
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
pub(crate) fn bookings(seed: u64, court: &Court, date: NaiveDate, hours: Hours) -> Vec<Booking> {
    let day = day_hash(seed, &court.id, date);
    let mut bookings: Vec<Booking> = Vec::new();
    for cell in 0..(hours.close - hours.open) / CELL {
        let offset = cell * CELL;
        let is_over = bookings
            .last()
            .is_none_or(|last| last.offset + last.minutes <= offset);
        if let Some(cells) = begins(day, date, hours, cell).filter(|_| is_over) {
            bookings.push(Booking {
                offset,
                minutes: cells * CELL,
                draw: mix(day ^ u64::from(cell) << 16),
            });
        }
    }
    bookings
}

fn cell_taken(day: u64, date: NaiveDate, hours: Hours, cell: u32) -> bool {
    (cell.saturating_sub(LONGEST - 1)..=cell)
        .any(|first| begins(day, date, hours, first).is_some_and(|cells| first + cells > cell))
}

/// How many cells the booking has that begins in this one, if one does.
fn begins(day: u64, date: NaiveDate, hours: Hours, cell: u32) -> Option<u32> {
    let draw = mix(day ^ u64::from(cell));
    let begins = (draw >> 8) % 100 < chance(date, hours.open + cell * CELL);
    begins.then_some(2 + u32::from(draw & 1 == 1))
}

/// How many of a hundred half-hours begin a booking: evenings are busy, weekends fairly.
fn chance(date: NaiveDate, minute: u32) -> u64 {
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
