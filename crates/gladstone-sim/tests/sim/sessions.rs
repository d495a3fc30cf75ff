//! Availability: what is asked for is what comes.

use std::{collections::BTreeSet, fs, io::Read};

use chrono::{DateTime, TimeDelta, Utc};
use flate2::read::GzDecoder;
use gladstone_sim::{Builder, Club, TruthSlot};
use serde_json::Value;

use crate::http::{SESSIONS, list, text, try_visit, visit};

const DAY: &str = "dateFrom=2026-11-24T00:00:00.000Z&dateTo=2026-11-24T23:59:59.000Z";

fn builder() -> Builder {
    Club::builder().now("2026-11-23T09:00:00Z")
}

fn club() -> Club {
    builder().start()
}

fn sessions(club: &Club, query: &str) -> Vec<Value> {
    let answer = visit(club, &format!("{SESSIONS}?{query}"));
    assert_eq!(answer.status, 200);
    answer.json().as_array().unwrap().clone()
}

fn ids(elements: &[Value]) -> BTreeSet<&str> {
    elements
        .iter()
        .map(|element| text(&element["id"]))
        .collect()
}

fn slots(element: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    let locations = list(&element["locations"]).iter();
    locations.flat_map(|location| {
        list(&location["slots"])
            .iter()
            .map(move |slot| (location, slot))
    })
}

fn starts(elements: &[Value]) -> Vec<&str> {
    elements
        .iter()
        .flat_map(slots)
        .map(|(_, slot)| text(&slot["startTime"]))
        .collect()
}

#[test]
fn sites_activities_and_groups_choose() {
    let club = club();
    let chosen = |query: &str| {
        let elements = sessions(&club, &format!("{query}&{DAY}"));
        ids(&elements)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        chosen("siteIds=UB&webBookableOnly=true"),
        ["PADEL30", "PADEL60", "PADEL90"]
    );
    assert_eq!(
        chosen("siteIds=UB"),
        ["PADEL30", "PADEL60", "PADEL90", "PADELBLK"]
    );
    assert_eq!(
        chosen("SITEIDS=UB%2C14&ActivityIds=PADEL60,014A001015"),
        ["014A001015", "PADEL60"]
    );
    assert_eq!(
        chosen("activityGroupIds=SPHALL"),
        ["014A200101", "014A200102", "014A300001"]
    );
    assert_eq!(chosen("siteIds=UB&activityIds=014A001015"), [""; 0]);
    assert_eq!(chosen("activityIds=padel60"), [""; 0]);
    assert_eq!(chosen("webbookableonly=TRUE").len(), 7);
}

#[test]
fn both_ends_of_the_span_are_included() {
    let club = club();
    let day = |to: &str| {
        let elements = sessions(
            &club,
            &format!("activityIds=PADEL60&datefrom=2026-11-24T10:00:00Z&DATETO={to}"),
        );
        starts(&elements).len()
    };
    assert_eq!(day("2026-11-24T11:59:59.000Z"), 8);
    assert_eq!(day("2026-11-24T12:00:00Z"), 12);
    assert_eq!(day("2026-11-24T09:00:00Z"), 0);
}

#[test]
fn four_weeks_come_without_an_end() {
    let elements = sessions(&club(), "activityIds=PADEL60");
    let dates: Vec<_> = elements
        .iter()
        .map(|element| text(&element["date"]))
        .collect();
    assert_eq!(
        (dates.len(), dates[0], dates[28]),
        (29, "2026-11-23", "2026-12-21")
    );
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
    assert_eq!(starts(list(&lenient))[0], "2026-11-23T07:00:00Z");
    let club = builder().reject_past_date_from(true).start();
    let refused = visit(&club, &past);
    assert_eq!(
        (refused.status, refused.json()["message"].as_str()),
        (400, Some("dateFrom must not be in the past."))
    );
    assert_eq!(
        visit(
            &club,
            &format!("{SESSIONS}?dateFrom=2026-11-23T09:00:00.000Z")
        )
        .status,
        200
    );
    assert_eq!(
        visit(&club, &format!("{SESSIONS}?dateFrom=tomorrow")).status,
        400
    );
}

