//! Whatever becomes of one key of the simulated club's answers: the right courts, a warning, or an
//! error.

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::TcpStream,
};

use chrono::{DateTime, Utc};
use chrono_tz::Europe::London;
use gladstone_sim::Club;
use serde_json::{Value, json};

use super::{
    availability::{AnswerReader, MOST_SLOTS, Question},
    body::{Extent, Intake as _},
    catalogue::{self, MOST_NAMES},
    endpoints, refuse_more_than,
    transport::Reply,
};
use crate::{
    courts::{Query, answer_query},
    log::Log,
    zone::Zone,
};

const NOW: &str = "2026-11-23T09:00:00Z";

fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

pub(super) fn reply(endpoint: &str, body: &[u8]) -> Reply {
    let (endpoint, landed) = (endpoint.to_owned(), endpoint.to_owned());
    Reply {
        endpoint,
        body: body.to_vec(),
        cookies: super::cookies::Received::default(),
        landed,
        date: None,
        log: Log(0),
    }
}

/// The club's answer to a visitor.
fn get(club: &Club, target: &str) -> Value {
    let host = club.url().trim_start_matches("http://").to_owned();
    let ask = |target: &str, headers: &str| {
        let mut stream = TcpStream::connect(&host).unwrap();
        write!(
            stream,
            "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let session = ask("/api/samlauthentication/anonymous", "");
    let cookie = session
        .split("Jwt=")
        .nth(1)
        .and_then(|rest| rest.split(';').next())
        .unwrap();
    let answer = ask(target, &format!("X-Use-Sso: 1\r\nCookie: Jwt={cookie}\r\n"));
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Some hours of two days, one of which is not open yet, on two courts of an activity at each site
/// and in a hall.
fn club_answer() -> Value {
    let club = Club::builder().now(NOW).start();
    let mut all = Vec::new();
    for (day, last) in [("2026-11-23", "19:00"), ("2026-12-04", "18:00")] {
        let target = format!(
            "/api/availability/V2/sessions?siteIds=UB,14&activityIds=PADEL60,014A001015,014A300001\
             &dateFrom={day}T18:00:00.000Z&dateTo={day}T{last}:00.000Z"
        );
        all.extend(get(&club, &target).as_array().unwrap().clone());
    }
    for element in &mut all {
        let locations = element["locations"].as_array_mut().unwrap();
        locations.truncate(2);
        let count: usize = locations
            .iter()
            .map(|location| location["slots"].as_array().unwrap().len())
            .sum();
        element["slotCount"] = count.into();
    }
    Value::Array(all)
}

/// A court by its ids or by its name, with what is listed there: activity, site, times and state.
type Listed = Vec<(
    String,
    String,
    String,
    DateTime<Utc>,
    DateTime<Utc>,
    &'static str,
)>;

/// An answer as `padel availability` reads it: its courts by id and by name, and the warnings.
fn read(body: &[u8]) -> Result<([Listed; 2], Vec<String>), String> {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let (sites, activities) = (
        ids(&["UB", "14"]),
        ids(&["PADEL60", "014A001015", "014A300001"]),
    );
    let question = Question {
        sites: &sites,
        activities: &activities,
        now: now(),
    };
    let mut answer = AnswerReader::new(&question);
    answer.push(body);
    let sessions = answer
        .finish(&reply(endpoints::AVAILABILITY, &[]), "club.example")
        .map_err(|failure| failure.to_string())?;
    let query = Query {
        zone: Zone::compiled(London),
        date: now().date_naive(),
        days: 14,
        weekdays: Vec::new(),
        minutes: None,
        from: None,
        to: None,
        at: None,
        courts: Vec::new(),
    };
    let warnings = sessions.warnings();
    let answer = answer_query(sessions.slots, &query, now());
    let by = |court: &dyn Fn(&crate::courts::Listing) -> String| {
        let row = |slot: &crate::courts::Stretch| {
            let listing = &*slot.listing;
            let ids = (
                court(listing),
                listing.activity_id.clone(),
                listing.site_id.clone(),
            );
            (ids.0, ids.1, ids.2, slot.start, slot.end, slot.state.name())
        };
        let mut listed: Listed = answer.stretches.iter().map(row).collect();
        listed.sort();
        listed
    };
    Ok((
        [
            by(&|listing| listing.court_ids.join(" ")),
            by(&|listing| listing.court.clone()),
        ],
        warnings,
    ))
}

/// Every key at every place, as JSON pointers.
fn keys(value: &Value, place: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                all.push(format!("{place}/{key}"));
                keys(value, &format!("{place}/{key}"), all);
            }
        }
        Value::Array(list) => {
            list.iter()
                .enumerate()
                .for_each(|(index, value)| keys(value, &format!("{place}/{index}"), all));
        }
        _ => {}
    }
}

