//! Portals that want the credentials elsewhere than in a body of JSON or a form: learned, sent
//! once, and told nowhere.

use gladstone_sim::{Club, Fault, Shape};
use serde_json::json;

use crate::harness::{CONFIG, Member, club, text};

const USER: &str = "zaphod.secretname@example.org";
const LOCAL: &str = "zaphod.secretname";
const WORD: &str = "Tr1cky-passw0rd$#\"\\& +%41";
/// The password and the pair as they stand in an address and in a header.
const GUISES: [&str; 5] = [
    LOCAL,
    "Tr1cky",
    "VHIxY2t5",
    "c2VjcmV0bmFtZU",
    "zaphod%2Esecretname",
];
const SHAPES: [Shape; 4] = [Shape::Basic, Shape::Headers, Shape::Query, Shape::Parts];

/// A member whose profile is learned from a capture.
fn taught(club: &Club) -> Member {
    let member = Member::of(club).credentials(USER, WORD);
    let path = member.path("club.har");
    std::fs::write(&path, club.har(USER).to_string()).expect("a file");
    let learned = member.json(["portal", "learn", path.to_str().expect("a plain path")]);
    std::fs::remove_file(path).expect("the file");
    member.file(CONFIG, text(&learned["table"]))
}

#[track_caller]
fn search(text: &str, place: &str) {
    for guise in GUISES {
        assert!(!text.contains(guise), "{place} holds {guise}");
    }
}

#[test]
fn credentials_outside_the_body_are_told_nowhere() {
    std::thread::scope(|scope| {
        SHAPES
            .into_iter()
            .for_each(|shape| drop(scope.spawn(move || look_for_leaks(shape))));
    });
}

fn look_for_leaks(shape: Shape) {
    let club = club().shape(shape).member(USER, WORD).start();
    let member = taught(&club);
    search(
        &std::fs::read_to_string(member.path(CONFIG)).expect("a table"),
        "the table",
    );
    let faults = [
        None,
        Some(Fault::Error500),
        Some(Fault::Every403),
        Some(Fault::Reset),
        Some(Fault::EmptyBody),
    ];
    for fault in faults {
        club.set_fault(fault);
        for args in ["login -vvv", "bookings --json -vvv", "doctor -vvv"] {
            let outcome = member.run(format!("{args} --timeout 5"));
            search(
                &format!("{}{}", outcome.stdout, outcome.stderr),
                &format!("{shape:?} {args:?}"),
            );
        }
    }
    let cache = member.path(".cache");
    for file in member.cached() {
        let bytes = std::fs::read(cache.join("pslc-padel").join(&file)).unwrap_or_default();
        search(&String::from_utf8_lossy(&bytes), &file);
    }
    assert_eq!(
        club.login_attempts(),
        [(USER.to_owned(), true)],
        "{shape:?}"
    );
}

#[test]
fn a_wrong_password_outside_the_body_is_sent_once() {
    for shape in SHAPES {
        let club = club().shape(shape).member(USER, WORD).start();
        let member = taught(&club).credentials(USER, "Tr1cky-and-wrong");
        for args in [
            ["login", "-vvv"],
            ["bookings", "-vvv"],
            ["bookings", "--json"],
        ] {
            let outcome = member.run(args);
            assert_eq!(outcome.code, 4, "{shape:?} {outcome:?}");
            search(
                &format!("{}{}", outcome.stdout, outcome.stderr),
                &format!("{shape:?} {args:?}"),
            );
        }
        assert_eq!(
            club.login_attempts(),
            [(USER.to_owned(), false)],
            "{shape:?}"
        );
    }
}

#[test]
fn only_the_sign_in_carries_the_credentials() {
    for shape in SHAPES {
        let club = club().shape(shape).member(USER, WORD).start();
        let member = taught(&club);
        member
            .run("bookings")
            .case(format!("{shape:?}"))
            .assert_success();
        let (sign_ins, others): (Vec<_>, Vec<_>) = club
            .calls()
            .into_iter()
            .partition(|call| ["/api/token", "/api/login"].contains(&call.path.as_str()));
        let [sign_in] = &sign_ins[..] else {
            panic!("{shape:?}: {} sign-ins", sign_ins.len())
        };
        assert_eq!(sign_in.query.is_empty(), shape != Shape::Query, "{shape:?}");
        for call in &others {
            let headers: String = call
                .headers
                .iter()
                .map(|(name, value)| format!("{name}: {value}\n"))
                .collect();
            search(
                &format!("{}?{}\n{headers}", call.path, call.query),
                "another request",
            );
        }
    }
}

#[test]
fn a_password_that_no_header_can_carry_is_not_sent() {
    let club = club().shape(Shape::Headers).member(USER, WORD).start();
    let member = taught(&club).credentials(USER, "Tr1cky-€");
    let outcome = member.run("login -vvv");
    assert!(
        outcome.code != 0 && outcome.stderr.contains("headers"),
        "{outcome:?}"
    );
    search(
        &format!("{}{}", outcome.stdout, outcome.stderr),
        "an output",
    );
    assert_eq!(club.login_attempts(), []);
}

#[test]
fn a_capture_of_80_000_fields_is_read_in_time() {
    let member = Member::new()
        .env("PSLC_CLUB", "https://club.example")
        .credentials(USER, WORD);
    let mut fields: serde_json::Map<_, _> = (0..80_000)
        .map(|index| (format!("field{index}"), format!("value {index}").into()))
        .collect();
    fields.insert("email".to_owned(), USER.into());
    fields.insert("password".to_owned(), WORD.into());
    let body = serde_json::Value::from(fields).to_string();
    let har = json!({"log": {"entries": [{
        "request": {
            "method": "POST", "url": "https://club.example/api/login",
            "postData": {"mimeType": "application/json", "text": body},
        },
        "response": {
            "status": 200,
            "content": {"mimeType": "application/json", "text": "{\"ok\":true}"},
        },
    }]}});
    let path = member.path("many.har");
    std::fs::write(&path, har.to_string()).expect("a file");
    let outcome = member.run([
        "portal",
        "learn",
        path.to_str().expect("a plain path"),
        "--timeout",
        "25",
    ]);
    outcome.assert_success();
    assert!(!outcome.stdout.contains("value 7"), "nothing of it is kept");
}

#[cfg(unix)]
#[test]
fn what_never_ends_or_never_begins_ends_in_time() {
    let member = Member::new()
        .env("PSLC_CLUB", "club")
        .credentials(USER, WORD);
    let pipe = member.path("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .expect("mkfifo")
            .success()
    );
    member
        .run([
            "portal",
            "learn",
            pipe.to_str().expect("a plain path"),
            "--timeout",
            "1",
        ])
        .assert_error("timeout", 6);
    member
        .run("portal learn /dev/zero --timeout 20")
        .assert_error("usage", 2);
}
