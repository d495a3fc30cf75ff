//! The complaint of a dropped platform about its test, and its memory of it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use claude_platform_sim::{Fault, Platform};
use serde_json::json;

use crate::client::{bare, get, post, publish, request, send};

#[test]
fn a_handler_that_panics_fails_the_test() {
    let platform = Platform::builder().start();
    platform.push_fault(Fault::Panic, 1, 1);
    assert_eq!(get(&platform, "/v1/skills").status, 500);
    let panic = catch_unwind(AssertUnwindSafe(|| drop(platform))).unwrap_err();
    assert!(
        panic
            .downcast_ref::<String>()
            .unwrap()
            .contains("the fault `panic` struck call 1")
    );
}

#[test]
fn calls_are_remembered_in_order() {
    let platform = Platform::builder().agent("agent_01", json!({})).start();
    send(request(
        &platform,
        "GET",
        "/v1/skills?limit=5&source=custom",
    ));
    post(&platform, "/v1/agents/agent_01", &json!({"version": 9}));
    let calls = platform.calls();
    assert_eq!(
        calls
            .iter()
            .map(|call| (call.number, call.status))
            .collect::<Vec<_>>(),
        [(1, Some(200)), (2, Some(409))]
    );
    assert_eq!(
        (calls[0].target.as_str(), calls[0].path.as_str()),
        ("/v1/skills?limit=5&source=custom", "/v1/skills")
    );
    assert_eq!(
        (calls[1].method.as_str(), &calls[1].body[..]),
        ("POST", &br#"{"version":9}"#[..])
    );
    assert_eq!(
        calls[1].header("anthropic-beta"),
        Some("managed-agents-2026-04-01")
    );
    assert!(
        calls[0]
            .header("authorization")
            .unwrap()
            .starts_with("Bearer sk-test")
    );
}

#[test]
fn the_control_endpoint_tells_everything_but_credentials() {
    let platform = Platform::builder()
        .agent("agent_01", json!({}))
        .environment("env_01")
        .start();
    let (skill, _) = publish(&platform, "courts", "x");
    send(request(&platform, "GET", "/v1/skills").header("x-api-key", "sk-test-secret"));
    post(
        &platform,
        "/v1/sessions",
        &json!({"agent": "agent_01", "environment_id": "env_01"}),
    )
    .ok();
    let calls = send(bare(&platform, "GET", "/__sim/calls")).ok();
    assert_eq!(
        (calls.as_array().unwrap().len(), &calls[1]["target"]),
        (3, &"/v1/skills".into())
    );
    assert!(!calls.to_string().contains("sk-test"));
    let state = send(bare(&platform, "GET", "/__sim/state")).ok();
    assert_eq!(
        (
            &state["skills"][0]["skill"]["id"],
            &state["agents"][0]["agent"]["id"]
        ),
        (&skill.into(), &"agent_01".into())
    );
    assert_eq!(state["sessions"][0]["session"]["status"], "idle");
    send(bare(&platform, "GET", "/__sim/other")).refused(404);
    assert_eq!(platform.calls().len(), 3);
}

#[test]
fn the_sessions_files_go_with_the_platform() {
    let platform = Platform::builder()
        .agent("agent_01", json!({}))
        .environment("env_01")
        .start();
    let (skill, _) = publish(&platform, "courts", "x");
    platform.put_agent(
        "agent_01",
        &json!({"skills": [{"type": "custom", "skill_id": skill}]}),
    );
    let body = json!({"agent": "agent_01", "environment_id": "env_01", "initial_events": [
        {"type": "user.message", "content": [{"type": "text", "text": "```sh\npwd\n```"}]}]});
    let session = post(&platform, "/v1/sessions", &body).ok()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let place = loop {
        let events = platform.events(&session);
        if let Some(result) = events
            .iter()
            .find(|event| event["type"] == "agent.tool_result")
        {
            break result["content"][0]["text"]
                .as_str()
                .unwrap()
                .trim()
                .to_owned();
        }
        std::thread::yield_now();
    };
    assert!(std::path::Path::new(&place).is_dir());
    drop(platform);
    assert!(!std::path::Path::new(&place).exists());
}

#[test]
fn a_bad_setting_stops_the_start() {
    let error = Platform::builder().now("tomorrow").try_start().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("`tomorrow` is not an RFC 3339 time")
    );
}
