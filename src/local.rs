//! A time as it is at the club, in words and in figures. Messages and reports use it in every output
//! format.

use chrono::{
    DateTime, Datelike as _, NaiveDateTime, Offset as _, SecondsFormat, TimeZone, Timelike as _,
};

use crate::zone::Zone;

/// Formats a time with its day: `18:40 on Monday 20 July 2026`.
pub(crate) fn format_moment(time: DateTime<Zone>) -> String {
    time.format("%H:%M on %A %-d %B %Y").to_string()
}

/// Formats a time of day: `18:40`.
pub(crate) fn format_clock(time: DateTime<Zone>) -> String {
    time.format("%H:%M").to_string()
}

/// Formats a time as RFC 3339 has it: `2026-09-28T19:00:00+01:00`, in UTC with `+00:00`.
///
/// Several times faster than a pattern that is read anew for each of thousands of slots.
pub(crate) fn format_rfc3339<T: TimeZone>(time: &DateTime<T>) -> String {
    let offset = time.offset().fix().local_minus_utc();
    write_rfc3339(time.naive_local(), offset)
        .unwrap_or_else(|| time.to_rfc3339_opts(SecondsFormat::Secs, false))
}

/// `None` for years and offsets that the form has no digits for.
fn write_rfc3339(time: NaiveDateTime, offset: i32) -> Option<String> {
    let year = u32::try_from(time.year())
        .ok()
        .filter(|year| *year < 10_000)?;
    let minutes = offset.unsigned_abs() / 60;
    if offset % 60 != 0 {
        return None;
    }
    let mut text = *b"0000-00-00T00:00:00+00:00";
    for (at, number) in [
        (0, year / 100),
        (2, year % 100),
        (5, time.month()),
        (8, time.day()),
        (11, time.hour()),
        (14, time.minute()),
        (17, time.second()),
        (20, minutes / 60),
        (23, minutes % 60),
    ] {
        let ([tens, ..], [units, ..]) = ((number / 10).to_le_bytes(), (number % 10).to_le_bytes());
        text[at] += tens;
        text[at + 1] += units;
    }
    if offset < 0 {
        text[19] = b'-';
    }
    str::from_utf8(&text).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use chrono::{FixedOffset, Utc};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn figures_are_those_of_chrono(seconds in -99_999_999_999..300_000_000_000_i64, nanos in 0..2_000_000_000_u32, offset in -86_399..86_399_i32, is_whole in any::<bool>()) {
            let offset = if is_whole { offset / 60 * 60 } else { offset };
            let utc = DateTime::<Utc>::from_timestamp(seconds, nanos % 1_000_000_000).unwrap();
            let time = utc.with_timezone(&FixedOffset::east_opt(offset).unwrap());
            prop_assert_eq!(format_rfc3339(&time), time.to_rfc3339_opts(SecondsFormat::Secs, false));
            prop_assert_eq!(format_rfc3339(&utc), utc.to_rfc3339_opts(SecondsFormat::Secs, false));
        }
    }
}
