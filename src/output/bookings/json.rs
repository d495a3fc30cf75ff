//! `padel.bookings/v1`.

use std::io::{Result, Write};

use chrono::Datelike as _;
use serde::Serialize;

use super::BookingsReport;
use crate::{
    courts::{Booking, Period, weekday_name},
    output::json::{format_at_club, format_clock, format_local, write_document},
    zone::Zone,
};

#[derive(Serialize)]
struct BookingsV1<'a> {
    schema: &'static str,
    club: String,
    timezone: &'static str,
    generated_at: String,
    query: QueryV1,
    bookings: Vec<BookingV1<'a>>,
    more: usize,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct QueryV1 {
    history: bool,
}

#[derive(Serialize)]
struct BookingV1<'a> {
    reference: Option<&'a str>,
    date: String,
    weekday: &'static str,
    start: String,
    end: Option<String>,
    start_at: String,
    end_at: Option<String>,
    activity: Option<&'a str>,
    court: Option<&'a str>,
    site: Option<&'a str>,
    status: Option<&'a str>,
}

impl<'a> BookingV1<'a> {
    fn new(booking: &'a Booking, zone: Zone) -> Self {
        let start = booking.start.with_timezone(&zone);
        let end = booking.end.map(|end| end.with_timezone(&zone));
        Self {
            reference: booking.reference.as_deref(),
            date: start.date_naive().to_string(),
            weekday: weekday_name(start.weekday()),
            start: format_clock(start),
            end: end.map(format_clock),
            start_at: format_local(start),
            end_at: end.map(format_local),
            activity: booking.activity.as_deref(),
            court: booking.court.as_deref(),
            site: booking.site.as_deref(),
            status: booking.status.as_deref(),
        }
    }
}

pub(super) fn write(report: &BookingsReport, out: &mut dyn Write) -> Result<()> {
    let bookings = report.bookings.iter();
    let document = BookingsV1 {
        schema: "padel.bookings/v1",
        club: report.club.name(),
        timezone: report.zone.name(),
        generated_at: format_at_club(report.now, report.zone),
        query: QueryV1 {
            history: report.period == Period::History,
        },
        bookings: bookings
            .map(|booking| BookingV1::new(booking, report.zone))
            .collect(),
        more: report.more,
        warnings: &report.warnings,
    };
    write_document(&document, out)
}
