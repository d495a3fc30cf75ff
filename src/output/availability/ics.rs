//! An event for each slot.

use std::io::{Result, Write};

use super::AvailabilityReport;
use crate::{
    courts::Stretch,
    output::calendar::{Calendar, format_utc},
};

pub(super) fn write(report: &AvailabilityReport, out: &mut dyn Write) -> Result<()> {
    let mut calendar = Calendar::begin(out, &report.club, report.now)?;
    report
        .shown()
        .try_for_each(|stretch| write_event(report, stretch, &mut calendar))?;
    calendar.end()
}

fn write_event(
    report: &AvailabilityReport,
    stretch: &Stretch,
    calendar: &mut Calendar<'_>,
) -> Result<()> {
    let listing = &stretch.listing;
    let court = &listing.court;
    let courts = if listing.court_ids.is_empty() {
        court.clone()
    } else {
        listing.court_ids.join("+")
    };
    let key = format!(
        "{}-{}-{}-{}-{courts}",
        format_utc(stretch.start),
        format_utc(stretch.end),
        listing.site_id,
        listing.activity_id
    );
    let (state, minutes) = (stretch.state.words(), stretch.minutes);
    calendar.begin_event(key, stretch.start, Some(stretch.end))?;
    calendar.add_text("SUMMARY", &format!("{court} {state} ({minutes} min)"))?;
    calendar.add_text("LOCATION", &format!("{court}, {}", report.club.name()))?;
    calendar.add_text("DESCRIPTION", &listing.activity)?;
    if let Some(page) = report.page(stretch) {
        calendar.add("URL", &page)?;
    }
    // Nobody has booked it: it must not make its reader look busy.
    calendar.add("TRANSP", "TRANSPARENT")?;
    calendar.add("END", "VEVENT")
}
