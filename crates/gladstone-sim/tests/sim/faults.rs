//! Each fault as a client sees it.

use std::{
    io::{ErrorKind, Read, Write},
    time::{Duration, Instant},
};

use chrono::DateTime;
use flate2::read::GzDecoder;
use gladstone_sim::{Club, Fault};

use crate::http::{ANONYMOUS, Answer, SESSIONS, connect, request, visit};

const QUERY: &str =
    "?activityIds=PADEL60&dateFrom=2026-11-24T00:00:00Z&dateTo=2026-11-24T23:59:59Z";

fn club() -> Club {
    Club::builder().now("2026-11-23T09:00:00Z").start()
}

fn target() -> String {
    format!("{SESSIONS}{QUERY}")
}

/// Answers of sessions under a fault, and without it.
fn struck(fault: Fault) -> (Answer, Answer) {
    let club = club();
    let genuine = visit(&club, &target());
    club.set_fault(Some(fault));
    (visit(&club, &target()), genuine)
}

/// The statuses of four calls to the anonymous endpoint.
fn statuses(fault: Fault) -> Vec<Option<u16>> {
    let club = Club::builder().fault(fault).start();
    (0..4)
        .map(|_| {
            request(&club, "GET", ANONYMOUS, &[])
                .ok()
                .map(|answer| answer.status)
        })
        .collect()
}

#[test]
fn refusals_come_as_often_as_they_say() {
    assert_eq!(
        statuses(Fault::First403),
        [Some(403), Some(200), Some(200), Some(200)]
    );
    assert_eq!(statuses(Fault::Every403), [Some(403); 4]);
    assert_eq!(statuses(Fault::Error500), [Some(500); 4]);
    assert_eq!(
        statuses(Fault::First503(2)),
        [Some(503), Some(503), Some(200), Some(200)]
    );
    assert_eq!(statuses(Fault::Reset), [None; 4]);
    assert_eq!(
        statuses(Fault::FirstReset(1)),
        [None, Some(200), Some(200), Some(200)]
    );
}

#[test]
fn cloudflare_has_a_page_with_either_status() {
    for (fault, status) in [(Fault::Cloudflare403, 403), (Fault::Cloudflare200, 200)] {
        let club = Club::builder().fault(fault).start();
        let page = request(&club, "GET", ANONYMOUS, &[]).unwrap();
        assert_eq!(
            (page.status, page.headers["server"].as_str()),
            (status, "cloudflare")
        );
        assert!(
            page.headers["content-type"].starts_with("text/html")
                && page.text().contains("Cloudflare Ray ID")
        );
    }
}

#[test]
fn a_session_is_lost_after_n_calls() {
    let club = Club::builder().fault(Fault::After401(2)).start();
    let statuses: Vec<_> = (0..3).map(|_| visit(&club, &target()).status).collect();
    assert_eq!(statuses, [200, 200, 401]);
}

#[test]
fn a_rate_limit_says_when_to_come_back() {
    let club = Club::builder().fault(Fault::Seconds429(7)).start();
    let limited = request(&club, "GET", ANONYMOUS, &[]).unwrap();
    assert_eq!(
        (limited.status, limited.headers["retry-after"].as_str()),
        (429, "7")
    );
    club.set_fault(Some(Fault::Date429(90)));
    let limited = request(&club, "GET", ANONYMOUS, &[]).unwrap();
    let at = |name: &str| DateTime::parse_from_rfc2822(&limited.headers[name]).unwrap();
    assert!((89..=91).contains(&(at("retry-after") - at("date")).num_seconds()));
}

#[test]
fn a_reset_is_noted_without_a_status() {
    let club = Club::builder().fault(Fault::Reset).start();
    let error = request(&club, "GET", ANONYMOUS, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(club.calls()[0].status, None);
}

#[test]
fn no_answer_at_all_keeps_the_connection_open() {
    let club = Club::builder().fault(Fault::Never).start();
    let mut stream = connect(&club).unwrap();
    write!(stream, "GET {ANONYMOUS} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{error}"
    );
    assert_eq!(club.calls()[0].status, None);
}

#[test]
fn a_body_breaks_off() {
    let (answer, genuine) = struck(Fault::Truncated);
    assert!(!answer.whole);
    assert_eq!(answer.body, genuine.body[..genuine.body.len() / 2]);
}

#[test]
fn a_length_is_wrong_either_way() {
    let (answer, genuine) = struck(Fault::WrongLength);
    assert!(!answer.whole);
    assert_eq!(answer.body, genuine.body);
    assert_eq!(
        answer.headers["content-length"],
        (genuine.body.len() + 1000).to_string()
    );
    let (answer, genuine) = struck(Fault::ShortLength);
    assert!(answer.whole);
    assert_eq!(answer.body, genuine.body[..genuine.body.len() / 2]);
}

#[test]
fn gzip_is_garbage() {
    let (answer, _) = struck(Fault::GarbageGzip);
    assert_eq!(answer.headers["content-encoding"], "gzip");
    assert!(
        GzDecoder::new(answer.body.as_slice())
            .read_to_end(&mut Vec::new())
            .is_err()
    );
}

#[test]
fn a_body_drips_but_is_whole() {
    let club = Club::builder()
        .sessions_json(format!("[{}]", " ".repeat(100)))
        .start();
    club.push_fault(SESSIONS, Fault::Drip, 1);
    let started = Instant::now();
    let answer = visit(&club, SESSIONS);
    assert!(answer.whole && started.elapsed() > Duration::from_millis(250));
    assert_eq!(answer.json(), serde_json::json!([]));
}

#[test]
fn content_is_not_what_it_should_be() {
    assert!(struck(Fault::NotArray).0.json().is_object());
    assert!(struck(Fault::WrongTypes).0.json().as_array().unwrap().len() > 5);
    assert_eq!(struck(Fault::EmptyBody).0.body, b"");
}

#[test]
fn one_wrong_element_leaves_the_others_alone() {
    let (answer, genuine) = struck(Fault::WrongElement);
    let (answer, genuine) = (answer.json(), genuine.json());
    assert_eq!(genuine.as_array().unwrap().len(), 1);
    assert_eq!(answer[0], 42);
    assert_eq!(answer[1], genuine[0]);
}

#[test]
fn a_huge_body_is_valid_json() {
    let (answer, genuine) = struck(Fault::Huge);
    assert!(answer.whole && answer.body.len() > 60_000_000);
    let tail = &answer.body[answer.body.len() - genuine.body.len()..];
    assert_eq!(tail[1..], genuine.body[1..]);
    assert!(answer.body.starts_with(br#"[{"id":"PADDING""#));
}

#[test]
fn faults_queue_up() {
    let club = club();
    club.push_fault(SESSIONS, Fault::Error500, 1);
    club.push_fault(SESSIONS, Fault::Every403, 1);
    let statuses: Vec<_> = (0..3).map(|_| visit(&club, &target()).status).collect();
    assert_eq!(statuses, [500, 403, 200]);
    club.push_fault(SESSIONS, Fault::Error500, 1);
    club.set_fault(None);
    assert_eq!(visit(&club, &target()).status, 200);
}
