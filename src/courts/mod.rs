//! The domain: slots on courts, and which of them answer a player's question.
//!
//! Pure: no I/O, no clock, no HTTP and none of the portal's JSON. What comes in is a list of
//! [`Slot`]s in UTC, a [`Query`] in the club's local time and the current time; what goes out is an
//! [`Answer`].

mod booking;
mod day;
mod find;
mod join;
mod slot;

pub use booking::{Booking, Latest, Period, of_period};
pub use day::{Day, DayError, Time, TimeError, weekday, weekday_name};
pub use find::{Answer, Listed, Query, Summary, find};
pub use join::Playable;
pub use slot::{Listing, Slot, State};

#[cfg(test)]
mod tests;
