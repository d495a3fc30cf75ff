//! The complaint of a dropped club about its test, and its memory of it.

use std::{
    io::{Read, Write},
    panic::{AssertUnwindSafe, catch_unwind},
};

use gladstone_sim::{Club, Fault};

use crate::http::{SESSIONS, connect, post, request, send, visit};

/// Drops a club and returns its complaint; none when it is content.
fn complaint(club: Club) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(club))).err()?;
    Some(
        panic
            .downcast_ref::<String>()
            .cloned()
            .unwrap_or_else(|| (*panic.downcast::<&str>().unwrap()).to_owned()),
    )
}

#[test]
fn a_club_that_was_never_called_fails_its_test() {
    assert!(
        complaint(Club::builder().start())
            .unwrap()
            .contains("never called")
    );
}

#[test]
fn unless_the_test_says_so() {
    let club = Club::builder().start();
    club.never_called();
    assert_eq!(complaint(club), None);
}

#[test]
fn then_a_call_fails_it() {
    let club = Club::builder().start();
    club.never_called();
    visit(&club, SESSIONS);
    assert!(complaint(club).unwrap().contains("called 2 times"));
}

#[test]
fn a_handler_that_panics_fails_the_test() {
    let club = Club::builder().fault(Fault::Panic).start();
    assert_eq!(request(&club, "GET", SESSIONS, &[]).unwrap().status, 500);
    assert!(
        complaint(club)
            .unwrap()
            .contains("the fault `panic` struck")
    );
}

#[test]
fn a_club_that_is_content_says_nothing() {
    let club = Club::builder().start();
    visit(&club, SESSIONS);
    assert_eq!(complaint(club), None);
}

#[test]
fn calls_are_remembered_in_order() {
    let club = Club::builder().start();
    visit(&club, &format!("{SESSIONS}?siteIds=UB&dateTo=a%20b"));
    let calls = club.calls();
    assert_eq!(
        calls.iter().map(|call| call.status).collect::<Vec<_>>(),
        [Some(200), Some(400)]
    );
    assert_eq!(
        calls.iter().map(|call| call.connection).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(
        (calls[1].method.as_str(), calls[1].path.as_str()),
        ("GET", SESSIONS)
    );
    assert_eq!(calls[1].query, "siteIds=UB&dateTo=a%20b");
    assert_eq!(calls[1].header("x-use-sso"), Some("1"));
}

#[test]
fn calls_on_one_connection_have_its_number() {
    let club = Club::builder().start();
    visit(&club, SESSIONS);
    let mut stream = connect(&club).unwrap();
    for _ in 0..2 {
        write!(stream, "GET /book HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_ne!(stream.read(&mut [0; 4096]).unwrap(), 0);
    }
    assert_eq!(
        club.calls()
            .iter()
            .map(|call| call.connection)
            .collect::<Vec<_>>(),
        [1, 2, 3, 3]
    );
}

#[test]
fn a_script_controls_it_over_http() {
    let club = Club::builder().start();
    let order = r#"{"fault":"503-first=1","path":"/api/availability","times":1}"#;
    assert_eq!(post(&club, "/__sim/faults", order).unwrap().status, 204);
    assert_eq!(visit(&club, SESSIONS).status, 503);
    assert_eq!(visit(&club, SESSIONS).status, 200);
    assert_eq!(
        post(&club, "/__sim/faults", r#"{"fault":"every-403"}"#)
            .unwrap()
            .status,
        204
    );
    assert_eq!(request(&club, "GET", SESSIONS, &[]).unwrap().status, 403);
    assert_eq!(
        request(&club, "DELETE", "/__sim/faults", &[])
            .unwrap()
            .status,
        204
    );
    assert_eq!(visit(&club, SESSIONS).status, 200);
    let refused = post(&club, "/__sim/faults", r#"{"fault":"nonsense"}"#).unwrap();
    assert!(refused.status == 400 && refused.text().contains("one of first-403"));
    let clock = r#"{"now":"2030-01-01T00:00:00Z"}"#;
    let moved = send(&club, "PUT", "/__sim/clock", &[], clock).unwrap();
    let unmoved = send(&club, "PUT", "/__sim/clock", &[], r#"{"now":"soon"}"#).unwrap();
    assert_eq!((moved.status, unmoved.status), (204, 400));
    let date = &request(&club, "GET", "/", &[]).unwrap().headers["date"];
    assert_eq!(date, "Tue, 01 Jan 2030 00:00:00 GMT");
    let calls = request(&club, "GET", "/__sim/calls", &[]).unwrap().json();
    assert_eq!(calls.as_array().unwrap().len(), 8);
    assert_eq!(
        (&calls[1]["path"], &calls[1]["status"]),
        (&SESSIONS.into(), &503.into())
    );
}

#[test]
fn a_bad_setting_stops_the_start() {
    let error = |builder: gladstone_sim::Builder| builder.try_start().unwrap_err().to_string();
    assert!(error(Club::builder().now("tomorrow")).contains("`tomorrow` is not an RFC 3339 time"));
    assert!(error(Club::builder().replay("/nowhere.json")).starts_with("/nowhere.json: "));
}
