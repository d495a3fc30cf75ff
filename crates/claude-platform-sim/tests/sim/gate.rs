//! Headers and betas that every request must bring.

use claude_platform_sim::{Builder, DEFAULT_API_KEY, Platform};
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

/// Requests that sessions and their surroundings need, and the action of each on AWS.
const ACTIONS: [(&str, &str, &str); 48] = [
    ("POST", "/v1/environments", "CreateEnvironment"),
    ("GET", "/v1/environments", "ListEnvironments"),
    ("GET", "/v1/environments/x", "GetEnvironment"),
    ("POST", "/v1/environments/x", "UpdateEnvironment"),
    ("POST", "/v1/environments/x/archive", "ArchiveEnvironment"),
    ("DELETE", "/v1/environments/x", "DeleteEnvironment"),
    ("POST", "/v1/vaults", "CreateVault"),
    ("GET", "/v1/vaults", "ListVaults"),
    ("GET", "/v1/vaults/x", "GetVault"),
    ("POST", "/v1/vaults/x", "UpdateVault"),
    ("POST", "/v1/vaults/x/archive", "ArchiveVault"),
    ("DELETE", "/v1/vaults/x", "DeleteVault"),
    ("POST", "/v1/vaults/x/credentials", "UpdateVault"),
    ("GET", "/v1/vaults/x/credentials", "GetVault"),
    ("GET", "/v1/vaults/x/credentials/y", "GetVault"),
    ("POST", "/v1/vaults/x/credentials/y", "UpdateVault"),
    ("POST", "/v1/vaults/x/credentials/y/archive", "UpdateVault"),
    ("DELETE", "/v1/vaults/x/credentials/y", "UpdateVault"),
    ("POST", "/v1/agents", "CreateAgent"),
    ("GET", "/v1/agents", "ListAgents"),
    ("GET", "/v1/agents/x", "GetAgent"),
    ("GET", "/v1/agents/x/versions", "GetAgent"),
    ("POST", "/v1/agents/x", "UpdateAgent"),
    ("POST", "/v1/agents/x/archive", "ArchiveAgent"),
    ("POST", "/v1/sessions", "CreateSession"),
    ("GET", "/v1/sessions", "ListSessions"),
    ("GET", "/v1/sessions/x", "GetSession"),
    ("GET", "/v1/sessions/x/events", "GetSession"),
    ("GET", "/v1/sessions/x/events/stream", "GetSession"),
    ("GET", "/v1/sessions/x/resources", "GetSession"),
    ("GET", "/v1/sessions/x/resources/y", "GetSession"),
    ("POST", "/v1/sessions/x", "UpdateSession"),
    ("POST", "/v1/sessions/x/events", "UpdateSession"),
    ("POST", "/v1/sessions/x/resources", "UpdateSession"),
    ("POST", "/v1/sessions/x/resources/y", "UpdateSession"),
    ("DELETE", "/v1/sessions/x/resources/y", "UpdateSession"),
    ("POST", "/v1/sessions/x/archive", "ArchiveSession"),
    ("DELETE", "/v1/sessions/x", "DeleteSession"),
    ("POST", "/v1/files", "CreateFile"),
    ("GET", "/v1/files", "ListFiles"),
    ("GET", "/v1/files/x/content", "GetFile"),
    ("DELETE", "/v1/files/x", "DeleteFile"),
    ("GET", "/v1/models", "ListModels"),
    ("GET", "/v1/models/x", "GetModel"),
    ("POST", "/v1/deployments", "CreateDeployment"),
    ("GET", "/v1/deployment_runs", "GetDeployment"),
    ("POST", "/v1/deployments/x/run", "RunDeployment"),
    ("POST", "/v1/deployments/x/unpause", "UnpauseDeployment"),
];

#[test]
fn every_operation_needs_its_documented_action() {
    let actions = ACTIONS.map(|(.., action)| action);
    let denying = actions.into_iter().fold(Platform::builder(), Builder::deny);
    let platform = denying.start();
    for (method, target, action) in ACTIONS {
        let message = send(request(&platform, method, target)).refused(403);
        let named = format!("aws-external-anthropic:{action} on");
        assert!(message.contains(&named), "{method} {target}: {message}");
    }
}