#[test]
fn ends_are_one_second_short_and_places_say_nothing() {
    let club = club();
    let elements = sessions(&club, DAY);
    for (_, slot) in elements.iter().flat_map(slots) {
        assert!(text(&slot["endTime"]).ends_with(":59Z"));
        assert_eq!(slot["bookableUntil"], slot["startTime"]);
        assert_eq!(slot["availability"]["virtual"], 0);
    }
    let length = |id: &str| {
        let element = elements.iter().find(|element| element["id"] == id).unwrap();
        let at = |key: &str| {
            slots(element).next().unwrap().1[key]
                .as_str()
                .unwrap()
                .parse::<DateTime<Utc>>()
                .unwrap()
        };
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
        let before = text(&slot["bookableFrom"])
            .parse::<DateTime<Utc>>()
            .unwrap()
            > now;
        assert_eq!(slot["isBeforeTimetableSlotBookablePeriod"], before);
        early += usize::from(before && slot["status"] == "Available");
    }
    assert!(early > 100);
}

#[test]
fn a_whole_hall_repeats_its_slots_for_each_court() {
    let elements = sessions(&club(), &format!("activityIds=014A300001&{DAY}"));
    let location = &elements[0]["locations"][0];
    assert_eq!(list(&elements[0]["locations"]).len(), 1);
    assert_eq!(list(&location["locationDetails"]).len(), 4);
    assert_eq!(
        location["locationNameToDisplay"],
        location["locationDetails"][0]["locationName"]
    );
    let slots = list(&location["slots"]);
    assert_eq!(elements[0]["slotCount"], slots.len());
    for same in slots.chunk_by(|one, other| one["startTime"] == other["startTime"]) {
        assert!(same.iter().all(|slot| *slot == same[0]));
        assert_eq!(
            same.len(),
            if same[0]["availability"]["inCentre"] == 0 {
                1
            } else {
                4
            }
        );
    }
}

#[test]
fn a_slot_booked_as_such_is_listed_once_with_its_number() {
    let club = builder().court_sets(true).start();
    let elements = sessions(&club, "siteIds=14,UB");
    let (mut own, mut odd_counts, mut numbers) = (BTreeSet::new(), 0, BTreeSet::new());
    for element in &elements {
        odd_counts += usize::from(
            element["slotCount"].as_u64().unwrap() % 2 == 1
                && element["locations"][0]["locationDetails"][1].is_object(),
        );
        let courts = |location: &Value| list(&location["locationDetails"]).len();
        for location in list(&element["locations"]) {
            for same in list(&location["slots"])
                .chunk_by(|one, other| one["startTime"] == other["startTime"])
            {
                let reference: Value =
                    serde_json::from_str(text(&same[0]["slotReferences"]["inCentre"])).unwrap();
                let booking = reference["BookingId"].as_u64().unwrap();
                assert_eq!(same[0]["availability"]["inCentre"], u64::from(booking == 0));
                assert_eq!(same.len(), if booking == 0 { courts(location) } else { 1 });
                if booking > 0 {
                    assert_eq!(same[0]["status"], "Unavailable");
                    assert!((1_000_000..10_000_000).contains(&booking));
                    own.insert(text(&element["id"]));
                    numbers.insert(booking);
                }
            }
        }
    }
    assert!(
        own.len() > 7 && odd_counts > 3 && numbers.len() > 500,
        "{own:?} {odd_counts} {}",
        numbers.len()
    );
}

