//! A time in words, as it is at the club. Messages and reports use it in every output format.

use chrono::DateTime;

use crate::zone::Zone;

/// Formats a time with its day: `18:40 on Monday 20 July 2026`.
pub(crate) fn format_moment(time: DateTime<Zone>) -> String {
    time.format("%H:%M on %A %-d %B %Y").to_string()
}

/// Formats a time of day: `18:40`.
pub(crate) fn format_clock(time: DateTime<Zone>) -> String {
    time.format("%H:%M").to_string()
}
