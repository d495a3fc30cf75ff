//! Local time: zones that are not compiled in, and what goes over midnight.

use gladstone_sim::Club;
use serde_json::json;

use crate::harness::{Member, Outcome, club};

/// A zone file (RFC 9636) that holds only a rule for the years to come, as the slim ones of today
/// nearly do.
fn tzif(rule: &str) -> Vec<u8> {
    let mut block = [b"TZif2".as_slice(), &[0; 15]].concat();
    for count in [0_u32, 0, 0, 0, 1, 4] {
        block.extend(count.to_be_bytes());
    }
    block.extend(b"\0\0\0\0\0\0LMT\0");
    [&block[..], &block, format!("\n{rule}\n").as_bytes()].concat()
}

/// Somebody on a machine with these zone files and no others.
fn with_zones(club: &Club, zones: &[(&str, Vec<u8>)]) -> Member {
    let member = Member::of(club);
    for (name, bytes) in zones {
        let path = member.path(&format!("zoneinfo/{name}"));
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        std::fs::write(path, bytes).expect("a file");
    }
    let dir = member.path("zoneinfo").display().to_string();
    member.env("TZDIR", &dir)
}

/// One court with an hour at each of these times.
fn hours(starts: &[&str]) -> Club {
    let slot = |start: &&str| {
        let end = start.replace(":00:00Z", ":59:59Z");
        json!({"startTime": start, "endTime": end, "status": "Available", "bookableFrom": "2026-01-01T00:00:00Z",
            "bookableUntil": start})
    };
    let slots: Vec<_> = starts.iter().map(slot).collect();
    let location = json!({"locationNameToDisplay": "Court 1", "slots": slots,
        "locationDetails": [{"locationId": "C1", "locationName": "Court 1"}]});
    let answer = json!([{"id": "PADEL60", "name": "Padel 60 Mins", "siteId": "UB", "locations": [location]}]);
    club().sessions_json(answer.to_string()).start()
}

fn ask(member: Member, zone: &str, date: &str, now: &str) -> Outcome {
    member
        .env("PSLC_TIMEZONE", zone)
        .env("PADEL_NOW", now)
        .run(&[
            "availability",
            "--date",
            date,
            "--activity",
            "PADEL60",
            "--json",
        ])
}

#[test]
fn a_zone_of_the_system_is_used_with_its_clock_changes() {
    let (berlin, new_york, kathmandu) = (
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "EST5EDT,M3.2.0,M11.1.0",
        "<+0545>-5:45",
    );
    // Zone, its rule, the day there, slots in UTC, what clocks on the wall show.
    let cases: [(_, _, _, &[&str], &[&str]); 4] = [
        (
            "Europe/Berlin",
            berlin,
            "2026-07-04",
            &["2026-07-04T16:00:00Z"],
            &["2026-07-04T18:00:00+02:00"],
        ),
        (
            "Europe/Berlin",
            berlin,
            "2026-10-25",
            &["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"],
            &["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"],
        ),
        // At 23:00 in New York it is the next day in UTC.
        (
            "America/New_York",
            new_york,
            "2026-11-27",
            &["2026-11-28T04:00:00Z"],
            &["2026-11-27T23:00:00-05:00"],
        ),
        (
            "Asia/Kathmandu",
            kathmandu,
            "2026-07-04",
            &["2026-07-03T19:00:00Z"],
            &["2026-07-04T00:45:00+05:45"],
        ),
    ];
    for (zone, rule, date, slots, expected) in cases {
        let club = hours(slots);
        club.set_now("2026-06-01T09:00:00Z");
        let outcome = ask(
            with_zones(&club, &[(zone, tzif(rule))]),
            zone,
            date,
            "2026-06-01T09:00:00Z",
        )
        .case(zone);
        outcome.assert_quiet_success();
        let document = outcome.json();
        let starts = document["slots"]
            .as_array()
            .expect("slots")
            .iter()
            .map(|slot| slot["start_at"].clone());
        assert_eq!(starts.collect::<Vec<_>>(), expected, "{zone}");
        assert_eq!(document["timezone"], zone);
    }
}

