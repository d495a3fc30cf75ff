//! Asynchronous invocations and schedules, by a clock that stands.

use std::time::Duration;

use aws_sim::{Builder, Mishap, Order, Region};
use serde_json::{Value, json};

use crate::lambda::function;

const NAME: &str = "sample";

fn region(function: aws_sim::Function) -> Builder {
    Region::builder()
        .now("2026-11-23T09:00:00Z")
        .function(function)
}

fn run(region: &Region, told: &str) {
    region.send_event(NAME, json!({ "do": told }));
    settle(region);
}

fn settle(region: &Region) {
    region.block_on(region.settle());
}

fn advance(region: &Region, seconds: u64) {
    region.advance(Duration::from_secs(seconds));
    settle(region);
}

fn mishap(text: &str) -> Order<Mishap> {
    text.parse().unwrap()
}

fn outcomes(region: &Region) -> Vec<&'static str> {
    let invocations = region.invocations();
    invocations.iter().map(|one| one.outcome).collect()
}

#[test]
fn an_event_that_fails_is_tried_after_one_and_two_minutes() {
    let region = region(function()).start();
    run(&region, "fail");
    assert_eq!(outcomes(&region).len(), 1);
    advance(&region, 59);
    assert_eq!(outcomes(&region).len(), 1);
    advance(&region, 1);
    assert_eq!(outcomes(&region).len(), 2);
    advance(&region, 119);
    assert_eq!(outcomes(&region).len(), 2);
    assert!(region.failures().is_empty());
    advance(&region, 1);
    assert_eq!(outcomes(&region), ["failed"; 3]);
    let failure = &region.failures()[0];
    let context = &failure["requestContext"];
    assert_eq!(context["condition"], "RetriesExhausted");
    assert_eq!(context["approximateInvokeCount"], 3);
    assert_eq!(failure["requestPayload"], json!({"do": "fail"}));
    assert_eq!(failure["responsePayload"]["errorType"], "Sample");
    assert_eq!(failure["timestamp"], "2026-11-23T09:03:00.000Z");
}

#[test]
fn an_event_that_succeeds_is_not_tried_again() {
    let region = region(function()).start();
    run(&region, "");
    advance(&region, 86_400);
    assert_eq!(outcomes(&region), ["answered"]);
    assert!(region.failures().is_empty());
}

#[test]
fn an_event_without_retries_fails_at_once() {
    let region = region(function().retries(0)).start();
    run(&region, "exit");
    assert_eq!(
        region.failures()[0]["requestContext"]["approximateInvokeCount"],
        1
    );
}

#[test]
fn a_throttled_event_waits_until_it_is_too_old() {
    let young = function().longest_age(Duration::from_secs(60));
    let region = region(young).mishap(mishap("throttled*100")).start();
    run(&region, "");
    for _ in 0..40 {
        advance(&region, 2);
    }
    let failure = &region.failures()[0];
    assert_eq!(failure["requestContext"]["condition"], "EventAgeExceeded");
    assert_eq!(failure["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!(failure["responsePayload"], Value::Null);
    assert!(outcomes(&region).is_empty());
}

#[test]
fn a_throttled_event_comes_later() {
    let region = region(function()).mishap(mishap("throttled*2")).start();
    run(&region, "");
    assert!(outcomes(&region).is_empty());
    advance(&region, 1);
    assert!(outcomes(&region).is_empty());
    advance(&region, 2);
    assert_eq!(outcomes(&region), ["answered"]);
}

#[test]
fn mishaps_lose_double_and_delay_events() {
    let region = region(function()).start();
    for (text, count) in [("lost", 0), ("doubled=2", 3), ("lost@/other", 1)] {
        region.clear_mishaps();
        region.push_mishap(mishap(text));
        let before = outcomes(&region).len();
        run(&region, "");
        assert_eq!(outcomes(&region).len() - before, count, "{text}");
    }
    region.clear_mishaps();
    region.push_mishap(mishap("late=30"));
    let before = outcomes(&region).len();
    run(&region, "");
    assert_eq!(outcomes(&region).len(), before);
    advance(&region, 30);
    assert_eq!(outcomes(&region).len(), before + 1);
    region.push_mishap(mishap("answer-lost"));
    run(&region, "");
    advance(&region, 60);
    assert_eq!(outcomes(&region).len(), before + 3);
}

#[test]
fn a_schedule_sends_its_event_at_its_rate() {
    let minutes = Duration::from_mins(5);
    let region = region(function())
        .schedule(NAME, minutes, json!({"sweep": true}))
        .start();
    advance(&region, 299);
    assert!(outcomes(&region).is_empty());
    for count in 1..3 {
        region.advance(minutes);
        // The schedule itself is not under way before it fires.
        while region.invocations().len() < count {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    assert_eq!(region.invocations()[0].payload, json!({"sweep": true}));
}

#[test]
fn events_of_a_function_by_hand_wait_for_the_test() {
    let region = region(aws_sim::Function::by_hand(NAME)).start();
    for number in 0..2 {
        region.send_event(NAME, json!({ "number": number }));
    }
    settle(&region);
    let events = [json!({"number": 0}), json!({"number": 1})];
    assert_eq!(region.take_events(NAME), events);
    assert!(region.take_events(NAME).is_empty() && region.invocations().is_empty());
}
