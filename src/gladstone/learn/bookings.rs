//! The requests for bookings: JSON answers after the sign-in with lists of things that have a start time.

use serde_json::Value;

use super::{
    fields::{self, Fields},
    har::Exchange,
    request::{self, Request},
    secret::Secrets,
    token::child,
    words::{has, words},
};
use crate::courts::Period;

/// Below this a list is of something else.
const ENOUGH: i32 = 6;

/// What was found of the bookings.
pub(super) struct Found {
    pub(super) upcoming: Option<Learnt>,
    pub(super) history: Option<Learnt>,
    /// Pointer to the list.
    pub(super) items: String,
    pub(super) fields: Fields,
    /// Which exchanges it was learned from.
    pub(super) calls: Vec<usize>,
}

/// A request and how it was chosen.
pub(super) struct Learnt {
    pub(super) request: Request,
    pub(super) certain: bool,
    pub(super) how: &'static str,
}

struct Candidate<'a> {
    index: usize,
    exchange: &'a Exchange,
    pointer: String,
    items: Vec<Value>,
    fields: Fields,
    score: i32,
}

/// Finds the bookings among the exchanges behind `after`.
pub(super) fn find(exchanges: &[Exchange], after: usize, secrets: &Secrets) -> Option<Found> {
    let answers = || {
        exchanges.iter().enumerate().skip(after + 1).filter(|(_, exchange)| {
            exchange.method == "GET"
                && (200..300).contains(&exchange.status)
                && !exchange.path().to_lowercase().starts_with("/api/availability/")
        })
    };
    let all: Vec<Candidate<'_>> =
        answers().filter_map(|(index, exchange)| candidate(index, exchange)).filter(|it| it.score >= ENOUGH).collect();
    let best = all.iter().max_by_key(|candidate| candidate.score)?;
    let (pointer, start) = (best.pointer.clone(), best.fields.get("start")?.0.first()?.clone());
    let score = best.score;
    let family: Vec<&Candidate<'_>> = all
        .iter()
        .filter(|other| {
            other.pointer == pointer
                && other.score + 6 >= score
                && other.fields.get("start").is_some_and(|(pointers, _)| pointers.contains(&start))
        })
        .collect();
    let items: Vec<&Value> = family.iter().flat_map(|candidate| &candidate.items).collect();
    let fields = fields::of(&items)?;
    let starts = &fields.get("start")?.0;
    let learnt = |candidate: &Candidate<'_>, period, certain, how| {
        let Candidate { exchange, .. } = candidate;
        let request = request::bookings(&exchange.target, exchange.started, period, secrets)?;
        Some(Learnt { certain: certain && request.doubts.is_empty(), request, how })
    };
    let (mut upcoming, mut history) = (None, None);
    for candidate in &family {
        let items: Vec<&Value> = candidate.items.iter().collect();
        let times = fields::starts(&items, starts);
        let future = times.iter().filter(|time| **time > candidate.exchange.started).count();
        let past = times.len() - future;
        let spoken = said(candidate.exchange.path());
        // A booking that is being played is in the list of those to come.
        let mixed = future.min(past) * 5 > times.len();
        let named = candidate.score >= 12;
        if mixed && spoken.is_none() {
            upcoming =
                upcoming.or(learnt(candidate, Period::Upcoming, named, "its list holds past and future bookings"));
            history = history.or(learnt(candidate, Period::History, named, "its list holds past and future bookings"));
        } else if spoken.unwrap_or(if future >= past { Period::Upcoming } else { Period::History }) == Period::Upcoming
        {
            upcoming = learnt(candidate, Period::Upcoming, named, "its bookings begin after the request").or(upcoming);
        } else {
            history = learnt(candidate, Period::History, named, "its bookings began before the request").or(history);
        }
    }
    let mut calls: Vec<usize> = family.iter().map(|candidate| candidate.index).collect();
    for (index, exchange) in answers().filter(|(index, _)| !calls.contains(index)).collect::<Vec<_>>() {
        let empty = exchange.json().and_then(|json| json.pointer(&pointer)?.as_array().map(Vec::is_empty));
        if empty != Some(true) || path_score(&exchange.target) < 6 {
            continue;
        }
        let how = "its list was empty; its name says what it is";
        let period = said(exchange.path()).or(match (&upcoming, &history) {
            (None, Some(_)) => Some(Period::Upcoming),
            (Some(_), None) => Some(Period::History),
            _ => None,
        });
        let slot = match period {
            Some(Period::Upcoming) => &mut upcoming,
            Some(Period::History) => &mut history,
            None => continue,
        };
        if let (None, Some(period)) = (&slot, period) {
            let request = request::bookings(&exchange.target, exchange.started, period, secrets);
            *slot = request.map(|request| Learnt { request, certain: false, how });
            calls.push(index);
        }
    }
    match (&upcoming, &history) {
        (None, Some(known)) => upcoming = Some(same(known)),
        (Some(known), None) => history = Some(same(known)),
        _ => {}
    }
    Some(Found { upcoming, history, items: pointer, fields, calls })
}

