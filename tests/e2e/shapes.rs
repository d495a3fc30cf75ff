//! Answers of unknown shapes, and answers to another question: padel never says "nothing free"
//! without a reason, and never shows a court that is not known to be free.

use std::io::Write as _;

use gladstone_sim::Club;
use serde_json::{Value, json};

use crate::{
    harness::{Member, Outcome, club, list, member, text},
    host::Host,
    requests::{ACTIVITIES, SESSIONS, SITES, paths_since},
};

/// Three hours of a court, one of them taken; all windows are open.
fn slots() -> Vec<Value> {
    let slots = [17, 18, 19].map(|hour| {
        json!({
            "startTime": format!("2026-11-23T{hour}:00:00Z"),
            "endTime": format!("2026-11-23T{hour}:59:59Z"),
            "bookableFrom": "2026-11-16T00:00:00Z",
            "bookableUntil": format!("2026-11-23T{hour}:00:00Z"),
            "isBeforeTimetableSlotBookablePeriod": false,
            "availability": {"inCentre": 1, "virtual": 0},
            "status": if hour == 18 { "Unavailable" } else { "Available" },
        })
    });
    slots.to_vec()
}

fn element(id: &str, site: &str) -> Value {
    json!({
        "id": id,
        "name": "Padel 60 Mins",
        "siteId": site,
        "date": "2026-11-23",
        "webBookable": true,
        "slotCount": 3,
        "locations": [{
            "locationNameToDisplay": "Court 1",
            "slots": slots(),
            "locationDetails": [{"locationId": "C1", "locationName": "Court 1"}],
        }],
    })
}

/// Asks a club that gives this answer to every question.
fn asked(answer: &Value, args: &str) -> Outcome {
    let club = club().sessions_json(answer.to_string()).start();
    let member = Member::of(&club).asking_for("UB", "PADEL60");
    member.run(format!("availability --json {args}"))
}

fn counts(outcome: &Outcome) -> [u64; 3] {
    ["free", "opens_later", "taken"]
        .map(|state| outcome.json()["summary"][state].as_u64().expect("a count"))
}

/// The warnings, which stderr repeats.
#[track_caller]
fn warnings(outcome: &Outcome) -> Vec<String> {
    outcome.assert_success();
    let document = outcome.json();
    let told: Vec<String> = outcome
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("warning: "))
        .map(str::to_owned)
        .collect();
    assert_eq!(json!(told), document["warnings"]);
    told
}

/// The counts and the warnings that an answer leads to.
fn told(answer: &Value, args: &str) -> ([u64; 3], String) {
    let outcome = asked(answer, args);
    (counts(&outcome), warnings(&outcome).join("; "))
}

/// The same for an answer whose slots have these values.
fn with(changes: &[(&str, Value)]) -> ([u64; 3], String) {
    let mut answer = json!([element("PADEL60", "UB")]);
    let slots = answer[0]["locations"][0]["slots"].as_array_mut();
    for slot in slots.expect("slots") {
        for (key, value) in changes {
            slot[key] = value.clone();
        }
    }
    told(&answer, "")
}

#[test]
fn a_list_that_is_not_where_it_belongs_is_a_changed_portal() {
    let others = [
        Value::Null,
        json!({}),
        json!("none"),
        json!(7),
        json!(true),
        json!({"items": []}),
    ];
    for place in [
        "/0/locations",
        "/0/locations/0/slots",
        "/0/locations/0",
        "/0",
    ] {
        for other in &others {
            let mut answer = json!([element("PADEL60", "UB")]);
            *answer.pointer_mut(place).expect("a place") = other.clone();
            asked(&answer, "")
                .case(format!("{place} {other}"))
                .assert_error("portal_changed", 5);
        }
    }
    for (key, parent) in [("locations", "/0"), ("slots", "/0/locations/0")] {
        let mut answer = json!([element("PADEL60", "UB")]);
        let map = answer
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect("an object");
        let list = map.remove(key).expect("a list");
        map.insert("available_times".to_owned(), list);
        asked(&answer, "")
            .case(key)
            .assert_error("portal_changed", 5);
    }
    // Slots that are counted, but not there.
    let mut answer = json!([element("PADEL60", "UB")]);
    answer[0]["locations"] = json!([]);
    asked(&answer, "").assert_error("portal_changed", 5);
    answer[0]["slotCount"] = json!(0);
    assert_eq!(
        warnings(&asked(&answer, "--date today")),
        [""; 0],
        "the portal says that there are none"
    );
}

