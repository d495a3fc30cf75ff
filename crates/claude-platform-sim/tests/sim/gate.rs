//! What every request must bring.

use claude_platform_sim::{DEFAULT_API_KEY, Platform};
use serde_json::json;

use crate::client::{bare, get, json, request, send, skill, upload, zip_form};

#[test]
fn a_key_is_a_bearer_or_x_api_key() {
    let platform = Platform::builder()
        .api_key("sk-one")
        .api_key("sk-two")
        .start();
    let ask = || bare(&platform, "GET", "/v1/skills").header("anthropic-version", "2026-10-21");
    send(ask().bearer_auth("sk-one")).ok();
    send(ask().header("x-api-key", "sk-two")).ok();
    for wrong in [
        ask(),
        ask().bearer_auth(DEFAULT_API_KEY),
        ask().header("x-api-key", ""),
        ask().basic_auth("sk-one", Some("")),
    ] {
        let got = send(wrong);
        got.refused(401);
        assert_eq!(got.json()["error"]["type"], "authentication_error");
    }
}

#[test]
fn a_version_of_the_api_is_required() {
    let platform = Platform::builder().start();
    let ask = |version: Option<&str>| {
        let request = bare(&platform, "GET", "/v1/skills").bearer_auth(DEFAULT_API_KEY);
        send(version.into_iter().fold(request, |request, version| {
            request.header("anthropic-version", version)
        }))
    };
    ask(Some("2023-06-01")).ok();
    ask(Some("2026-10-21")).ok();
    assert!(ask(None).refused(400).contains("anthropic-version"));
    ask(Some("2019-01-01")).refused(400);
}

#[test]
fn managed_agents_need_their_beta_skills_refuse_theirs() {
    let platform = Platform::builder().agent("agent_01", json!({})).start();
    let ask = |target: &str, betas: &[&str]| {
        let request = bare(&platform, "GET", target)
            .bearer_auth(DEFAULT_API_KEY)
            .header("anthropic-version", "2026-10-21");
        send(betas.iter().fold(request, |request, beta| {
            request.header("anthropic-beta", *beta)
        }))
    };
    assert!(
        ask("/v1/agents/agent_01", &[])
            .refused(400)
            .contains("managed-agents-2026-04-01")
    );
    ask("/v1/sessions", &["managed-agents-2025-01-01"]).refused(400);
    ask(
        "/v1/agents/agent_01",
        &["oauth-2025-04-20, managed-agents-2026-04-01"],
    )
    .ok();
    ask(
        "/v1/agents/agent_01",
        &["oauth-2025-04-20", "managed-agents-2026-04-01"],
    )
    .ok();
    ask("/v1/skills", &[]).ok();
    assert!(
        ask("/v1/skills", &["skills-2025-10-02"])
            .refused(400)
            .contains("old shapes")
    );
    ask("/v1/files", &["files-api-2025-04-14"]).refused(400);
    assert!(
        ask("/v1/models", &["agent-memory-2026-07-22"])
            .refused(400)
            .contains("not a known value")
    );
}

#[test]
fn every_answer_has_a_request_id_and_errors_repeat_it() {
    let platform = Platform::builder().start();
    let (good, bad) = (
        get(&platform, "/v1/skills"),
        get(&platform, "/v1/skills/skill_none"),
    );
    let id = |got: &crate::client::Got| got.headers["request-id"].to_str().unwrap().to_owned();
    assert!(id(&good).starts_with("req_") && id(&good) != id(&bad));
    let error = json!({"type": "not_found_error", "message": "skill `skill_none` not found"});
    assert_eq!(
        bad.json(),
        json!({"type": "error", "error": error, "request_id": id(&bad)})
    );
    assert!(!good.headers.contains_key("x-amzn-requestid"));
}

#[test]
fn a_denied_action_is_named_and_not_done() {
    let platform = Platform::builder().deny("UpdateSkill").start();
    let (id, version) = platform.publish("courts", &skill("courts", "x"));
    let got = upload(
        &platform,
        &format!("/v1/skills/{id}/versions"),
        zip_form(skill("courts", "y")),
    );
    assert!(
        got.refused(403).contains(
            "is not authorized to perform: aws-external-anthropic:UpdateSkill on resource"
        )
    );
    send(request(
        &platform,
        "DELETE",
        &format!("/v1/skills/{id}/versions/{version}"),
    ))
    .refused(403);
    assert_eq!(platform.versions(&id).len(), 1);
    get(&platform, &format!("/v1/skills/{id}")).ok();
}

#[test]
fn a_body_is_json_or_multipart_as_it_says() {
    let platform = Platform::builder().agent("agent_01", json!({})).start();
    let target = "/v1/agents/agent_01";
    send(request(&platform, "POST", target).body("{}")).refused(400);
    send(
        request(&platform, "POST", target)
            .header("content-type", "application/json")
            .body("{"),
    )
    .refused(400);
    send(json(request(&platform, "POST", target), &json!([]))).refused(400);
    send(json(request(&platform, "POST", "/v1/skills"), &json!({}))).refused(400);
}
