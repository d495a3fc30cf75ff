//! Availability: what is asked for is what comes.

use std::{collections::BTreeSet, fs, io::Read};

use chrono::{DateTime, TimeDelta, Utc};
use flate2::read::GzDecoder;
use gladstone_sim::{Club, TruthSlot};
use serde_json::Value;

use crate::http::{SESSIONS, try_visit, visit};

const DAY: &str = "dateFrom=2026-11-24T00:00:00.000Z&dateTo=2026-11-24T23:59:59.000Z";

fn club() -> Club {
    Club::builder().now("2026-11-23T09:00:00Z").start()
}

fn sessions(club: &Club, query: &str) -> Vec<Value> {
    let answer = visit(club, &format!("{SESSIONS}?{query}"));
    assert_eq!(answer.status, 200);
    answer.json().as_array().unwrap().clone()
}

fn ids(elements: &[Value]) -> BTreeSet<&str> {
    elements.iter().map(|element| element["id"].as_str().unwrap()).collect()
}

fn slots(element: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let locations = element["locations"].as_array().unwrap().iter();
    locations.flat_map(|location| location["slots"].as_array().unwrap().iter().map(move |slot| (location, slot)))
}

fn starts(elements: &[Value]) -> Vec<&str> {
    elements.iter().flat_map(slots).map(|(_, slot)| slot["startTime"].as_str().unwrap()).collect()
}