#[test]
fn a_zone_that_is_nowhere_is_told_with_the_likely_one() {
    let club = club().start();
    club.never_called();
    let rule = || tzif("CET-1CEST,M3.5.0,M10.5.0/3");
    let zones = [
        ("Europe/Berlin", rule()),
        ("Europe/Broken", b"TZif\0 no".to_vec()),
        ("America/Argentina/Ushuaia", rule()),
        ("posix/Europe/Berlin", rule()),
        ("localtime", rule()),
    ];
    for (zone, named) in [
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("berlin", "did you mean Europe/Berlin?"),
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("ushuaia", "did you mean America/Argentina/Ushuaia?"),
        ("Asia/Berlin", "did you mean Europe/Berlin?"),
        ("london", "did you mean Europe/London?"),
        ("Europe/Broken", "which is no zone file"),
        (
            "../zoneinfo/Europe/Berlin",
            "there is no timezone `../zoneinfo/Europe/Berlin`",
        ),
        ("/etc/localtime", "there is no timezone `/etc/localtime`"),
        ("Europe", "there is no timezone `Europe`"),
        ("posix/Europe/Berlin", "did you mean Europe/Berlin?"),
        ("localtime", "there is no timezone `localtime`"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "there is no timezone"),
    ] {
        ask(
            with_zones(&club, &zones),
            zone,
            "today",
            "2026-06-01T09:00:00Z",
        )
        .case(zone)
        .assert_error("config_invalid", 8)
        .assert_stderr_has(named);
    }
}

#[test]
fn a_machine_without_zone_files_says_which_zones_padel_has() {
    let club = club().start();
    club.never_called();
    let outcome = ask(
        with_zones(&club, &[]),
        "Europe/Berlin",
        "today",
        "2026-06-01T09:00:00Z",
    );
    outcome.assert_error("config_invalid", 8);
    for named in [
        "`Europe/Berlin`",
        "from environment",
        "tzdata",
        "Europe/London",
    ] {
        outcome.assert_stderr_has(named);
    }
}

/// A court with half hours around a midnight, all free, in local times of a winter's day.
fn night_club() -> Club {
    let slot = |minutes: i64| {
        let midnight: chrono::DateTime<chrono::Utc> =
            "2026-11-28T00:00:00Z".parse().expect("a time");
        let at = |minutes: i64| {
            (midnight + chrono::TimeDelta::minutes(minutes))
                .format("%Y-%m-%dT%H:%M:%SZ")
                .to_string()
        };
        json!({"startTime": at(minutes), "endTime": at(minutes + 30), "status": "Available",
            "bookableFrom": "2026-11-01T00:00:00Z"})
    };
    let slots: Vec<_> = [-60, -30, 0, 30, 60].map(slot).into();
    let location = json!({"slots": slots, "locationDetails": [{"locationId": "C1", "locationName": "Court 1"}]});
    let answer =
        json!([{"id": "P30", "name": "Padel 30 Mins", "siteId": "UB", "locations": [location]}]);
    club().sessions_json(answer.to_string()).start()
}

#[test]
fn a_game_over_midnight_is_found_on_its_evening() {
    let club = night_club();
    let member = Member::of(&club);
    let ask = |args: &[&str]| -> Vec<String> {
        // What is not asked for is listed all the same, which is told.
        let document = member
            .run(&[&["availability", "--activity", "P30", "--json"], args].concat())
            .json();
        let slots = document["slots"].as_array().expect("slots").iter();
        slots
            .map(|slot| {
                format!("{} {}-{}", slot["date"], slot["start"], slot["end"]).replace('"', "")
            })
            .collect()
    };
    let evening = ["2026-11-27 23:00-00:00", "2026-11-27 23:30-00:30"];
    let morning = ["2026-11-28 00:00-01:00", "2026-11-28 00:30-01:30"];
    assert_eq!(ask(&["--date", "fri", "--duration", "60"]), evening);
    // What is asked for reaches as far after midnight as a game may go on.
    let asked = club
        .calls()
        .last()
        .map(|call| call.query.replace("%3A", ":"))
        .expect("a call");
    assert!(
        asked.ends_with("dateFrom=2026-11-27T00:00:00.000Z&dateTo=2026-11-28T00:59:59.000Z"),
        "{asked}"
    );
    assert_eq!(ask(&["--date", "sat", "--duration", "60"]), morning);
    assert_eq!(
        ask(&["--date", "fri", "--days", "2", "--duration", "60"]),
        [evening, morning].concat()
    );
    assert_eq!(
        ask(&["--weekday", "fri,sat", "--duration", "60"]),
        [evening, morning].concat()
    );
    assert_eq!(
        ask(&["--date", "fri", "--duration", "60", "--to", "24:00"]),
        evening[..1]
    );
    assert_eq!(
        ask(&["--date", "fri", "--duration", "60", "--from", "23:59"]),
        [""; 0]
    );
    assert_eq!(
        ask(&["--date", "fri", "--from", "23:30"]),
        ["2026-11-27 23:30-00:00"],
        "no length, no game"
    );
}
