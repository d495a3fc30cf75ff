//! Workload identity federation: identity, exchange, use, renewal.

use std::time::Duration;

use claude_platform::Kind;
use serde_json::{Value, json};

use crate::server::{Answer, Server, failure, ok, read};

const RULE: [(&str, &str); 2] = [("ANTHROPIC_FEDERATION_RULE_ID", "fdrl_1"), ("ANTHROPIC_ORGANIZATION_ID", "org-1")];

fn issued(token: &str, seconds: u64) -> Answer {
    ok(&json!({"access_token": token, "token_type": "Bearer", "expires_in": seconds}))
}

fn skill() -> Answer {
    ok(&json!({"id": "skill_1"}))
}

fn variables<'a>(server: &'a Server, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&RULE[..], &[("ANTHROPIC_BASE_URL", server.url.as_str())], more].concat()
}

fn bearer(server: &Server, number: usize) -> String {
    server.recorded()[number].header("authorization").unwrap().to_owned()
}

#[tokio::test]
async fn an_identity_token_is_exchanged_once_and_its_token_used() {
    let page = ok(&json!({"data": []}));
    let server = Server::start([issued("oat-1", u64::MAX), skill(), page]).await;
    let all = [
        ("ANTHROPIC_IDENTITY_TOKEN", "jwt-1"),
        ("ANTHROPIC_SERVICE_ACCOUNT_ID", "svac_1"),
        ("ANTHROPIC_WORKSPACE_ID", "wrkspc_1"),
    ];
    let client = server.client_with(&variables(&server, &all), false).await;
    client.skill("skill_1").await.unwrap();
    client.agent_versions("agent_1").await.unwrap();
    let requests = server.recorded();
    assert_eq!(requests[0].line(), "POST /v1/oauth/token");
    assert_eq!(requests[0].header("anthropic-beta"), Some("oauth-2025-04-20,oidc-federation-2026-04-01"));
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
    assert_eq!((requests[0].header("anthropic-version"), requests[0].header("authorization")), (None, None));
    let expected = json!({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "jwt-1",
                          "federation_rule_id": "fdrl_1", "organization_id": "org-1",
                          "service_account_id": "svac_1", "workspace_id": "wrkspc_1"});
    assert_eq!(requests[0].json(), expected);
    assert_eq!(requests[1].header("authorization"), Some("Bearer oat-1"));
    assert_eq!(requests[1].header("anthropic-beta"), Some("oauth-2025-04-20"));
    assert_eq!(requests[1].header("anthropic-workspace-id"), None, "the token knows its workspace");
    assert_eq!(requests[2].header("anthropic-beta"), Some("managed-agents-2026-04-01,oauth-2025-04-20"));
}

#[tokio::test]
async fn optional_fields_that_are_not_set_are_not_sent() {
    let server = Server::start([issued("oat-1", 600), skill()]).await;
    let more = [("ANTHROPIC_IDENTITY_TOKEN", "jwt-1"), ("ANTHROPIC_WORKSPACE_ID", "")];
    server.client_with(&variables(&server, &more), false).await.skill("skill_1").await.unwrap();
    let Value::Object(body) = server.recorded()[0].json() else { panic!("an object") };
    assert_eq!(body.keys().collect::<Vec<_>>(), ["assertion", "federation_rule_id", "grant_type", "organization_id"]);
}

