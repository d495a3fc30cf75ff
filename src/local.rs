//! A time in words, as it is at the club. Knows no output format: messages and reports use it
//! alike.

use chrono::DateTime;

use crate::zone::Zone;

/// `18:40 on Monday 20 July 2026`
pub(crate) fn moment(time: DateTime<Zone>) -> String {
    time.format("%H:%M on %A %-d %B %Y").to_string()
}

/// `18:40`
pub(crate) fn clock(time: DateTime<Zone>) -> String {
    time.format("%H:%M").to_string()
}
