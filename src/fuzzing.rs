//! Entry points of the fuzz targets: each parses what comes from outside, and asserts what must hold
//! of the result.

use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    cli::Format,
    config::{self, Club},
    courts::{
        Day, LatestByReference, Period, Query, Time, answer_query, parse_weekday, select_period,
    },
    gladstone,
    output::{self, AskedIds, AvailabilityReport, BookingCounts, BookingsReport, Report, Style},
    zone::Zone,
};

/// East of Greenwich, where the last instants of the calendar have no local time.
const ZONE: Zone = Zone::compiled(chrono_tz::Pacific::Auckland);

/// Parses a `.env`: values are what stands in the file, to the letter.
pub fn check_dotenv(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (_, value) in config::fuzz_dotenv(bytes) {
        assert!(text.contains(&value) && !value.contains(['\n', '\r']));
    }
}

/// Parses a day, an hour, a weekday and a club of the command line: each reads back as it is
/// written, and a club is asked over https or on this machine.
pub fn check_grammar(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(day) = text.parse::<Day>() {
        let today = NaiveDate::from_yo_opt(2026, 327).unwrap_or_default();
        assert!(
            matches!(day, Day::On(_))
                || (-366..=371).contains(&(day.resolve(today) - today).num_days())
        );
        let _ = day.resolve(NaiveDate::MAX);
    }
    if let Ok(time) = text.parse::<Time>() {
        assert!(time.0 <= 24 * 60 && time.to_string().parse() == Ok(time));
    }
    assert!(parse_weekday(text).is_none_or(|day| {
        text.to_ascii_lowercase()
            .starts_with(&day.to_string().to_lowercase())
    }));
    if let Ok(club) = text.parse::<Club>() {
        let base = club.base();
        assert!(
            base.scheme() == "https"
                || matches!(club.host(), "localhost" | "[::1]")
                || club.host().starts_with("127.")
        );
        assert!(base.username().is_empty() && base.password().is_none() && base.path() == "/");
        assert_eq!(club.setting().parse::<Club>().as_ref(), Ok(&club));
    }
}

/// Parses a `config.toml` with its profile: errors are printable.
pub fn check_config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let read = config::check_file(text, Path::new("config.toml"));
    if let Err(error) = read.and_then(|portal| gladstone::Profile::new(&portal)) {
        assert!(
            !error.message.contains(char::is_control) && !error.hint.contains(char::is_control)
        );
    }
}

/// Parses the portal's sites and activities: ids and names are printable.
pub fn check_catalogue(bytes: &[u8]) {
    for text in gladstone::fuzzing::names(bytes) {
        assert!(text.chars().count() <= 200 && !text.contains(char::is_control));
    }
}

/// Parses the portal's sessions: slots are plausible and printable, and so is each format.
pub fn check_sessions(bytes: &[u8]) {
    let slots = gladstone::fuzzing::slots(bytes);
    for slot in &slots {
        assert!(slot.is_plausible());
        let listing = &*slot.listing;
        assert_court_name(&listing.court);
        assert_name(&listing.activity);
        assert_name(&listing.activity_id);
    }
    let Some(first) = slots.first() else { return };
    let date = first.start.with_timezone(&ZONE).date_naive();
    let query = Query {
        zone: ZONE,
        date,
        days: 7,
        weekdays: Vec::new(),
        minutes: None,
        from: None,
        to: None,
        at: None,
        courts: Vec::new(),
    };
    for minutes in [None, Some(90)] {
        let query = Query {
            minutes,
            ..query.clone()
        };
        let answer = answer_query(slots.clone(), &query, first.start);
        let Ok(club) = "riverside".parse::<Club>() else {
            return;
        };
        let report = AvailabilityReport {
            club,
            now: first.start,
            query,
            asked: AskedIds::default(),
            all: true,
            limit: None,
            answer,
            sites: Vec::new(),
            warnings: Vec::new(),
        };
        check_formats(&report);
    }
}

/// Cuts an answer in many ways: its elements are the same, and those that serde reads.
pub fn check_arrays(bytes: &[u8]) {
    let whole = gladstone::fuzzing::elements(bytes, &[]);
    for most in [1, 7, 64] {
        let sizes: Vec<usize> = bytes
            .iter()
            .map(|byte| usize::from(*byte) % most + 1)
            .collect();
        assert_eq!(gladstone::fuzzing::elements(bytes, &sizes), whole);
    }
    if let Ok(known) = serde_json::from_slice::<Vec<serde_json::Value>>(bytes) {
        assert_eq!(whole.as_ref(), Ok(&known));
    }
}