#[tokio::test]
async fn github_gives_the_identity_token() {
    let identity = ok(&json!({"count": 1, "value": "jwt-github"}));
    let server = Server::start([identity, issued("oat-1", 600), skill()]).await;
    let url = format!("{}/token?api-version=2.0", server.url);
    let more = [("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "gh-secret")];
    server.client_with(&variables(&server, &more), false).await.skill("skill_1").await.unwrap();
    let requests = server.recorded();
    assert_eq!(requests[0].line(), "GET /token?api-version=2.0&audience=https%3A%2F%2Fapi.anthropic.com");
    assert_eq!(requests[0].header("authorization"), Some("bearer gh-secret"));
    assert_eq!(requests[1].json()["assertion"], "jwt-github");
    assert_eq!(requests[2].header("authorization"), Some("Bearer oat-1"));
}

#[tokio::test]
async fn a_token_file_is_read_anew_and_wins_over_a_given_token() {
    let server = Server::start([issued("oat-1", 0), skill(), issued("oat-2", 600), skill()]).await;
    let path = std::env::temp_dir().join(format!("claude-platform-identity-{}", std::process::id()));
    std::fs::write(&path, "jwt-a\n").unwrap();
    let more = [("ANTHROPIC_IDENTITY_TOKEN_FILE", path.to_str().unwrap()), ("ANTHROPIC_IDENTITY_TOKEN", "jwt-other")];
    let client = server.client_with(&variables(&server, &more), false).await;
    client.skill("skill_1").await.unwrap();
    std::fs::write(&path, "jwt-b").unwrap();
    client.skill("skill_1").await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let requests = server.recorded();
    assert_eq!(
        (&requests[0].json()["assertion"], &requests[2].json()["assertion"]),
        (&json!("jwt-a"), &json!("jwt-b"))
    );
    assert_eq!(bearer(&server, 3), "Bearer oat-2", "the first one had no time left");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let server = Server::start([issued("oat-1", 1), skill(), skill(), issued("oat-2", 600), skill()]).await;
    let client = server.client_with(&variables(&server, &[("ANTHROPIC_IDENTITY_TOKEN", "jwt")]), false).await;
    client.skill("skill_1").await.unwrap();
    client.skill("skill_1").await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    client.skill("skill_1").await.unwrap();
    assert_eq!([bearer(&server, 2), bearer(&server, 4)], ["Bearer oat-1", "Bearer oat-2"]);
}

#[tokio::test]
async fn a_rejected_token_is_renewed_once_even_for_a_post() {
    let session = ok(&json!({"id": "sesn_1", "status": "idle"}));
    let server = Server::start([issued("oat-1", 600), failure(401, "expired"), issued("oat-2", 600), session]).await;
    let client = server.client_with(&variables(&server, &[("ANTHROPIC_IDENTITY_TOKEN", "jwt")]), false).await;
    client.archive_session("sesn_1").await.unwrap();
    assert_eq!([bearer(&server, 1), bearer(&server, 3)], ["Bearer oat-1", "Bearer oat-2"]);

    let no = failure(401, "no");
    let server = Server::start([issued("oat-1", 600), no.clone(), issued("oat-2", 600), no]).await;
    let client = server.client_with(&variables(&server, &[("ANTHROPIC_IDENTITY_TOKEN", "jwt")]), false).await;
    let error = client.archive_session("sesn_1").await.unwrap_err();
    assert_eq!((error.kind, server.recorded().len()), (Kind::Rejected, 4));
}

#[tokio::test]
async fn clones_share_the_token() {
    let server = Server::start([issued("oat-1", 600), skill(), skill()]).await;
    let client = server.client_with(&variables(&server, &[("ANTHROPIC_IDENTITY_TOKEN", "jwt")]), false).await;
    let other = client.clone();
    let spawned = tokio::spawn(async move { other.skill("skill_1").await });
    client.skill("skill_1").await.unwrap();
    spawned.await.unwrap().unwrap();
    assert_eq!(server.lines()[0], "POST /v1/oauth/token");
}

#[tokio::test]
async fn an_exchange_is_tried_again_and_what_failed_there_never_happened() {
    let server = Server::start([failure(500, "x"), Answer::Close, issued("oat-1", 600), skill()]).await;
    let client = server.client_with(&variables(&server, &[("ANTHROPIC_IDENTITY_TOKEN", "jwt")]), false).await;
    client.skill("skill_1").await.unwrap();
    assert_eq!(server.recorded().len(), 4);

    for trouble in [failure(503, "down"), Answer::Close] {
        let server = Server::start(vec![trouble; 3]).await;
        let client = server.client_with(&variables(&server, &[("ANTHROPIC_IDENTITY_TOKEN", "jwt")]), false).await;
        let error = client.archive_session("sesn_1").await.unwrap_err();
        assert!(!error.may_have_happened(), "{error}");
        assert!(error.to_string().starts_with("POST /v1/oauth/token: "), "{error}");
    }
}

#[tokio::test]
async fn an_identity_that_is_not_taken_is_a_rejection() {
    let refused = json!({"error": "invalid_grant", "error_description": "no rule matches"}).to_string();
    for status in [400, 401] {
        let server = Server::start([Answer::Reply(status, vec![], refused.clone().into_bytes())]).await;
        let client = server.client_with(&variables(&server, &[("ANTHROPIC_IDENTITY_TOKEN", "jwt")]), false).await;
        let error = client.skill("skill_1").await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (Kind::Rejected, "no rule matches"));
    }
}

#[tokio::test]
async fn an_unusable_identity_is_told_before_anything_is_sent() {
    let server = Server::start([]).await;
    let long = "x".repeat(20_000);
    for (more, said) in [
        (("ANTHROPIC_IDENTITY_TOKEN_FILE", "/nonexistent/token"), "`/nonexistent/token` cannot be read"),
        (("ANTHROPIC_IDENTITY_TOKEN_FILE", "/dev/null"), "is empty"),
        (("ANTHROPIC_IDENTITY_TOKEN", long.as_str()), "has 20000 bytes"),
    ] {
        let client = server.client_with(&variables(&server, &[more]), false).await;
        let error = client.skill("skill_1").await.unwrap_err();
        assert_eq!(error.kind, Kind::Credentials);
        assert!(error.to_string().contains(said), "{error}");
    }
    assert!(server.recorded().is_empty());
}

#[tokio::test]
async fn an_identity_endpoint_must_be_safe() {
    let more = [("ACTIONS_ID_TOKEN_REQUEST_URL", "http://example.com/"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t")];
    let error = read(&[&RULE[..], &more].concat(), false).await.unwrap_err();
    assert_eq!(error.kind, Kind::Config);
}
