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
    summary: SummaryV1,
    link: &'a str,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct QueryV1 {
    history: bool,
    date: Option<String>,
    month: Option<String>,
}

#[derive(Serialize)]
struct SummaryV1 {
    to_come: usize,
    played: usize,
    cancelled: usize,
    unknown: usize,
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
    let (bookings, counts) = (report.bookings.iter(), &report.counts);
    let [month, day] = [true, false].map(|wanted| {
        let dates = report.dates.as_ref();
        dates.filter(|dates| dates.is_month == wanted)
    });
    let document = BookingsV1 {
        schema: "padel.bookings/v1",
        club: report.club.name(),
        timezone: report.zone.name(),
        generated_at: format_at_club(report.now, report.zone),
        query: QueryV1 {
            history: report.period == Period::History,
            date: day.map(|dates| dates.first.to_string()),
            month: month.map(|dates| dates.first.format("%Y-%m").to_string()),
        },
        bookings: bookings
            .map(|booking| BookingV1::new(booking, report.zone))
            .collect(),
        more: report.more,
        summary: SummaryV1 {
            to_come: counts.to_come,
            played: counts.played,
            cancelled: counts.cancelled,
            unknown: counts.unknown.iter().map(|(_, count)| count).sum(),
        },
        link: report.club.page(),
        warnings: &report.warnings,
    };
    write_document(&document, out)
}