#[test]
fn what_is_lost_beside_good_slots_is_counted_by_the_slot() {
    let good = element("PADEL60", "UB");
    let [eleven, three] = [11, 3].map(|count| {
        format!("{count} entries of the club's slots could not be read and are left out")
    });
    let one = "1 entry of the club's slots could not be read and is left out".to_owned();
    let mut bad = good.clone();
    bad["locations"] = Value::Null;
    assert_eq!(told(&json!([good, bad]), ""), ([2, 0, 1], three));
    let mut bad = good.clone();
    bad["slotCount"] = json!("14");
    assert_eq!(told(&json!([bad]), ""), ([2, 0, 1], eleven));
    bad["slotCount"] = json!(1);
    assert_eq!(
        told(&json!([bad]), ""),
        (
            [2, 0, 1],
            "2 slots more than the portal's own count".to_owned()
        )
    );
    for key in ["startTime", "endTime", "status"] {
        for value in [Value::Null, json!(["x"])] {
            let mut bad = good.clone();
            bad["locations"][0]["slots"][0][key] = value.clone();
            let (free, warning) = told(&json!([bad]), "");
            // A status that is no text is an unknown status.
            let expected = if (key, value.is_null()) == ("status", false) {
                (
                    [1, 0, 2],
                    "the portal calls a slot ``, which is unknown here: counted as taken"
                        .to_owned(),
                )
            } else {
                ([1, 0, 1], one.clone())
            };
            assert_eq!((free, warning), expected, "{key} {value}");
        }
    }
    // A free slot is listed once per court of its activity, a booked one only once: the count may
    // be odd.
    let mut twice = good;
    let list = twice["locations"][0]["slots"]
        .as_array_mut()
        .expect("slots");
    let doubled: Vec<Value> = list
        .iter()
        .flat_map(|slot| vec![slot.clone(); if slot["status"] == "Available" { 2 } else { 1 }])
        .collect();
    *list = doubled;
    for count in [3, 5] {
        twice["slotCount"] = json!(count);
        assert_eq!(
            told(&json!([twice]), ""),
            ([2, 0, 1], String::new()),
            "{count}"
        );
    }
}

