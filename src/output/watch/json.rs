//! `padel.watch.event/v1` and `padel.watch.look/v1`: a document a line, the look last.

use std::io::{Result, Write};

use chrono::{DateTime, Datelike as _, Utc};
use serde::{Serialize, Serializer};
use serde_json::json;

use super::{Place, Sent, WatchReport, words::site_name};
use crate::{
    courts::{
        watch::{Event, What},
        weekday_name,
    },
    output::json::{format_at_club, format_clock, write_document},
};

#[derive(Serialize, Default)]
struct EventV1<'a> {
    schema: &'static str,
    event: &'static str,
    reason: Option<&'static str>,
    watch: Option<&'a str>,
    club: String,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weekday: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_minutes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site_id: Option<&'a str>,
    /// Where there is a game, also a name that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    courts: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bookings: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    free: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    games: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    told_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    looks: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorV1<'a>>,
    sent: SentV1<'a>,
}

/// What became of the message for each target, by its name.
#[derive(Default)]
struct SentV1<'a>(&'a [(String, Sent)]);

impl Serialize for SentV1<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, sent)| (name, sent.name())))
    }
}

#[derive(Serialize)]
struct ErrorV1<'a> {
    code: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct LookV1<'a> {
    schema: &'static str,
    club: String,
    at: String,
    look: u64,
    complete: bool,
    watches: usize,
    over: &'a [String],
    free: usize,
    events: usize,
    pending: usize,
    requests: u32,
    failures: u32,
    next_look_at: Option<String>,
    error: Option<ErrorV1<'a>>,
    warnings: &'a [String],
}

impl<'a> EventV1<'a> {
    fn new(event: &'a Event, place: &'a Place, sent: &'a [(String, Sent)]) -> Self {
        let at_club = |time: DateTime<Utc>| format_at_club(time, place.zone);
        let game = match &event.what {
            What::Opens { first, .. } => Some(first),
            what => what.game(),
        };
        let start = game.map(|key| key.start.with_timezone(&place.zone));
        let base = Self {
            date: start.map(|start| start.date_naive().to_string()),
            weekday: start.map(|start| weekday_name(start.weekday())),
            start: start.map(format_clock),
            start_at: game.map(|key| at_club(key.start)),
            duration_minutes: game.map(|key| key.minutes),
            site_id: game.map(|key| key.site_id.as_str()),
            site: game.map(|key| site_name(key, place)),
            schema: "padel.watch.event/v1",
            event: event.what.name(),
            watch: event.watch.as_deref(),
            club: place.club.name(),
            at: at_club(event.at),
            sent: SentV1(sent),
            ..Self::default()
        };
        match &event.what {
            What::Watching { free } => Self {
                free: Some(*free),
                ..base
            },
            What::Free {
                reason,
                key,
                end,
                courts,
                activity_id,
                bookings,
            } => Self {
                reason: Some(reason.name()),
                end: Some(format_clock(end.with_timezone(&place.zone))),
                end_at: Some(at_club(*end)),
                courts: Some(courts),
                bookings: Some(*bookings),
                link: place.club.booking_page(activity_id, key.start),
                ..base
            },
            What::Opens {
                opens_at, games, ..
            } => Self {
                opens_at: Some(at_club(*opens_at)),
                games: Some(*games),
                ..base
            },
            What::Gone {
                reason, told_at, ..
            } => Self {
                reason: Some(reason.name()),
                told_at: Some(at_club(*told_at)),
                ..base
            },
            What::Failing {
                looks,
                code,
                message,
            } => Self {
                looks: Some(*looks),
                error: Some(ErrorV1 { code, message }),
                ..base
            },
            What::Recovered { looks } => Self {
                looks: Some(*looks),
                ..base
            },
        }
    }
}

pub(super) fn write(report: &WatchReport, out: &mut dyn Write) -> Result<()> {
    let place = &report.place;
    for told in &report.events {
        write_document(&EventV1::new(&told.event, place, &told.sent), out)?;
    }
    let (look, zone) = (&report.look, place.zone);
    let document = LookV1 {
        schema: "padel.watch.look/v1",
        club: place.club.name(),
        at: format_at_club(look.at, zone),
        look: look.look,
        complete: look.is_complete,
        watches: look.watches,
        over: &look.over,
        free: look.free,
        events: report.events.len(),
        pending: look.pending,
        requests: look.requests,
        failures: look.failures,
        next_look_at: look.next_look_at.map(|at| format_at_club(at, zone)),
        error: look
            .error
            .as_ref()
            .map(|(code, message)| ErrorV1 { code, message }),
        warnings: &report.warnings,
    };
    write_document(&document, out)
}

pub(super) fn events_json(events: &[Event], place: &Place) -> String {
    // Nothing is sent yet.
    let events: Vec<EventV1<'_>> = events
        .iter()
        .map(|event| EventV1::new(event, place, &[]))
        .collect();
    serde_json::to_string(&events).unwrap_or_default()
}

pub(super) fn slack_json(text: &str) -> String {
    json!({"text": text, "unfurl_links": false}).to_string()
}

pub(super) fn message_json(text: &str, events: &[Event], place: &Place) -> String {
    let text = serde_json::Value::from(text);
    let events = events_json(events, place);
    format!("{{\"text\":{text},\"events\":{events}}}")
}
