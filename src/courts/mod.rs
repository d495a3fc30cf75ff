//! The domain: slots on courts, and which of them answer a player's question.
//!
//! Pure: no I/O, no clock, no HTTP and none of the portal's JSON. What comes in is a list of
//! [`Slot`]s in UTC, a [`Query`] in the club's local time and the current time; what goes out is an
//! [`Answer`].

mod answer;
mod booking;
mod day;
mod free;
mod slot;
mod stretch;
pub mod watch;

pub use answer::{Answer, Listed, Query, Summary, answer_query};
pub use booking::{Booking, Fate, LatestByReference, Period, select_dates, select_period};
pub use day::{Day, DayError, Month, MonthError, Time, TimeError, parse_weekday, weekday_name};
pub use free::{FreeTime, count_courts, join_free};
pub use slot::{Listing, Slot, State};
pub use stretch::Stretch;

#[cfg(test)]
mod tests;
