//! An event for each booking.

use std::io::{Result, Write};

use super::{BookingsReport, text_or_empty};
use crate::{
    courts::Booking,
    output::calendar::{Calendar, format_utc},
};

pub(super) fn write(report: &BookingsReport, out: &mut dyn Write) -> Result<()> {
    let mut calendar = Calendar::begin(out, &report.club, report.now)?;
    report
        .bookings
        .iter()
        .try_for_each(|booking| write_event(report, booking, &mut calendar))?;
    calendar.end()
}

fn write_event(
    report: &BookingsReport,
    booking: &Booking,
    calendar: &mut Calendar<'_>,
) -> Result<()> {
    let (start, court) = (format_utc(booking.start), text_or_empty(&booking.court));
    // A booking that is moved keeps its reference. Without one, what was booked and when is what
    // stays the same.
    let key = match &booking.reference {
        Some(reference) if report.latest.contains(booking) => reference.clone(),
        Some(reference) => format!("{reference}-{start}-{court}"),
        None => format!("{start}-{court}-{}", text_or_empty(&booking.activity)),
    };
    calendar.begin_event(format!("booking-{key}"), booking.start, booking.end)?;
    let summary = booking.activity.as_deref().unwrap_or("Booking");
    let is_cancelled = booking.is_cancelled();
    // Not every reader heeds STATUS.
    let cancelled = if is_cancelled { "Cancelled: " } else { "" };
    calendar.add_text("SUMMARY", &format!("{cancelled}{summary}"))?;
    let reference = booking
        .reference
        .as_ref()
        .map(|reference| format!("Reference {reference}"));
    for (name, parts) in [
        ("LOCATION", [booking.court.clone(), booking.site.clone()]),
        ("DESCRIPTION", [reference, booking.status.clone()]),
    ] {
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if !parts.is_empty() {
            calendar.add_text(name, &parts.join(", "))?;
        }
    }
    // Nothing is said of any other status: whoever is on a waiting list has nothing confirmed.
    if is_cancelled {
        calendar.add("STATUS", "CANCELLED")?;
        calendar.add("TRANSP", "TRANSPARENT")?;
    }
    calendar.add("END", "VEVENT")
}