/// The values that may take a value's place; an absent key is no value.
fn becomes(value: &Value) -> Vec<(&'static str, Option<Value>)> {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let mut all = vec![
        ("dropped", None),
        ("null", Some(Value::Null)),
        ("an empty list", Some(json!([]))),
        ("in a list", Some(json!([value]))),
        ("an empty object", Some(json!({}))),
        ("in an object", Some(json!({"value": value}))),
        ("a number", Some(json!(7))),
    ];
    if value.is_string() {
        all.push(("an empty text", Some(json!(""))));
    } else {
        all.push(("a text", Some(text.into())));
    }
    if !value.is_boolean() {
        all.push(("a flag", Some(json!(true))));
    }
    all
}

/// Puts another value, or none, in place of each of these keys; `renamed` keeps the value under
/// another name.
fn changed(answer: &Value, places: &[String], value: Option<&Value>, renamed: bool) -> Value {
    let mut answer = answer.clone();
    for place in places {
        let (parent, key) = place.rsplit_once('/').unwrap();
        // What stood inside of something that is gone is gone, too.
        let Some(Value::Object(map)) = answer.pointer_mut(parent) else {
            continue;
        };
        let old = map.remove(key).unwrap();
        if renamed {
            map.insert(format!("{key}_v2"), old);
        } else if let Some(value) = value {
            map.insert(key.to_owned(), value.clone());
        }
    }
    answer
}

/// Tries all changes to these keys at once.
#[track_caller]
fn try_all(answer: &Value, places: &[String], truth: &[Listed; 2]) -> usize {
    let value = answer.pointer(&places[0]).unwrap();
    let mut ways: Vec<_> = becomes(value)
        .into_iter()
        .map(|(what, value)| (what, value, false))
        .collect();
    ways.push(("renamed", None, true));
    for (what, value, renamed) in &ways {
        let body = changed(answer, places, value.as_ref(), *renamed).to_string();
        let Ok((listed, warnings)) = read(body.as_bytes()) else {
            continue;
        };
        let is_right = listed[0] == truth[0] || listed[1] == truth[1];
        assert!(
            is_right || !warnings.is_empty(),
            "{} {what}: {listed:?} in silence",
            places[0]
        );
    }
    ways.len()
}

#[test]
fn one_key_changed_costs_no_court_in_silence() {
    let answer = club_answer();
    let (truth, warnings) = read(answer.to_string().as_bytes()).unwrap();
    assert_eq!(warnings, [""; 0]);
    let states: BTreeSet<&str> = truth[0].iter().map(|slot| slot.5).collect();
    assert_eq!(states, BTreeSet::from(["free", "opens_later", "taken"]));
    let mut all = Vec::new();
    keys(&answer, "", &mut all);
    let tried: usize = all
        .iter()
        .map(|place| try_all(&answer, std::slice::from_ref(place), &truth))
        .sum();
    assert!(tried > 3000, "{tried}");
}

#[test]
fn a_key_changed_everywhere_costs_no_court_in_silence() {
    let answer = club_answer();
    let (truth, _) = read(answer.to_string().as_bytes()).unwrap();
    let mut all = Vec::new();
    keys(&answer, "", &mut all);
    let kind = |place: &str| {
        let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        place
            .split('/')
            .filter(|part| !is_number(part))
            .collect::<Vec<_>>()
            .join("/")
    };
    let kinds: BTreeSet<String> = all.iter().map(|place| kind(place)).collect();
    for one in &kinds {
        let places: Vec<String> = all
            .iter()
            .filter(|place| kind(place) == *one)
            .cloned()
            .collect();
        try_all(&answer, &places, &truth);
    }
    assert!(kinds.len() > 40, "{kinds:?}");
    // Both ends of all windows; and the court's ids with the name that is shown.
    for pair in [
        ["bookableFrom", "bookableUntil"],
        ["locationId", "locationNameToDisplay"],
        ["slots", "slotCount"],
    ] {
        let ends = |place: &&String| pair.iter().any(|key| place.ends_with(&format!("/{key}")));
        try_all(
            &answer,
            &all.iter().filter(ends).cloned().collect::<Vec<_>>(),
            &truth,
        );
    }
}