#[test]
fn elements_come_by_date_and_then_by_activity() {
    let elements = sessions(
        &club(),
        "siteIds=UB,14&webBookableOnly=true&dateTo=2026-11-25T23:59:59Z",
    );
    let told: Vec<_> = elements
        .iter()
        .map(|it| (text(&it["date"]), text(&it["id"])))
        .collect();
    let ids: Vec<&str> = told[..7].iter().map(|(_, id)| *id).collect();
    assert_eq!(ids[..3], ["PADEL30", "PADEL60", "PADEL90"]);
    let days = ["2026-11-23", "2026-11-24", "2026-11-25"];
    assert_eq!(
        told,
        days.iter()
            .flat_map(|day| ids.iter().map(move |id| (*day, *id)))
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_date_alone_is_its_midnight() {
    let club = club();
    let query = |from: &str, to: &str| {
        sessions(
            &club,
            &format!("activityIds=PADEL60&dateFrom={from}&dateTo={to}"),
        )
    };
    let whole = query("2026-11-28T00:00:00.000Z", "2026-11-29T00:00:00Z");
    assert_eq!(query("2026-11-28", "2026-11-29"), whole);
    assert!(
        starts(&whole)
            .iter()
            .all(|start| start.starts_with("2026-11-28"))
            && starts(&whole).len() == 48
    );
    let status = |from: &str| visit(&club, &format!("{SESSIONS}?dateFrom={from}")).status;
    assert_eq!(
        ["2026-11-28", "2026-02-30", "28-11-2026", "2026-11-28T"].map(status),
        [200, 400, 400, 400]
    );
}

#[test]
fn started_slots_are_listed_for_those_who_ask_from_midnight() {
    let club = club();
    let query = |from: &str| {
        sessions(
            &club,
            &format!("activityIds=PADEL30&dateFrom={from}&dateTo=2026-11-23T23:59:59Z"),
        )
    };
    let (all, rest) = (query("2026-11-23"), query("2026-11-23T09:00:00.000Z"));
    let started = |elements: &[Value]| {
        let is_over = |slot: &Value| {
            slot["startTime"].as_str() < Some("2026-11-23T09:00:00Z")
                && slot["status"] == "Available"
        };
        elements
            .iter()
            .flat_map(slots)
            .filter(|(_, slot)| is_over(slot))
            .count()
    };
    assert!(started(&all) > 5);
    assert_eq!(started(&rest), 0);
}

#[test]
fn windows_move_where_that_is_asked_for() {
    let club = builder().moving_windows(true).start();
    let look = |now: &str| -> BTreeSet<(String, String, String)> {
        club.set_now(now);
        let elements = sessions(
            &club,
            "activityIds=PADEL30,014A001015&dateFrom=2026-11-25&dateTo=2026-12-04",
        );
        let text = |value: &Value| text(value).to_owned();
        let slots = elements.iter().flat_map(|element| {
            slots(element).map(move |(location, slot)| (element, location, slot))
        });
        let name = |element: &Value, location: &Value| {
            format!(
                "{} {}",
                text(&element["siteId"]),
                location["locationDetails"][0]["locationId"]
            )
        };
        slots
            .map(|(element, location, slot)| {
                (
                    name(element, location),
                    text(&slot["startTime"]),
                    text(&slot["bookableFrom"]),
                )
            })
            .collect()
    };
    let looks = [
        "2026-11-23T09:00:00Z",
        "2026-11-24T09:00:00Z",
        "2026-11-25T00:00:00Z",
    ]
    .map(look);
    let opened = |look: &BTreeSet<(String, String, String)>, at: &str| {
        look.iter()
            .filter(|slot| slot.0.starts_with("14") && slot.2 == at)
            .count()
    };
    assert!(
        opened(&looks[0], "2026-11-23T00:00:00Z") > 50
            && opened(&looks[1], "2026-11-23T00:00:00Z") == 0
    );
    assert!(opened(&looks[1], "2026-11-24T00:00:00Z") > 50);
    let other = |from: usize, to: usize| {
        looks[to]
            .difference(&looks[from])
            .filter(|slot| slot.0.starts_with("UB"))
            .count()
    };
    assert!((5..100).contains(&other(0, 1)), "{}", other(0, 1));
    // Some that were open are not open any more.
    let is_open = |look: usize, name: &str, start: &str| {
        let now = [
            "2026-11-23T09:00:00Z",
            "2026-11-24T09:00:00Z",
            "2026-11-25T00:00:00Z",
        ][look];
        looks[look].iter().any(|slot| {
            (slot.0.as_str(), slot.1.as_str()) == (name, start) && slot.2.as_str() <= now
        })
    };
    let closed = looks[0].iter().filter(|slot| {
        is_open(0, &slot.0, &slot.1)
            && !(is_open(1, &slot.0, &slot.1) && is_open(2, &slot.0, &slot.1))
    });
    assert!(closed.count() > 0);
    let truth = club.truth("2026-12-01".parse().unwrap());
    let opened: DateTime<Utc> = "2026-11-25T00:00:00Z".parse().unwrap();
    assert!(
        truth
            .iter()
            .filter(|slot| slot.site == "14")
            .all(|slot| slot.bookable_from == opened),
        "so does the truth"
    );
}

#[test]
fn sets_of_courts_have_long_names() {
    let club = builder().court_sets(true).start();
    let elements = sessions(&club, &format!("activityIds=014A300002,014A300003&{DAY}"));
    let sets: Vec<String> = elements
        .iter()
        .flat_map(|element| list(&element["locations"]))
        .map(|location| {
            let names = list(&location["locationDetails"]).iter();
            names
                .map(|court| text(&court["locationName"]))
                .collect::<Vec<_>>()
                .join(" + ")
        })
        .collect();
    assert_eq!(sets.len(), 4);
    assert!(sets.iter().any(|set| set.len() >= 120), "{sets:?}");
    assert!(
        elements
            .iter()
            .all(|element| text(&element["name"]).contains('&'))
    );
}

#[test]
fn the_odd_values_of_the_portal_occur() {
    let elements = sessions(&club(), DAY);
    let any = |holds: fn(&Value) -> bool| elements.iter().any(holds);
    assert!(any(|element| text(&element["name"]).contains("  ")));
    assert!(any(|element| element["description"] == ""));
    assert!(
        any(|element| element["imageUrl"].is_null())
            && any(|element| element["imageUrl"].is_string())
    );
    assert!(elements.iter().all(|element| element["date"].is_string()));
    assert!(any(
        |element| element["siteId"] == "14" && text(&element["id"]).starts_with("014")
    ));
}

#[test]
fn the_date_is_absent_where_that_is_asked_for() {
    let club = builder().undated(true).start();
    assert!(
        sessions(&club, DAY)
            .iter()
            .all(|element| element.get("date").is_none())
    );
}

#[test]
fn every_slot_is_the_truth_whatever_the_span() {
    let club = club();
    let whole = sessions(
        &club,
        "dateFrom=2026-11-24T00:00:00Z&dateTo=2026-12-07T23:59:59Z",
    );
    let mut listed: Vec<_> = whole
        .iter()
        .flat_map(|element| slots(element).map(|pair| told(element, pair)))
        .collect();
    listed.dedup();
    let first = "2026-11-24".parse::<chrono::NaiveDate>().unwrap();
    let mut truth: Vec<_> = first
        .iter_days()
        .take(14)
        .flat_map(|day| club.truth(day))
        .collect();
    let order = |slot: &TruthSlot| (slot.activity.clone(), slot.court_ids.clone(), slot.start);
    listed.sort_by_key(order);
    truth.sort_by_key(order);
    assert_eq!(listed, truth);
    for element in sessions(&club, DAY) {
        assert!(whole.contains(&element));
    }
}

/// Reads a slot of the portal as one of the truth's.
fn told(element: &Value, (location, slot): (&Value, &Value)) -> TruthSlot {
    let text = |value: &Value| text(value).to_owned();
    let at = |key: &str| text(&slot[key]).parse::<DateTime<Utc>>().unwrap();
    TruthSlot {
        site: text(&element["siteId"]),
        activity: text(&element["id"]),
        court_ids: list(&location["locationDetails"])
            .iter()
            .map(|at| text(&at["locationId"]))
            .collect(),
        start: at("startTime"),
        end: at("endTime") + TimeDelta::seconds(1),
        taken: slot["status"] == "Unavailable",
        booked_as_such: slot["availability"]["inCentre"] == 0,
        bookable_from: at("bookableFrom"),
    }
}

#[test]
fn a_captured_response_is_served_whatever_is_asked() {
    let path =
        std::env::temp_dir().join(format!("gladstone-sim-replay-{}.json", std::process::id()));
    fs::write(&path, "[ {\"id\": \"captured\"} ]\n").unwrap();
    let club = Club::builder().replay(&path).start();
    fs::remove_file(&path).unwrap();
    assert_eq!(
        visit(&club, &format!("{SESSIONS}?activityIds=PADEL60")).text(),
        "[ {\"id\": \"captured\"} ]\n"
    );
}

#[test]
fn compressed_for_those_who_ask() {
    let club = builder().gzip(true).start();
    let target = format!("{SESSIONS}?{DAY}");
    let plain = visit(&club, &target);
    let small = try_visit(&club, &target, &[("Accept-Encoding", "br, gzip")]).unwrap();
    assert!(!plain.headers.contains_key("content-encoding"));
    assert!(small.body.len() * 5 < plain.body.len());
    let mut text = Vec::new();
    GzDecoder::new(small.body.as_slice())
        .read_to_end(&mut text)
        .unwrap();
    assert_eq!(text, plain.body);
}
