//! A real captured response, before, inside and after its booking window.
//!
//! The numbers were read off the capture itself: 22 slots on two courts of `ARACT00002`, 8 of them `Available`, windows
//! from 2025-01-09 00:00 UTC until each start.

use crate::harness::{Member, Outcome, club, sample};

fn at(now: &str, args: &[&str]) -> Outcome {
    let club = club().now(now).replay(sample()).start();
    let base = ["availability", "--date", "2025-01-16", "--site", "ARML", "--activity", "ARACT00002"];
    Member::of(&club).env("PADEL_NOW", now).run(&[&base[..], args].concat())
}

fn counts(now: &str) -> [u64; 4] {
    let document = at(now, &["--json"]).json();
    ["free", "opens_later", "taken", "closed"].map(|name| document["summary"][name].as_u64().expect("a count"))
}

#[test]
fn the_capture_is_right_before_inside_and_after_its_window() {
    let all: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(sample()).expect("the capture")).expect("JSON");
    let slots: Vec<&serde_json::Value> = all[0]["locations"]
        .as_array()
        .expect("courts")
        .iter()
        .flat_map(|court| court["slots"].as_array().expect("slots"))
        .collect();
    let available = slots.iter().filter(|slot| slot["status"] == "Available").count() as u64;
    let taken = slots.len() as u64 - available;
    assert!(available > 0 && taken > 0);
    assert_eq!(counts("2025-01-08T23:59:59Z"), [0, available, taken, 0]);
    assert_eq!(counts("2025-01-09T00:00:00Z"), [available, 0, taken, 0]);
    assert_eq!(counts("2025-01-16T10:00:00Z"), [available, 0, taken, 0]);
    assert_eq!(counts("2025-01-16T23:30:00Z"), [0, 0, taken, available]);
    assert_eq!(counts("2025-01-20T12:00:00Z"), [0, 0, taken, available]);
    // At noon the slot of twelve o'clock is over; later ones are not.
    let started = slots
        .iter()
        .filter(|slot| slot["status"] == "Available" && slot["bookableUntil"].as_str() <= Some("2025-01-16T12:00:00Z"));
    let started = started.count() as u64;
    assert!(started > 0);
    assert_eq!(counts("2025-01-16T12:00:00Z"), [available - started, 0, taken, started]);
}