#[test]
fn odd_optional_fields_cost_nothing() {
    let optional = [
        "/name",
        "/webBookable",
        "/date",
        "/locations/0/locationNameToDisplay",
    ];
    let slot = "/locations/0/slots/0/isBeforeTimetableSlotBookablePeriod";
    for place in optional
        .into_iter()
        .chain([slot, "/locations/0/slots/0/availability"])
    {
        for value in [
            Value::Null,
            json!([]),
            json!({}),
            json!(["x"]),
            json!(-1),
            json!(0.5),
        ] {
            let mut answer = json!([element("PADEL60", "UB")]);
            *answer[0].pointer_mut(place).expect("a place") = value.clone();
            let outcome = asked(&answer, "");
            assert_eq!(
                (counts(&outcome), warnings(&outcome).len()),
                ([2, 0, 1], 0),
                "{place} {value}"
            );
        }
    }
    let text = json!([element("PADEL60", "UB")])
        .to_string()
        .replace("\"Court 1\"", r#""Court \ud83d 1""#);
    let club = club().sessions_json(text).start();
    let member = Member::of(&club).asking_for("UB", "PADEL60");
    assert_eq!(
        member.json("availability")["summary"]["free"],
        2,
        "half a character in a name"
    );
}

#[test]
fn only_a_window_that_is_known_to_be_open_makes_a_slot_free() {
    let (from, until, flag) = (
        "bookableFrom",
        "bookableUntil",
        "isBeforeTimetableSlotBookablePeriod",
    );
    let unknown = "2 slots not counted as free: the portal does not say when booking opens";
    for value in [
        Value::Null,
        json!(""),
        json!("soon"),
        json!([]),
        json!("9999-12-31T23:59:59.9999999Z"),
    ] {
        assert_eq!(
            with(&[(from, value.clone())]),
            ([0, 2, 1], unknown.to_owned()),
            "{value}"
        );
    }
    let half =
        "2 slots counted as bookable until the start: the portal gives only half a booking window";
    for changes in [
        vec![(from, json!("0001-01-01T00:00:00Z"))],
        vec![(from, json!("0001-01-01T00:00:00"))],
        vec![(until, json!("0001-01-01T00:00:00Z"))],
        vec![(until, json!("9999-12-31T23:59:59Z"))],
        vec![(until, Value::Null)],
    ] {
        assert_eq!(with(&changes), ([2, 0, 1], half.to_owned()), "{changes:?}");
    }
    let against = "2 slots not counted as free: \
                   the portal's flag and its booking window contradict each other";
    for value in [
        json!(true),
        json!("true"),
        json!(" True "),
        json!(1),
        json!("1"),
        json!("Y"),
    ] {
        assert_eq!(
            with(&[(flag, value.clone())]),
            ([0, 2, 1], against.to_owned()),
            "{value}"
        );
        assert_eq!(
            with(&[(flag, value), (from, json!("2026-11-24T00:00:00Z"))]),
            ([0, 2, 1], String::new())
        );
    }
    // A window that ends before it begins was never open, and is not simply over.
    let inverted = "2 slots not counted as free: the booking window ends before it begins";
    for end in ["1970-01-01T00:00:00Z", "2026-11-15T23:59:59Z"] {
        assert_eq!(
            with(&[(until, json!(end))]),
            ([0, 0, 1], inverted.to_owned()),
            "{end}"
        );
    }
    assert_eq!(
        with(&[(until, json!("2026-11-20T00:00:00Z"))]),
        ([0, 0, 1], String::new()),
        "it is over"
    );
    // A flag that says nothing against it opens no window: it is of the time of the answer.
    assert_eq!(
        with(&[(from, json!("2026-11-24T00:00:00Z"))]),
        ([0, 2, 1], String::new())
    );
    // The portal's own word is enough, and then nothing is odd.
    assert_eq!(
        with(&[(flag, json!(true)), (from, Value::Null)]),
        ([0, 2, 1], String::new())
    );
}

#[test]
fn what_was_not_asked_for_is_left_out_and_told() {
    let good = element("PADEL60", "UB");
    let foreign = "3 slots left out: of other sites or activities than were asked for";
    for other in [
        element("SQUASH", "UB"),
        element("padel60", "UB"),
        element("PADEL60", "ZZ"),
        element("PADEL60", "ub"),
    ] {
        assert_eq!(
            told(&json!([good, other]), ""),
            ([2, 0, 1], foreign.to_owned())
        );
    }
    let mut offline = element("PADEL60", "UB");
    for value in [json!(false), json!(" False"), json!("N"), json!(0)] {
        offline["webBookable"] = value;
        assert_eq!(
            told(&json!([good, offline]), ""),
            (
                [2, 0, 1],
                "3 slots left out: not bookable on the web".to_owned()
            )
        );
    }
    let outcome = asked(&json!([good]), "--date tomorrow");
    assert_eq!(
        warnings(&outcome),
        ["3 slots left out: they are on days that you did not ask for"],
        "no silent nothing"
    );
    // Days that were not asked for cost nothing while all those asked for are there.
    let next = json!([element("PADEL60", "UB")])
        .to_string()
        .replace("2026-11-23T", "2026-11-24T");
    let next: Vec<Value> = serde_json::from_str(&next).expect("JSON");
    assert_eq!(
        told(&json!([good, next[0]]), ""),
        ([2, 0, 1], String::new())
    );
    let outcome = asked(&json!([good, next[0]]), "--date tomorrow --days 2");
    assert_eq!(
        warnings(&outcome),
        ["3 slots left out: they are on days that you did not ask for"],
        "a day is missing"
    );
    // An element without ids must be the one thing that was asked for, if it was one.
    let mut unnamed = good.clone();
    unnamed["siteId"] = Value::Null;
    unnamed["id"] = Value::Null;
    let outcome = asked(&json!([unnamed]), "");
    assert_eq!((counts(&outcome), warnings(&outcome).len()), ([2, 0, 1], 0));
    assert_eq!(outcome.json()["slots"][0]["activity_id"], "PADEL60");
    let outcome = asked(&json!([unnamed, good]), "--site 14 --site UB");
    assert!(
        warnings(&outcome)[0].starts_with("3 entries of the club's slots could not be read"),
        "{outcome:?}"
    );
    // Some portals pad the numbers of sites.
    let club = club()
        .sessions_json(json!([element("PADEL60", "014")]).to_string())
        .start();
    let member = Member::of(&club).asking_for("14", "PADEL60");
    assert_eq!(member.json("availability")["slots"][0]["site_id"], "14");
}

#[test]
fn courts_without_ids_of_their_own_are_told() {
    let mut answer = json!([element("PADEL60", "UB")]);
    answer[0]["locations"][0]["locationDetails"] = Value::Null;
    let nameless = "3 slots without ids of their courts: which of them share a court is not known";
    let outcome = asked(&answer, "");
    assert_eq!(
        (counts(&outcome), warnings(&outcome).join("; ")),
        ([2, 0, 1], nameless.to_owned())
    );
    // Two courts with one id are two courts.
    let mut answer = json!([element("PADEL60", "UB")]);
    let mut other = answer[0]["locations"][0].clone();
    other["locationNameToDisplay"] = json!("Court 2");
    answer[0]["locations"]
        .as_array_mut()
        .expect("courts")
        .push(other);
    answer[0]["slotCount"] = json!(6);
    let outcome = asked(&answer, "");
    assert_eq!((counts(&outcome), warnings(&outcome).len()), ([4, 0, 2], 1));
}

#[test]
fn a_clock_that_is_not_the_portals_is_told() {
    let club = club().start();
    let member = member(&club).asking_for("UB", "PADEL60");
    for (portal, told) in [
        ("2026-11-23T09:02:00Z", None),
        ("2026-11-23T08:58:10Z", None),
        ("2026-11-23T09:02:10Z", Some("2 minutes behind")),
        ("2026-11-23T08:57:50Z", Some("2 minutes ahead of")),
        ("2026-11-23T15:00:00Z", Some("6 hours behind")),
        ("2026-11-20T09:00:00Z", Some("3 days ahead of")),
    ] {
        club.set_now(portal);
        for command in ["availability", "bookings", "activities"] {
            let outcome = member.run([command, "--json"]);
            let warning = warnings(&outcome).join("; ");
            match told {
                None => assert_eq!(warning, "", "{portal} {command}"),
                Some(told) => {
                    assert!(
                        warning.contains(&format!("clock is {told} the portal's")),
                        "{portal}: {warning}"
                    );
                }
            }
        }
    }
}

/// A host whose answer has a body packed by `sh`, and this as its encoding.
fn packed(script: &str, encoding: &'static str) -> Host {
    let text = json!([element("PADEL60", "UB")]).to_string();
    let output = std::process::Command::new("sh")
        .args(["-c", script, "sh", &text])
        .output()
        .expect("a shell");
    let body = output.stdout;
    Host::writing(move |stream| {
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {length}\r\n\r\n"
        )?;
        stream.write_all(&body)
    })
}

