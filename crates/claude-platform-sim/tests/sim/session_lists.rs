//! Lists of sessions and their events: filters, orders, cursors.

use claude_platform_sim::{Model, Platform};
use serde_json::{Value, json};

use crate::{
    chat::{RUN, builder, message, start, types, with_skill},
    client::{get, ids, post, text},
};

fn list(platform: &Platform, query: &str) -> Value {
    get(platform, &format!("/v1/sessions{query}")).ok()
}

/// Three sessions, a day apart; their ids, oldest first.
fn three(platform: &Platform) -> Vec<String> {
    ["21", "22", "23"]
        .map(|day| {
            platform.set_clock(&format!("2026-11-{day}T09:00:00Z"));
            start(platform, &json!({})).id().to_owned()
        })
        .into()
}

#[test]
fn sessions_are_listed_either_way_with_cursors_to_both_sides() {
    let platform = builder().start();
    let oldest_first = three(&platform);
    let newest_first: Vec<_> = oldest_first.iter().rev().cloned().collect();
    assert_eq!(ids(&list(&platform, "")), newest_first);
    assert_eq!(ids(&list(&platform, "?order=asc")), oldest_first);
    let first = list(&platform, "?limit=2");
    let next = text(&first["next_page"]);
    assert_eq!(first["prev_page"], Value::Null);
    let second = list(&platform, &format!("?limit=2&page={next}"));
    assert_eq!([ids(&first), ids(&second)].concat(), newest_first);
    let back = list(
        &platform,
        &format!("?limit=2&page={}", text(&second["prev_page"])),
    );
    assert_eq!(ids(&back), ids(&first));
    let other = format!("/v1/sessions?limit=2&order=asc&page={next}");
    assert!(get(&platform, &other).refused(400).contains("order"));
}

#[test]
fn sessions_are_filtered_by_time() {
    let platform = builder().start();
    let made = three(&platform);
    for (query, expected) in [
        ("gt%5D=2026-11-22T09:00:00Z", &made[2..]),
        ("gte%5D=2026-11-22T09:00:00Z", &made[1..]),
        ("lt%5D=2026-11-22T09:00:00Z", &made[..1]),
        ("lte%5D=2026-11-22T09:00:00Z", &made[..2]),
    ] {
        let list = list(&platform, &format!("?order=asc&created_at%5B{query}"));
        assert_eq!(ids(&list), expected, "{query}");
    }
    get(&platform, "/v1/sessions?created_at%5Bgt%5D=yesterday").refused(400);
}

#[test]
fn sessions_are_filtered_by_agent_version_and_status() {
    let platform = builder()
        .agent("agent_02", json!({}))
        .model(Model::Slow)
        .start();
    let first = start(&platform, &json!({})).id().to_owned();
    post(&platform, "/v1/agents/agent_01", &json!({"system": "x"})).ok();
    let second = start(&platform, &json!({"initial_events": [message(RUN)]}));
    let second = second.id().to_owned();
    let other = start(&platform, &json!({"agent": "agent_02"}))
        .id()
        .to_owned();
    for (query, expected) in [
        ("?agent_id=agent_01", vec![&second, &first]),
        ("?agent_id=agent_01&agent_version=1", vec![&first]),
        ("?agent_id=agent_02", vec![&other]),
        ("?statuses%5B%5D=running", vec![&second]),
        (
            "?statuses%5B%5D=idle&statuses%5B%5D=running",
            vec![&other, &second, &first],
        ),
        ("?deployment_id=depl_none", vec![]),
    ] {
        let found = ids(&list(&platform, query));
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
    }
}

#[test]
fn events_are_filtered_by_type() {
    let (platform, ..) = with_skill(builder(), "hello");
    let chat = start(&platform, &json!({}));
    chat.run(RUN);
    let query = "/events?types%5B%5D=agent.message&types%5B%5D=session.status_idle&order=desc";
    let found = chat.get(query).ok();
    let found = found["data"].as_array().unwrap();
    let expected = ["session.status_idle", "agent.message", "agent.message"];
    assert_eq!(types(found), expected);
    let none = chat.get("/events?types%5B%5D=user.interrupt").ok();
    assert_eq!(none["data"], json!([]));
    let later = chat
        .get("/events?created_at%5Bgt%5D=2100-01-01T00:00:00Z")
        .ok();
    assert_eq!(later["data"], json!([]));
}

#[test]
fn a_cursor_of_events_is_bound_to_its_order() {
    let (platform, ..) = with_skill(builder(), "hello");
    let chat = start(&platform, &json!({}));
    chat.run(RUN);
    let next = text(&chat.get("/events?limit=2").ok()["next_page"]);
    chat.get(&format!("/events?limit=2&page={next}")).ok();
    chat.get(&format!("/events?limit=2&order=desc&page={next}"))
        .refused(400);
}
