//! Who has which court: bookings of one hour or an hour and a half on a half-hour grid from opening time.
//!
//! A booking is a hash of (seed, court, date, half-hour) and no state, so every activity over a court, and every
//! query range, sees the same one.

use chrono::{Datelike, NaiveDate, Weekday};

use super::venue::{Court, Hours};

/// Minutes of the base grid.
const CELL: u32 = 30;
/// The longest booking, in cells.
const LONGEST: u32 = 3;

/// Whether a booking overlaps the given minutes after opening.
pub(crate) fn overlaps(seed: u64, court: &Court, date: NaiveDate, hours: Hours, offset: u32, minutes: u32) -> bool {
    let day = day_hash(seed, &court.id, date);
    (offset / CELL..=(offset + minutes - 1) / CELL).any(|cell| cell_taken(day, date, hours, cell))
}

fn cell_taken(day: u64, date: NaiveDate, hours: Hours, cell: u32) -> bool {
    (cell.saturating_sub(LONGEST - 1)..=cell).any(|first| {
        let draw = mix(day ^ u64::from(first));
        let length = 2 + u32::from(draw & 1 == 1);
        let starts = (draw >> 8) % 100 < chance(date, hours.open + first * CELL);
        starts && first + length > cell
    })
}

/// How many of a hundred half-hours begin a booking: evenings are busy, weekends fairly.
fn chance(date: NaiveDate, minute: u32) -> u64 {
    match (date.weekday(), minute) {
        (Weekday::Sat | Weekday::Sun, _) => 20,
        (_, 1020..) => 28,
        _ => 9,
    }
}

fn day_hash(seed: u64, court: &str, date: NaiveDate) -> u64 {
    let day = u64::from(date.num_days_from_ce().unsigned_abs());
    court.bytes().fold(mix(seed ^ day << 32), |hash, byte| mix(hash ^ u64::from(byte)))
}

/// The finalizer of SplitMix64.
pub(crate) fn mix(value: u64) -> u64 {
    let z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
