//! `padel portal learn`: a browser's capture of each shape of portal becomes a profile that works there.

use gladstone_sim::{Club, Shape};
use serde_json::Value;

use crate::harness::{EMAIL, Member, PASSWORD, club, member};

fn write(member: &Member, name: &str, har: &Value) -> String {
    let path = member.path(name);
    std::fs::write(&path, har.to_string()).expect("a file");
    path.to_str().expect("a plain path").to_owned()
}

fn bookings(member: &Member, args: &[&str]) -> Vec<Value> {
    let document = member.json(&[&["bookings", "--limit", "1000"], args].concat());
    document["bookings"].as_array().expect("an array").clone()
}

/// How many bookings are over and not over at the time of the tests.
fn truth(club: &Club) -> [usize; 2] {
    let now = chrono::DateTime::parse_from_rfc3339(crate::harness::NOW).expect("a time").to_utc();
    let all = club.truth_bookings(EMAIL);
    let over = all.iter().filter(|booking| booking.end.unwrap_or(booking.start) <= now).count();
    [over, all.len() - over]
}

#[test]
fn a_capture_of_every_shape_makes_a_profile_that_works_there() {
    for shape in Shape::with_members() {
        let club = club().shape(shape).start();
        let member = member(&club);
        let file = write(&member, "club.har", &club.har(EMAIL));
        let learned = member.json(&["portal", "learn", &file]);
        assert_eq!(learned["schema"], "padel.portal/v1");
        let table = learned["table"].as_str().expect("a table");
        let member = member.file(".config/pslc-padel/config.toml", table);
        let login = member.run(&["login"]);
        assert_eq!((login.code, login.stderr.as_str()), (0, ""), "{shape:?}: {table}");
        let [history, upcoming] = [bookings(&member, &["--history"]), bookings(&member, &[])];
        assert_eq!([history.len(), upcoming.len()], truth(&club), "{shape:?}: {table}");
        for field in ["reference", "end", "activity", "court", "site", "status"] {
            let known = history.iter().filter(|booking| !booking[field].is_null()).count();
            assert!(known * 2 > history.len(), "{shape:?} {field}: {known} of {}: {table}", history.len());
        }
        let unsure: Vec<&Value> =
            learned["findings"].as_array().expect("findings").iter().filter(|it| it["certain"] != true).collect();
        println!("{shape:?}\n{table}\n{unsure:#?}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    for shape in Shape::with_members() {
        let club = club().shape(shape).start();
        club.never_called();
        let member = member(&club);
        let har = club.har(EMAIL);
        let file = write(&member, "club.har", &har);
        let mut secrets =
            vec![EMAIL.to_owned(), "alex%40example".to_owned(), PASSWORD.to_owned(), "correct+horse".to_owned()];
        for entry in har["log"]["entries"].as_array().expect("entries") {
            for side in ["request", "response"] {
                let cookies = entry[side]["cookies"].as_array().into_iter().flatten();
                secrets.extend(cookies.filter_map(|cookie| Some(cookie["value"].as_str()?.to_owned())));
                let headers = entry[side]["headers"].as_array().into_iter().flatten();
                let authorization = headers.filter(|header| header["name"] == "authorization");
                secrets
                    .extend(authorization.filter_map(|it| Some(it["value"].as_str()?.split(' ').last()?.to_owned())));
            }
        }
        secrets.extend(club.truth_bookings(EMAIL).into_iter().filter_map(|booking| booking.reference));
        for format in ["table", "json", "markdown"] {
            let outcome = member.run(&["portal", "learn", &file, "--format", format, "-vv"]);
            assert_eq!(outcome.code, 0, "{outcome:?}");
            for secret in &secrets {
                assert!(
                    !format!("{}{}", outcome.stdout, outcome.stderr).contains(secret),
                    "{shape:?} {format}: {secret}"
                );
            }
        }
    }
}

#[test]
fn a_capture_without_cookies_says_so() {
    let club = club().start();
    club.never_called();
    let member = member(&club);
    let file = write(&member, "club.har", &club.har_sanitized(EMAIL));
    let outcome = member.run(&["portal", "learn", &file]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("with sensitive data"), "{outcome:?}");
}

#[test]
fn what_cannot_be_learned_is_a_usage_error() {
    let club = club().host_name("riverside.gladstonego.cloud").start();
    club.never_called();
    let member = member(&club);
    let har = club.har(EMAIL);
    let file = write(&member, "club.har", &har);
    let nothing = write(&member, "nothing.har", &serde_json::json!({"log": {}}));
    for (args, part) in [
        (["portal", "learn", "absent.har"].as_slice(), "absent.har could not be read"),
        (&["portal", "learn", "."], "is a directory"),
        (&["portal", "learn", &nothing, "--club", "riverside"], "not a HAR"),
        (
            &["portal", "learn", &file],
            "a capture of collect.analytics.example, riverside.gladstonego.cloud, not of 127",
        ),
        (&["portal", "learn", &file, "--club", "other"], "not of other.gladstonego.cloud"),
    ] {
        let outcome = member.run(args);
        assert_eq!((outcome.error().as_str(), outcome.code), ("usage", 2), "{outcome:?}");
        assert!(outcome.stderr.contains(part), "{part}: {outcome:?}");
    }
    assert_eq!(member.run(&["portal", "learn", &file, "--club", "riverside"]).code, 0);
    let other = member.credentials("somebody@example.org", "else");
    let outcome = other.run(&["portal", "learn", &file, "--club", "riverside"]);
    assert_eq!((outcome.error().as_str(), outcome.code), ("usage", 2), "{outcome:?}");
    for step in ["Preserve log", "Sign in", "past bookings", "HAR with content", "delete the file"] {
        assert!(outcome.stderr.contains(step), "{outcome:?}");
    }
}

#[test]
fn the_club_comes_from_the_capture_where_none_is_set() {
    let club = club().host_name("riverside.gladstonego.cloud").start();
    club.never_called();
    let member = Member::new().credentials(EMAIL, PASSWORD);
    let file = write(&member, "club.har", &club.har(EMAIL));
    assert_eq!(member.json(&["portal", "learn", &file])["host"], "riverside.gladstonego.cloud");
    let nobody = Member::new();
    assert_eq!(nobody.run(&["portal", "learn", &file]).error(), "credentials_not_found");
}