#[test]
fn sites_activities_and_groups_choose() {
    let club = club();
    let chosen = |query: &str| {
        let elements = sessions(&club, &format!("{query}&{DAY}"));
        ids(&elements).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(chosen("siteIds=UB&webBookableOnly=true"), ["PADEL30", "PADEL60", "PADEL90"]);
    assert_eq!(chosen("siteIds=UB"), ["PADEL30", "PADEL60", "PADEL90", "PADELBLK"]);
    assert_eq!(chosen("SITEIDS=UB%2C14&ActivityIds=PADEL60,014A001015"), ["014A001015", "PADEL60"]);
    assert_eq!(chosen("activityGroupIds=SPHALL"), ["014A200101", "014A200102", "014A300001"]);
    assert_eq!(chosen("siteIds=UB&activityIds=014A001015"), [""; 0]);
    assert_eq!(chosen("activityIds=padel60"), [""; 0]);
    assert_eq!(chosen("webbookableonly=TRUE").len(), 7);
}

#[test]
fn both_ends_of_the_span_are_included() {
    let club = club();
    let day = |to: &str| {
        let elements = sessions(&club, &format!("activityIds=PADEL60&datefrom=2026-11-24T10:00:00Z&DATETO={to}"));
        starts(&elements).len()
    };
    assert_eq!(day("2026-11-24T11:59:59.000Z"), 8);
    assert_eq!(day("2026-11-24T12:00:00Z"), 12);
    assert_eq!(day("2026-11-24T09:00:00Z"), 0);
}

#[test]
fn four_weeks_come_without_an_end() {
    let elements = sessions(&club(), "activityIds=PADEL60");
    let dates: Vec<_> = elements.iter().map(|element| element["date"].as_str().unwrap()).collect();
    assert_eq!((dates.len(), dates[0], dates[28]), (29, "2026-11-23", "2026-12-21"));
    assert_eq!(starts(&elements)[0], "2026-11-23T09:00:00Z");
}

#[test]
fn nothing_is_published_beyond_twelve_weeks() {
    let query = "activityIds=PADEL60&dateFrom=2027-06-01T00:00:00Z&dateTo=9999-12-31T23:59:59Z";
    assert_eq!(sessions(&club(), query).len(), 0);
}

#[test]
fn a_past_start_is_rejected_when_asked_to() {
    let past = format!("{SESSIONS}?activityIds=PADEL60&dateFrom=2026-11-23T00:00:00Z");
    let lenient = visit(&club(), &past).json();
    assert_eq!(starts(lenient.as_array().unwrap())[0], "2026-11-23T07:00:00Z");
    let club = Club::builder().now("2026-11-23T09:00:00Z").reject_past_date_from(true).start();
    let refused = visit(&club, &past);
    assert_eq!((refused.status, refused.json()["message"].as_str()), (400, Some("dateFrom must not be in the past.")));
    assert_eq!(visit(&club, &format!("{SESSIONS}?dateFrom=2026-11-23T09:00:00.000Z")).status, 200);
    assert_eq!(visit(&club, &format!("{SESSIONS}?dateFrom=tomorrow")).status, 400);
}

#[test]
fn ends_are_one_second_short_and_places_say_nothing() {
    let club = club();
    let elements = sessions(&club, DAY);
    for (_, slot) in elements.iter().flat_map(slots) {
        assert!(slot["endTime"].as_str().unwrap().ends_with(":59Z"));
        assert_eq!(slot["bookableUntil"], slot["startTime"]);
        assert_eq!(slot["availability"], serde_json::json!({"inCentre": 1, "virtual": 0}));
    }
    let length = |id: &str| {
        let element = elements.iter().find(|element| element["id"] == id).unwrap();
        let at = |key: &str| slots(element).next().unwrap().1[key].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        (at("endTime") - at("startTime")).num_seconds()
    };
    assert_eq!((length("PADEL60"), length("014A001015")), (3599, 3299));
}

#[test]
fn slots_are_available_before_their_window_opens() {
    let club = club();
    let elements = sessions(&club, "activityIds=PADEL60");
    let now: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().unwrap();
    let mut early = 0;
    for (_, slot) in elements.iter().flat_map(slots) {
        let before = slot["bookableFrom"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap() > now;
        assert_eq!(slot["isBeforeTimetableSlotBookablePeriod"], before);
        early += usize::from(before && slot["status"] == "Available");
    }
    assert!(early > 100);
}

#[test]
fn a_whole_hall_repeats_its_slots_for_each_court() {
    let elements = sessions(&club(), &format!("activityIds=014A300001&{DAY}"));
    let location = &elements[0]["locations"][0];
    assert_eq!(elements[0]["locations"].as_array().unwrap().len(), 1);
    assert_eq!(location["locationDetails"].as_array().unwrap().len(), 4);
    assert_eq!(location["locationNameToDisplay"], location["locationDetails"][0]["locationName"]);
    let slots = location["slots"].as_array().unwrap();
    assert_eq!(elements[0]["slotCount"], slots.len());
    assert!(slots.chunks(4).all(|same| same.iter().all(|slot| *slot == same[0])));
    assert_ne!(slots[3], slots[4]);
}

#[test]
fn the_odd_values_of_the_portal_occur() {
    let elements = sessions(&club(), DAY);
    let any = |holds: fn(&Value) -> bool| elements.iter().any(holds);
    assert!(any(|element| element["name"].as_str().unwrap().contains("  ")));
    assert!(any(|element| element["description"] == ""));
    assert!(any(|element| element["imageUrl"].is_null()) && any(|element| element["imageUrl"].is_string()));
    assert!(any(|element| element.get("date").is_none()));
    assert!(any(|element| element["siteId"] == "14" && element["id"].as_str().unwrap().starts_with("014")));
}

#[test]
fn every_slot_is_the_truth_whatever_the_span() {
    let club = club();
    let whole = sessions(&club, "dateFrom=2026-11-24T00:00:00Z&dateTo=2026-12-07T23:59:59Z");
    let mut listed: Vec<_> = whole.iter().flat_map(|element| slots(element).map(|pair| told(element, pair))).collect();
    listed.dedup();
    let first = "2026-11-24".parse::<chrono::NaiveDate>().unwrap();
    let mut truth: Vec<_> = first.iter_days().take(14).flat_map(|day| club.truth(day)).collect();
    let order = |slot: &TruthSlot| (slot.activity.clone(), slot.court_ids.clone(), slot.start);
    listed.sort_by_key(order);
    truth.sort_by_key(order);
    assert_eq!(listed, truth);
    for element in sessions(&club, DAY) {
        assert!(whole.contains(&element));
    }
}

/// What the portal's words come to.
fn told(element: &Value, (location, slot): (&Value, &Value)) -> TruthSlot {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let at = |key: &str| text(&slot[key]).parse::<DateTime<Utc>>().unwrap();
    TruthSlot {
        site: text(&element["siteId"]),
        activity: text(&element["id"]),
        court_ids: location["locationDetails"].as_array().unwrap().iter().map(|at| text(&at["locationId"])).collect(),
        start: at("startTime"),
        end: at("endTime") + TimeDelta::seconds(1),
        taken: slot["status"] == "Unavailable",
        bookable_from: at("bookableFrom"),
    }
}

#[test]
fn a_captured_response_is_served_whatever_is_asked() {
    let path = std::env::temp_dir().join(format!("gladstone-sim-replay-{}.json", std::process::id()));
    fs::write(&path, "[ {\"id\": \"captured\"} ]\n").unwrap();
    let club = Club::builder().replay(&path).start();
    fs::remove_file(&path).unwrap();
    assert_eq!(visit(&club, &format!("{SESSIONS}?activityIds=PADEL60")).text(), "[ {\"id\": \"captured\"} ]\n");
}

#[test]
fn compressed_for_those_who_ask() {
    let club = Club::builder().now("2026-11-23T09:00:00Z").gzip(true).start();
    let target = format!("{SESSIONS}?{DAY}");
    let plain = visit(&club, &target);
    let small = try_visit(&club, &target, &[("Accept-Encoding", "br, gzip")]).unwrap();
    assert!(!plain.headers.contains_key("content-encoding"));
    assert!(small.body.len() * 5 < plain.body.len());
    let mut text = Vec::new();
    GzDecoder::new(small.body.as_slice()).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.body);
}
