//! JSON, version 1: fields may be added, never changed or removed. Its own types, so that the
//! inside may change.

use std::io::Write;

use chrono::{DateTime, Datelike as _, SecondsFormat, Timelike as _, Utc};
use serde::{Serialize, Serializer};

use super::report::{
    Activities, Availability, Bookings, CONFIG_FILE, Check, Doctor, Login, Logout, Named, Portal,
};
use crate::{
    courts::{Booking, Period, Stretch, weekday_name},
    gladstone::SignedIn,
    learn::Finding,
    zone::Zone,
};

/// `padel.availability/v1`
#[derive(Serialize)]
struct AvailabilityV1<'a> {
    schema: &'static str,
    club: String,
    timezone: &'static str,
    generated_at: String,
    query: QueryV1,
    sites: Vec<SiteV1<'a>>,
    slots: Slots<'a>,
    summary: SummaryV1,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct QueryV1 {
    date: String,
    weekday: &'static str,
    days: u64,
    weekdays: Vec<&'static str>,
    duration_minutes: Option<i64>,
    from: Option<String>,
    to: Option<String>,
    all: bool,
}

/// Written one by one: a large answer is never held twice.
struct Slots<'a>(&'a Availability);

impl Serialize for Slots<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.shown().map(|slot| SlotV1::new(slot, self.0)))
    }
}

#[derive(Serialize)]
struct SlotV1<'a> {
    date: String,
    weekday: &'static str,
    start: String,
    end: String,
    start_at: String,
    end_at: String,
    duration_minutes: i64,
    state: &'static str,
    bookable_from: Option<String>,
    bookings: usize,
    court: &'a str,
    court_ids: &'a [String],
    site_id: &'a str,
    activity_id: &'a str,
    activity: &'a str,
    link: Option<String>,
}

impl<'a> SlotV1<'a> {
    fn new(slot: &'a Stretch, report: &Availability) -> Self {
        let zone = report.query.zone;
        let (start, end) = (
            slot.start.with_timezone(&zone),
            slot.end.with_timezone(&zone),
        );
        Self {
            date: slot.date.to_string(),
            weekday: weekday_name(slot.date.weekday()),
            start: clock(start),
            end: clock(end),
            start_at: start.to_rfc3339_opts(SecondsFormat::Secs, false),
            end_at: end.to_rfc3339_opts(SecondsFormat::Secs, false),
            duration_minutes: slot.minutes,
            state: slot.state.name(),
            bookable_from: slot.bookable_from.map(|from| stamp(from, zone)),
            bookings: slot.bookings,
            court: &slot.listing.court,
            court_ids: &slot.listing.court_ids,
            site_id: &slot.listing.site_id,
            activity_id: &slot.listing.activity_id,
            activity: &slot.listing.activity,
            link: report
                .club
                .booking_page(&slot.listing.activity_id, slot.start),
        }
    }
}

#[derive(Serialize)]
struct SummaryV1 {
    free: usize,
    opens_later: usize,
    taken: usize,
    closed: usize,
    next_opens_at: Option<String>,
}

/// `padel.bookings/v1`
#[derive(Serialize)]
struct BookingsV1<'a> {
    schema: &'static str,
    club: String,
    timezone: &'static str,
    generated_at: String,
    query: BookingsQueryV1,
    bookings: Vec<BookingV1<'a>>,
    more: usize,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct BookingsQueryV1 {
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
        Self {
            reference: booking.reference.as_deref(),
            date: start.date_naive().to_string(),
            weekday: weekday_name(start.weekday()),
            start: clock(start),
            end: booking.end.map(|end| clock(end.with_timezone(&zone))),
            start_at: stamp(booking.start, zone),
            end_at: booking.end.map(|end| stamp(end, zone)),
            activity: booking.activity.as_deref(),
            court: booking.court.as_deref(),
            site: booking.site.as_deref(),
            status: booking.status.as_deref(),
        }
    }
}

/// `padel.login/v1`
#[derive(Serialize)]
struct LoginV1<'a> {
    schema: &'static str,
    club: String,
    user: &'a str,
    source: &'a str,
    until: String,
    already: bool,
}

/// `padel.logout/v1`
#[derive(Serialize)]
struct LogoutV1 {
    schema: &'static str,
    club: String,
    forgotten: bool,
}

/// `padel.activities/v1`
#[derive(Serialize)]
struct ActivitiesV1<'a> {
    schema: &'static str,
    club: String,
    sport: &'a str,
    sites: Vec<SiteV1<'a>>,
    activities: Vec<ActivityV1<'a>>,
    more: usize,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct SiteV1<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct ActivityV1<'a> {
    id: &'a str,
    name: &'a str,
    description: &'a str,
    used: bool,
}

impl<'a> From<&'a Named> for ActivityV1<'a> {
    fn from(named: &'a Named) -> Self {
        Self {
            id: &named.id,
            name: &named.name,
            description: &named.description,
            used: named.used,
        }
    }
}

/// `padel.portal/v1`
#[derive(Serialize)]
struct PortalV1<'a> {
    schema: &'static str,
    host: &'a str,
    findings: Vec<FindingV1<'a>>,
    file: &'static str,
    table: &'a str,
}

#[derive(Serialize)]
struct FindingV1<'a> {
    name: &'a str,
    value: Option<&'a str>,
    certain: bool,
    how: &'a str,
    kept: bool,
}