/// The only request that was seen, for the other period, too: padel sorts by time itself.
fn same(known: &Learnt) -> Learnt {
    let how = "the capture shows no other request for bookings";
    Learnt { request: known.request.clone(), certain: false, how }
}

/// What a path says of the period.
fn said(path: &str) -> Option<Period> {
    let words = words(path);
    if has(&words, &["history", "past", "previous", "completed", "old"]) {
        Some(Period::History)
    } else if has(&words, &["upcoming", "future", "next", "coming"]) {
        Some(Period::Upcoming)
    } else {
        None
    }
}

/// The list of an answer that looks most like bookings.
fn candidate(index: usize, exchange: &Exchange) -> Option<Candidate<'_>> {
    let json = exchange.json()?;
    let path = path_score(&exchange.target);
    let mut best: Option<Candidate<'_>> = None;
    for (pointer, items) in lists(&json) {
        let refs: Vec<&Value> = items.iter().collect();
        let Some(fields) = fields::of(&refs) else { continue };
        let features = [("reference", 3), ("end", 3), ("court", 2), ("activity", 2), ("site", 1), ("status", 1)];
        let features: i32 = features.iter().filter(|(name, _)| fields.contains_key(name)).map(|(_, worth)| worth).sum();
        let depth = i32::try_from(pointer.matches('/').count()).unwrap_or(9);
        let score = path + key_score(&pointer) + features - depth;
        if best.as_ref().is_none_or(|best| score > best.score) {
            best = Some(Candidate { index, exchange, pointer, items: items.clone(), fields, score });
        }
    }
    best
}

const BOOKINGS: &[&str] = &["booking", "reservation", "visit", "appointment"];
const OTHERS: &[&str] = &[
    "availability",
    "timetable",
    "slot",
    "slots",
    "class",
    "classes",
    "calendar",
    "search",
    "configuration",
    "news",
    "notification",
    "transaction",
    "payment",
    "invoice",
    "log",
    "bookable",
    "waiting",
    "offer",
    "promotion",
];

fn path_score(target: &str) -> i32 {
    let words = words(target);
    let mine = has(&words, &["mine", "my", "me", "member", "account", "upcoming", "history", "past", "list"]);
    key_score(target) + if mine { 2 } else { 0 }
}

fn key_score(text: &str) -> i32 {
    let words = words(text);
    i32::from(has(&words, BOOKINGS)) * 6 - i32::from(has(&words, OTHERS)) * 6
}

/// Lists of objects with their pointers.
fn lists(value: &Value) -> Vec<(String, &Vec<Value>)> {
    let mut found = Vec::new();
    let mut queue = vec![(String::new(), value, 0)];
    while let Some((pointer, value, depth)) = queue.pop() {
        match value {
            Value::Array(items) if depth < 6 => {
                if !items.is_empty() && items.iter().all(Value::is_object) {
                    found.push((pointer.clone(), items));
                }
                let items = items.iter().take(2).enumerate();
                queue.extend(items.map(|(at, item)| (format!("{pointer}/{at}"), item, depth + 1)));
            }
            Value::Object(fields) if depth < 6 => {
                queue.extend(fields.iter().map(|(name, item)| (child(&pointer, name), item, depth + 1)));
            }
            _ => {}
        }
    }
    found
}