#[test]
fn gzip_of_any_name_and_of_several_members_is_read() {
    let members = r#"head="${1%?????}"; printf %s "$head" | gzip; printf %s "${1#"$head"}" | gzip"#;
    for (script, encoding) in [
        (members, "gzip"),
        (members, "x-gzip"),
        (r#"printf %s "$1" | gzip"#, "X-GZIP"),
        (members, "identity"),
    ] {
        let host = packed(script, encoding);
        let member = Member::new()
            .env("PSLC_CLUB", &host.url)
            .asking_for("UB", "PADEL60");
        assert_eq!(
            member.json("availability")["summary"]["free"],
            2,
            "{encoding}: {script}"
        );
    }
}

#[test]
fn five_skipped_places_are_told_one_by_one() {
    let mut answer = json!([element("PADEL60", "UB")]);
    let list = answer[0]["locations"][0]["slots"]
        .as_array_mut()
        .expect("slots");
    list.extend(std::iter::repeat_n(json!(null), 7));
    answer[0]["slotCount"] = json!(10);
    let outcome = asked(&answer, "-v");
    assert_eq!(
        outcome.stderr.matches(": skipped `").count(),
        5,
        "{outcome:?}"
    );
    let document = outcome.json();
    assert!(text(&document["warnings"][0]).starts_with("7 entries"));
}

#[test]
fn more_slots_or_names_than_a_club_can_mean_are_refused() {
    let slot = json!({
        "startTime": "2026-11-24T18:00:00Z",
        "endTime": "2026-11-24T19:00:00Z",
        "status": "Unavailable",
    });
    let slot = slot.to_string();
    // Sixty days are two requests, each of which gets half.
    for (half, code) in [(150_000, 0), (150_001, 5)] {
        let slots = vec![&*slot; half].join(",");
        let court = r#""locationDetails":[{"locationId":"C"}]"#;
        let location = format!("{{{court},\"slots\":[{slots}]}}");
        let answer = format!(r#"[{{"id":"A","siteId":"UB","locations":[{location}]}}]"#);
        let club = club().sessions_json(answer).start();
        let member = Member::of(&club).asking_for("UB", "A");
        let outcome = member.run("availability --days 60 --timeout 90");
        assert_eq!(outcome.code, code, "{half}: {}", outcome.stderr);
    }
    for (count, code) in [(10_000, 0), (10_001, 5)] {
        let names: Vec<Value> = (0..count)
            .map(|number| json!({"id": format!("P{number}"), "name": "Golf"}))
            .collect();
        let club = club().activities_json(json!(names).to_string()).start();
        let outcome = Member::of(&club).run("activities --site UB");
        assert_eq!(outcome.code, code, "{count}: {}", outcome.stderr);
    }
}

/// A member whose kept catalogue holds only these of the club's activities.
fn with_kept(club: &Club, activities: &Value) -> Member {
    let member = Member::of(club);
    member.run("availability").assert_success();
    let path = member.cached_file("activities");
    let mut entry: Value =
        serde_json::from_slice(&std::fs::read(&path).expect("the file")).expect("JSON");
    entry["value"]["items"] = activities.clone();
    std::fs::write(&path, entry.to_string()).expect("written");
    member
}

#[test]
fn no_nothing_rests_on_a_kept_catalogue() {
    let club = club().start();
    let old = json!([{"id": "OLD60", "name": "Padel 60 Mins", "description": ""}]);
    let fresh = Member::of(&club).json("availability");
    let again = [SESSIONS, SITES, ACTIVITIES, SESSIONS];

    let member = with_kept(&club, &old);
    let before = club.calls().len();
    assert_eq!(
        member.json("availability")["slots"],
        fresh["slots"],
        "the activity has another id by now"
    );
    assert_eq!(paths_since(&club, before), again);
    // The kept activity's courts are taken; another activity has free ones at that hour.
    let evening = "availability --date fri --from 18:00 --to 22:00";
    let expected = Member::of(&club).json(evening)["slots"].clone();
    let member = with_kept(
        &club,
        &json!([{"id": "PADEL90", "name": "Padel 90 Mins", "description": ""}]),
    );
    let asked = format!("{evening} --duration 60");
    assert!(!list(&member.json(&asked)["slots"]).is_empty() && !expected.is_null());
    // By name, by id, and at a site; an unchanged catalogue is looked up only once more.
    for args in ["--activity 'Padel 60 Mins'", "--activity PADEL60 --site UB"] {
        let member = with_kept(&club, &old);
        let found = member.json(format!("availability {args}"))["summary"]["free"].clone();
        assert!(found.as_u64() > Some(0), "{args:?}");
    }
    let member = Member::of(&club);
    assert_eq!(member.json("availability --date +60")["summary"]["free"], 0);
    let before = club.calls().len();
    assert_eq!(member.json("availability --date +60")["summary"]["free"], 0);
    assert_eq!(paths_since(&club, before), again[..3]);
}

#[test]
fn a_kept_activity_without_slots_is_looked_up_again() {
    let club = club().start();
    let fresh = Member::of(&club).json("availability");
    // Two of the club's three activities, one with an id that is no longer its own.
    let old = json!([{"id": "OLD60", "name": "Padel 60 Mins", "description": ""},
        {"id": "PADEL30", "name": "Padel 30 Mins", "description": ""}]);
    let document = with_kept(&club, &old).json("availability");
    assert_eq!(
        (&document["slots"], &document["warnings"]),
        (&fresh["slots"], &json!([])),
        "not those of PADEL30 only"
    );
    let names = "availability --activity 'Padel 60 Mins' --activity 'Padel 30 Mins'";
    let fresh = Member::of(&club).json(names);
    assert_eq!(with_kept(&club, &old).json(names)["slots"], fresh["slots"]);
}

fn booking(start: &str, end: Option<&str>) -> Value {
    json!({"startTime": start, "endTime": end, "activityName": "Padel"})
}

/// The number of bookings that are listed, and the warnings.
fn listed(answer: &Value, args: &str) -> (usize, String) {
    let club = club().bookings_json(answer.to_string()).start();
    let outcome = member(&club).run(format!("bookings --json {args}"));
    let count = list(&outcome.json()["bookings"]).len();
    (count, warnings(&outcome).join("; "))
}

#[test]
fn bookings_of_unknown_shape_are_told() {
    // It may be going on: "no upcoming bookings" would be a lie.
    let (count, warning) = listed(&json!([booking("2026-11-23T08:30:00Z", None)]), "");
    assert!(
        count == 0 && warning.starts_with("1 of the bookings began less than three hours ago"),
        "{warning}"
    );
    let over = booking("2026-01-05T18:00:00Z", Some("2026-01-05T18:59:59Z"));
    assert_eq!(
        listed(&json!([over]), ""),
        (0, "the portal lists 1 booking, but it is over".to_owned())
    );
    let ahead = booking("2026-12-05T18:00:00Z", Some("2026-12-05T18:59:59Z"));
    let (count, warning) = listed(&json!([ahead]), "--history");
    assert!(
        count == 0 && warning.ends_with("1 booking, but it is still to come"),
        "{warning}"
    );
    let (_, warning) = listed(
        &json!([ahead, booking("2026-12-06T18:00:00Z", None)]),
        "--history",
    );
    assert_eq!(
        warning,
        "the portal lists 2 bookings, but all of them are still to come"
    );
    assert_eq!(listed(&json!([ahead, over]), ""), (1, String::new()));
    assert_eq!(listed(&json!([]), ""), (0, String::new()));
    for start in [
        Value::Null,
        json!([]),
        json!("soon"),
        json!({"at": "2026-12-05"}),
    ] {
        let answer = json!([ahead, {"startTime": start}]);
        assert_eq!(
            listed(&answer, ""),
            (
                1,
                "1 entry of the bookings could not be read and is left out".to_owned()
            )
        );
    }
    let text = json!([ahead]).to_string().replace("Padel", r"Padel \udc00");
    let club = club().bookings_json(format!("\u{feff}{text}")).start();
    assert_eq!(list(&member(&club).json("bookings")["bookings"]).len(), 1);
}

/// Of all changes of one key in the club's answer, the real binary sees one in this many.
const SAMPLE: usize = 9;

#[test]
fn a_changed_key_is_told_by_the_binary_too() {
    let answer = json!([element("PADEL60", "UB"), element("PADEL90", "UB")]);
    let mut places = vec![String::new()];
    let mut next = 0;
    while next < places.len() {
        let place = places[next].clone();
        match answer.pointer(&place) {
            Some(Value::Object(map)) => {
                places.extend(map.keys().map(|key| format!("{place}/{key}")));
            }
            Some(Value::Array(list)) => {
                places.extend((0..list.len()).map(|index| format!("{place}/{index}")));
            }
            _ => {}
        }
        next += 1;
    }
    let keys = places.iter().filter(|place| {
        place
            .rsplit('/')
            .next()
            .is_some_and(|key| key.parse::<u8>().is_err())
    });
    let ways = keys.flat_map(|place| {
        [
            None,
            Some(Value::Null),
            Some(json!([])),
            Some(json!({})),
            Some(json!(7)),
        ]
        .map(|way| (place, way))
    });
    for (place, way) in ways.filter(|(place, _)| !place.is_empty()).step_by(SAMPLE) {
        let mut changed = answer.clone();
        let (parent, key) = place.rsplit_once('/').expect("a key");
        let map = changed
            .pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect("an object");
        let old = map.remove(key).expect("a value");
        map.insert(
            way.as_ref()
                .map_or_else(|| format!("{key}V2"), |_| key.to_owned()),
            way.clone().unwrap_or(old),
        );
        let outcome = asked(&changed, "--activity PADEL60 --activity PADEL90");
        let is_right = outcome.code == 0 && counts(&outcome) == [4, 0, 2];
        let is_told = (outcome.code == 0 && !warnings(&outcome).is_empty()) || outcome.code == 5;
        assert!(is_right || is_told, "{place} {way:?}: {outcome:?}");
    }
}