impl<'a> From<&'a Finding> for FindingV1<'a> {
    fn from(finding: &'a Finding) -> Self {
        let Finding {
            name,
            value,
            certain,
            how,
            kept,
        } = finding;
        Self {
            name,
            value: (!value.is_empty()).then_some(value),
            certain: *certain,
            how,
            kept: *kept,
        }
    }
}

/// `padel.doctor/v1`
#[derive(Serialize)]
struct DoctorV1<'a> {
    schema: &'static str,
    works: bool,
    checks: Vec<CheckV1<'a>>,
    files: Vec<FileV1<'a>>,
    capture_steps: &'static [&'static str],
}

#[derive(Serialize)]
struct CheckV1<'a> {
    name: &'static str,
    health: &'static str,
    found: &'a str,
}

impl<'a> From<&'a Check> for CheckV1<'a> {
    fn from(check: &'a Check) -> Self {
        Self {
            name: check.name,
            health: check.health.name(),
            found: &check.found,
        }
    }
}

#[derive(Serialize)]
struct FileV1<'a> {
    path: &'a str,
    outcome: &'a str,
}

pub(super) fn availability(report: &Availability, out: &mut impl Write) -> std::io::Result<()> {
    let (query, summary, zone) = (&report.query, &report.answer.summary, report.query.zone);
    let document = AvailabilityV1 {
        schema: "padel.availability/v1",
        club: report.club.name(),
        timezone: zone.name(),
        generated_at: stamp(report.now, zone),
        query: QueryV1 {
            date: query.date.to_string(),
            weekday: weekday_name(query.date.weekday()),
            days: query.days,
            weekdays: query.weekdays.iter().copied().map(weekday_name).collect(),
            duration_minutes: query.minutes,
            from: query.from.map(|time| time.to_string()),
            to: query.to.map(|time| time.to_string()),
            all: report.all,
        },
        sites: report
            .sites
            .iter()
            .map(|site| SiteV1 {
                id: &site.id,
                name: &site.name,
            })
            .collect(),
        slots: Slots(report),
        summary: SummaryV1 {
            free: summary.free,
            opens_later: summary.opens_later,
            taken: summary.taken,
            closed: summary.closed,
            next_opens_at: summary.next_opens_at.map(|at| stamp(at, zone)),
        },
        warnings: &report.warnings,
    };
    line(&document, out)
}

pub(super) fn bookings(report: &Bookings, out: &mut impl Write) -> std::io::Result<()> {
    let document = BookingsV1 {
        schema: "padel.bookings/v1",
        club: report.club.name(),
        timezone: report.zone.name(),
        generated_at: stamp(report.now, report.zone),
        query: BookingsQueryV1 {
            history: report.period == Period::History,
        },
        bookings: report
            .bookings
            .iter()
            .map(|booking| BookingV1::new(booking, report.zone))
            .collect(),
        more: report.more,
        warnings: &report.warnings,
    };
    line(&document, out)
}

pub(super) fn login(report: &Login, out: &mut impl Write) -> std::io::Result<()> {
    let SignedIn {
        user,
        source,
        until,
        already,
        ..
    } = &report.signed_in;
    let until = stamp(*until, report.zone);
    line(
        &LoginV1 {
            schema: "padel.login/v1",
            club: report.club.name(),
            user,
            source,
            until,
            already: *already,
        },
        out,
    )
}

pub(super) fn logout(report: &Logout, out: &mut impl Write) -> std::io::Result<()> {
    line(
        &LogoutV1 {
            schema: "padel.logout/v1",
            club: report.club.name(),
            forgotten: report.forgotten,
        },
        out,
    )
}

pub(super) fn activities(report: &Activities, out: &mut impl Write) -> std::io::Result<()> {
    let document = ActivitiesV1 {
        schema: "padel.activities/v1",
        club: report.club.name(),
        sport: &report.sport,
        sites: report
            .sites
            .iter()
            .map(|site| SiteV1 {
                id: &site.id,
                name: &site.name,
            })
            .collect(),
        activities: report.activities.iter().map(Into::into).collect(),
        more: report.more,
        warnings: &report.warnings,
    };
    line(&document, out)
}

pub(super) fn portal(report: &Portal, out: &mut impl Write) -> std::io::Result<()> {
    let findings = report.learned.findings.iter().map(Into::into).collect();
    let (host, table) = (&report.host, &report.learned.table);
    line(
        &PortalV1 {
            schema: "padel.portal/v1",
            host,
            findings,
            file: CONFIG_FILE,
            table,
        },
        out,
    )
}

pub(super) fn doctor(report: &Doctor, out: &mut impl Write) -> std::io::Result<()> {
    let checks = report.checks.iter().map(CheckV1::from).collect();
    let files = report.looked.iter().map(|file| FileV1 {
        path: &file.place,
        outcome: &file.outcome,
    });
    let (works, files, capture_steps) = (report.failure.is_none(), files.collect(), report.steps);
    line(
        &DoctorV1 {
            schema: "padel.doctor/v1",
            works,
            checks,
            files,
            capture_steps,
        },
        out,
    )
}

/// One document, one line.
fn line(document: &impl Serialize, out: &mut impl Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
    out.write_all(b"\n")
}

/// `18:00`, without reading a format anew for each of thousands of slots.
fn clock(time: DateTime<Zone>) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

fn stamp(time: DateTime<Utc>, zone: Zone) -> String {
    time.with_timezone(&zone)
        .to_rfc3339_opts(SecondsFormat::Secs, false)
}