#[test]
fn every_key_changed_in_a_catalogue_is_told_or_harmless() {
    let club = Club::builder().now(NOW).start();
    let answer = get(
        &club,
        "/api/search/activities/?siteIds=UB,14&webBookableOnly=true",
    );
    let padel = |body: &Value| {
        let reply = reply(endpoints::ACTIVITIES, body.to_string().as_bytes());
        let (activities, warnings) = catalogue::read_activities(&reply, "club.example").ok()?;
        let of_sport = activities.into_iter().filter(|one| {
            one.name.to_lowercase().contains("padel")
                || one.description.to_lowercase().contains("padel")
        });
        Some((of_sport.map(|one| one.id).collect::<Vec<_>>(), warnings))
    };
    let (truth, warnings) = padel(&answer).unwrap();
    assert!(truth.len() > 2 && warnings.is_empty());
    let mut all = Vec::new();
    keys(&answer, "", &mut all);
    let every = |key: &str| {
        all.iter()
            .filter(|place| place.ends_with(key))
            .cloned()
            .collect::<Vec<_>>()
    };
    let sets = all.iter().map(|place| vec![place.clone()]).chain([
        every("/id"),
        every("/name"),
        every("/description"),
    ]);
    for places in sets {
        let value = answer.pointer(&places[0]).unwrap();
        // A number is an id like any other.
        for (what, value) in becomes(value)
            .into_iter()
            .filter(|(what, _)| *what != "a number" && *what != "a flag")
        {
            let Some((found, warnings)) = padel(&changed(&answer, &places, value.as_ref(), false))
            else {
                continue;
            };
            assert!(
                found == truth || !warnings.is_empty(),
                "{places:?} {what}: {found:?}"
            );
        }
        let renamed = padel(&changed(&answer, &places, None, true));
        assert!(
            renamed.is_none_or(|(found, warnings)| found == truth || !warnings.is_empty()),
            "{places:?}"
        );
    }
}

#[test]
fn what_stands_round_json_and_half_characters_are_seen_through() {
    let answer = club_answer();
    let text = answer.to_string();
    let (truth, _) = read(text.as_bytes()).unwrap();
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let half = text.replace(
        "Padel Court 1",
        r"Padel \ud83d Court \udc4e 1 \ud83d\ude00 \\ud83d",
    );
    let bodies = [
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [b")]}',\n", text.as_bytes()].concat(),
        [b"\xef\xbb\xbf)]}'\n", text.as_bytes()].concat(),
        [b"for(;;);", text.as_bytes()].concat(),
        [vec![0xff, 0xfe], utf16(u16::to_le_bytes)].concat(),
        [vec![0xfe, 0xff], utf16(u16::to_be_bytes)].concat(),
        utf16(u16::to_le_bytes),
        half.into_bytes(),
        // Latin-1, and a key twice.
        text.replace("Padel Court 1", "Caf@")
            .into_bytes()
            .into_iter()
            .map(|byte| if byte == b'@' { 0xe9 } else { byte })
            .collect(),
        text.replacen("\"status\":", "\"status\":\"Gone\",\"status\":", 3)
            .into_bytes(),
    ];
    for (number, body) in bodies.iter().enumerate() {
        let (listed, warnings) = read(body).unwrap();
        assert_eq!(
            (&listed[0], warnings),
            (&truth[0], Vec::new()),
            "body {number}"
        );
    }
}

#[test]
fn what_is_no_array_is_named() {
    for (body, named) in [
        (
            r#"{"data":[{"id":"A"}],"total":1}"#,
            "an object with a list in `data`",
        ),
        (r#"{"message":"no"}"#, "got an object"),
        ("{\"id\":\"A\"}\n{\"id\":\"B\"}\n", "NDJSON"),
        (r#"{"data":["#, "breaks off"),
        ("\u{feff}[{\"id\":", "breaks off"),
        ("<p>", "an HTML page"),
        ("\u{feff}", "an empty answer"),
        ("\"[]\"", "something that is not an array"),
    ] {
        let told = read(body.as_bytes()).unwrap_err();
        assert!(told.contains(named), "{body}: {told}");
    }
}

#[test]
fn no_more_is_read_than_a_club_can_mean() {
    assert!(refuse_more_than(MOST_SLOTS, 300_000, endpoints::AVAILABILITY).is_ok());
    assert!(refuse_more_than(MOST_SLOTS, 300_001, endpoints::AVAILABILITY).is_err());
    assert!(refuse_more_than(MOST_NAMES, 10_000, endpoints::SITES).is_ok());
    assert!(refuse_more_than(MOST_NAMES, 10_001, endpoints::SITES).is_err());
}

#[test]
fn values_of_a_large_body_are_counted() {
    const MIB: usize = 1024 * 1024;
    let is_taken = |size: usize, commas: usize| {
        let mut body = vec![b' '; size];
        body[..commas].fill(b',');
        let mut extent = Extent::default();
        body.chunks(MIB).for_each(|piece| extent.add(piece));
        extent.check_count("/x").is_ok()
    };
    assert!(is_taken(4 * MIB, 1_000_001) && !is_taken(4 * MIB + 1, 1_000_001));
    assert!(is_taken(4 * MIB + 1, 1_000_000));
}
