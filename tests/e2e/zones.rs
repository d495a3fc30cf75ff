//! Local time: zones that are not compiled in, and games that go over midnight.

use gladstone_sim::Club;
use serde_json::{Value, json};

use crate::harness::{Member, Outcome, club, list};

/// A zone file (RFC 9636) that holds only the rule for the years to come.
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

/// A club of one court with these slots.
fn one_court(activity: &str, slots: &[Value]) -> Club {
    let location = json!({
        "locationNameToDisplay": "Court 1",
        "slots": slots,
        "locationDetails": [{"locationId": "C1", "locationName": "Court 1"}],
    });
    let element = json!({
        "id": activity,
        "name": "Padel",
        "siteId": "UB",
        "locations": [location],
    });
    club().sessions_json(json!([element]).to_string()).start()
}

/// A slot that can be booked until it begins.
fn slot(start: &str, end: &str) -> Value {
    json!({
        "startTime": start,
        "endTime": end,
        "status": "Available",
        "bookableFrom": "2026-01-01T00:00:00Z",
        "bookableUntil": start,
    })
}

fn ask(member: Member, zone: &str, date: &str, now: &str) -> Outcome {
    member
        .env("PSLC_TIMEZONE", zone)
        .env("PADEL_NOW", now)
        .run(format!(
            "availability --date {date} --activity PADEL60 --json"
        ))
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
        let hours = slots
            .iter()
            .map(|start| slot(start, &start.replace(":00:00Z", ":59:59Z")));
        let club = one_court("PADEL60", &hours.collect::<Vec<_>>());
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
        let starts = list(&document["slots"])
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
    let rule = tzif("CET-1CEST,M3.5.0,M10.5.0/3");
    let zones = [
        ("Europe/Berlin", rule.clone()),
        ("Europe/Broken", b"TZif\0 no".to_vec()),
        ("America/Argentina/Ushuaia", rule.clone()),
        ("posix/Europe/Berlin", rule.clone()),
        ("localtime", rule),
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

/// Date, start and end of the games in an answer.
fn games(member: &Member, args: &str) -> Vec<String> {
    // The slots that were not asked for are listed all the same, and there is a warning.
    let outcome = member.run(format!("availability --activity P30 --json {args}"));
    let document = outcome.json();
    let slots = list(&document["slots"]).iter();
    let texts = slots.map(|slot| format!("{} {}-{}", slot["date"], slot["start"], slot["end"]));
    texts.map(|text| text.replace('"', "")).collect()
}

#[test]
fn a_game_over_midnight_is_found_on_its_evening() {
    // Half hours around a midnight, all free, in local times of a winter's day.
    let times = [
        "27T23:00", "27T23:30", "28T00:00", "28T00:30", "28T01:00", "28T01:30",
    ];
    let slots: Vec<Value> = times
        .windows(2)
        .map(|pair| {
            slot(
                &format!("2026-11-{}:00Z", pair[0]),
                &format!("2026-11-{}:00Z", pair[1]),
            )
        })
        .collect();
    let club = one_court("P30", &slots);
    let member = Member::of(&club);
    let evening = ["2026-11-27 23:00-00:00", "2026-11-27 23:30-00:30"];
    let morning = ["2026-11-28 00:00-01:00", "2026-11-28 00:30-01:30"];
    assert_eq!(games(&member, "--date fri --duration 60"), evening);
    // The request reaches as far after midnight as a game may go on.
    let asked = club
        .calls()
        .last()
        .map(|call| call.query.replace("%3A", ":"))
        .expect("a call");
    assert!(
        asked.ends_with("dateFrom=2026-11-27T00:00:00.000Z&dateTo=2026-11-28T00:59:59.000Z"),
        "{asked}"
    );
    assert_eq!(games(&member, "--date sat --duration 60"), morning);
    assert_eq!(
        games(&member, "--date fri --days 2 --duration 60"),
        [evening, morning].concat()
    );
    assert_eq!(
        games(&member, "--weekday fri,sat --duration 60"),
        [evening, morning].concat()
    );
    assert_eq!(
        games(&member, "--date fri --duration 60 --to 24:00"),
        evening[..1]
    );
    assert_eq!(
        games(&member, "--date fri --duration 60 --from 23:59"),
        [""; 0]
    );
    assert_eq!(
        games(&member, "--date fri --from 23:30"),
        ["2026-11-27 23:30-00:00"],
        "no length, no game"
    );
}