/// Parses a member's bookings: they end after they start and are printable, and so is each format.
pub fn check_bookings(bytes: &[u8]) {
    let bookings = gladstone::fuzzing::booked(bytes, ZONE);
    for booking in &bookings {
        assert!(booking.end.is_none_or(|end| end > booking.start));
        booking
            .court
            .iter()
            .for_each(|court| assert_court_name(court));
        let texts = [
            &booking.reference,
            &booking.activity,
            &booking.site,
            &booking.status,
        ];
        texts
            .into_iter()
            .flatten()
            .for_each(|text| assert_name(text));
    }
    let now = bookings
        .first()
        .map_or(DateTime::<Utc>::UNIX_EPOCH, |booking| booking.start);
    for period in [Period::Upcoming, Period::History] {
        let Ok(club) = "riverside".parse::<Club>() else {
            return;
        };
        let latest = LatestByReference::new(&bookings);
        let bookings = select_period(bookings.clone(), period, now);
        let report = BookingsReport {
            club,
            zone: ZONE,
            now,
            period,
            dates: None,
            counts: BookingCounts::of(&bookings, now),
            bookings,
            latest,
            more: 0,
            warnings: Vec::new(),
        };
        check_formats(&report);
    }
}

/// Reads a browser's capture: the table and the findings hold neither e-mail nor password.
pub fn check_har(bytes: &[u8]) {
    let credentials = config::Credentials::typed(
        "alex@example.org".into(),
        "correct horse battery staple".into(),
    );
    let now = chrono::DateTime::UNIX_EPOCH;
    let Ok(capture) = crate::learn::Capture::new(bytes.to_vec()) else {
        return;
    };
    let learned =
        crate::learn::learn_profile(&capture, "riverside.gladstonego.cloud", &credentials, now);
    let Ok(learned) = learned else { return };
    let told = format!("{}{:?}", learned.table, learned.findings);
    assert!(!told.contains("alex@example") && !told.contains("battery staple"));
}

/// Asserts that JSON is one document, that a calendar has its properties and no others, and that
/// every format is printable.
fn check_formats(report: &dyn Report) {
    for format in [Format::Table, Format::Json, Format::Markdown, Format::Ics] {
        let mut out = Vec::new();
        assert!(output::write(report, format, Style::PLAIN, &mut out).is_ok());
        let text = String::from_utf8_lossy(&out).replace("\r\n", "\n");
        assert!(!text.contains(|char: char| char.is_control() && char != '\n'));
        match format {
            Format::Json => assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok()),
            Format::Ics => {
                let known = |line: &str| {
                    line.split_once(':')
                        .is_some_and(|(name, _)| PROPERTIES.contains(&name))
                };
                assert!(text.replace("\n ", "").lines().all(known));
            }
            Format::Table | Format::Markdown | Format::Text | Format::Html => {}
        }
    }
}

/// All properties that padel writes into a calendar.
const PROPERTIES: [&str; 20] = [
    "BEGIN",
    "VERSION",
    "PRODID",
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "SUMMARY",
    "LOCATION",
    "DESCRIPTION",
    "URL",
    "TRANSP",
    "STATUS",
    "END",
    "METHOD",
    "LAST-MODIFIED",
    "SEQUENCE",
    "TZID",
    "TZOFFSETFROM",
    "TZOFFSETTO",
];

fn assert_court_name(name: &str) {
    assert!(name.chars().count() <= crate::text::COURT && !name.contains(char::is_control));
}

fn assert_name(text: &str) {
    assert!(text.chars().count() <= crate::text::NAME && !text.contains(char::is_control));
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = fn(&[u8]);

    #[test]
    fn the_seeds_hold() {
        let targets: [(&str, Read); 8] = [
            ("arrays", check_arrays),
            ("bookings", check_bookings),
            ("catalogue", check_catalogue),
            ("config", check_config),
            ("dotenv", check_dotenv),
            ("grammar", check_grammar),
            ("har", check_har),
            ("sessions", check_sessions),
        ];
        for (target, read) in targets {
            let seeds = std::fs::read_dir(format!("fuzz/seeds/{target}")).unwrap();
            let read = seeds.map(|seed| read(&std::fs::read(seed.unwrap().path()).unwrap()));
            assert!(read.count() > 0, "{target}");
        }
    }
}
