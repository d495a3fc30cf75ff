//! Club-local time, always Europe/London, to and from UTC.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{Europe::London, Tz};

/// The instant at which clocks at the club show that many minutes past midnight.
///
/// Slots start well after the hour in which the clocks change; a time that does not exist is taken
/// as UTC.
pub(crate) fn instant(date: NaiveDate, minutes: u32) -> DateTime<Utc> {
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(minutes));
    London
        .from_local_datetime(&local)
        .earliest()
        .map_or_else(|| local.and_utc(), |at| at.to_utc())
}

/// Local midnight, that many local days before a date.
pub(crate) fn midnight_before(date: NaiveDate, days: u64) -> DateTime<Utc> {
    instant(date.checked_sub_days(Days::new(days)).unwrap_or(date), 0)
}

/// The same instant by the clocks at the club.
pub(crate) fn local(at: DateTime<Utc>) -> DateTime<Tz> {
    at.with_timezone(&London)
}

/// The date at the club.
pub(crate) fn local_date(at: DateTime<Utc>) -> NaiveDate {
    local(at).date_naive()
}
