//! Workload identity federation: identity, exchange, use, renewal.

use std::time::Duration;

use claude_platform::Kind;
use serde_json::{Value, json};

use crate::server::{Answer, Server, failure, ok, read};

const RULE: [(&str, &str); 2] = [
    ("ANTHROPIC_FEDERATION_RULE_ID", "fdrl_1"),
    ("ANTHROPIC_ORGANIZATION_ID", "org-1"),
];

fn issued(token: &str, seconds: u64) -> Answer {
    ok(&json!({"access_token": token, "token_type": "Bearer", "expires_in": seconds}))
}

fn skill() -> Answer {
    ok(&json!({"id": "skill_1"}))
}

fn variables<'a>(server: &'a Server, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [
        &RULE[..],
        &[("ANTHROPIC_BASE_URL", server.url.as_str())],
        more,
    ]
    .concat()
}

/// Variables with which the server itself gives identities, as GitHub's endpoint does.
fn in_job<'a>(server: &'a Server, url: &'a str) -> Vec<(&'a str, &'a str)> {
    variables(
        server,
        &[
            ("ACTIONS_ID_TOKEN_REQUEST_URL", url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "gh-secret"),
        ],
    )
}

fn identity(token: &str) -> Answer {
    ok(&json!({ "value": token }))
}

fn bearer(server: &Server, number: usize) -> String {
    server.recorded()[number]
        .header("authorization")
        .unwrap()
        .to_owned()
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
    client.get_skill("skill_1").await.unwrap();
    client.list_agent_versions("agent_1").await.unwrap();
    let requests = server.recorded();
    assert_eq!(requests[0].line(), "POST /v1/oauth/token");
    assert_eq!(
        requests[0].header("anthropic-beta"),
        Some("oauth-2025-04-20,oidc-federation-2026-04-01")
    );
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
    assert_eq!(
        (
            requests[0].header("anthropic-version"),
            requests[0].header("authorization")
        ),
        (None, None)
    );
    let expected = json!({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "jwt-1",
                          "federation_rule_id": "fdrl_1", "organization_id": "org-1",
                          "service_account_id": "svac_1", "workspace_id": "wrkspc_1"});
    assert_eq!(requests[0].json(), expected);
    assert_eq!(requests[1].header("authorization"), Some("Bearer oat-1"));
    assert_eq!(
        requests[1].header("anthropic-beta"),
        Some("oauth-2025-04-20")
    );
    assert_eq!(
        requests[1].header("anthropic-workspace-id"),
        None,
        "the token knows its workspace"
    );
    assert_eq!(
        requests[2].header("anthropic-beta"),
        Some("managed-agents-2026-04-01,oauth-2025-04-20")
    );
}

#[tokio::test]
async fn optional_fields_that_are_not_set_are_not_sent() {
    let server = Server::start([issued("oat-1", 600), skill()]).await;
    let more = [
        ("ANTHROPIC_IDENTITY_TOKEN", "jwt-1"),
        ("ANTHROPIC_WORKSPACE_ID", ""),
    ];
    server
        .client_with(&variables(&server, &more), false)
        .await
        .get_skill("skill_1")
        .await
        .unwrap();
    let Value::Object(body) = server.recorded()[0].json() else {
        panic!("an object")
    };
    assert_eq!(
        body.keys().collect::<Vec<_>>(),
        [
            "assertion",
            "federation_rule_id",
            "grant_type",
            "organization_id"
        ]
    );
}

#[tokio::test]
async fn github_gives_the_identity_token() {
    let identity = ok(&json!({"count": 1, "value": "jwt-github"}));
    let server = Server::start([identity, issued("oat-1", 600), skill()]).await;
    let url = format!("{}/token?api-version=2.0", server.url);
    let more = [
        ("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "gh-secret"),
    ];
    server
        .client_with(&variables(&server, &more), false)
        .await
        .get_skill("skill_1")
        .await
        .unwrap();
    let requests = server.recorded();
    assert_eq!(
        requests[0].line(),
        "GET /token?api-version=2.0&audience=https%3A%2F%2Fapi.anthropic.com"
    );
    assert_eq!(
        requests[0].header("authorization"),
        Some("bearer gh-secret")
    );
    assert_eq!(requests[1].json()["assertion"], "jwt-github");
    assert_eq!(requests[2].header("authorization"), Some("Bearer oat-1"));
}

#[tokio::test]
async fn a_token_file_is_read_anew_and_wins_over_a_given_token() {
    let server = Server::start([issued("oat-1", 0), skill(), issued("oat-2", 600), skill()]).await;
    let path =
        std::env::temp_dir().join(format!("claude-platform-identity-{}", std::process::id()));
    std::fs::write(&path, "jwt-a\n").unwrap();
    let more = [
        ("ANTHROPIC_IDENTITY_TOKEN_FILE", path.to_str().unwrap()),
        ("ANTHROPIC_IDENTITY_TOKEN", "jwt-other"),
    ];
    let client = server.client_with(&variables(&server, &more), false).await;
    client.get_skill("skill_1").await.unwrap();
    std::fs::write(&path, "jwt-b").unwrap();
    client.get_skill("skill_1").await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let requests = server.recorded();
    assert_eq!(
        (
            &requests[0].json()["assertion"],
            &requests[2].json()["assertion"]
        ),
        (&json!("jwt-a"), &json!("jwt-b"))
    );
    assert_eq!(
        bearer(&server, 3),
        "Bearer oat-2",
        "the first one had no time left"
    );
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let server = Server::start([
        identity("jwt-1"),
        issued("oat-1", 1),
        skill(),
        skill(),
        identity("jwt-2"),
        issued("oat-2", 600),
        skill(),
    ])
    .await;
    let client = server
        .client_with(&in_job(&server, &server.url), false)
        .await;
    client.get_skill("skill_1").await.unwrap();
    client.get_skill("skill_1").await.unwrap();
    tokio::time::sleep(Duration::from_millis(600)).await;
    client.get_skill("skill_1").await.unwrap();
    assert_eq!(
        [bearer(&server, 3), bearer(&server, 6)],
        ["Bearer oat-1", "Bearer oat-2"]
    );
}

#[tokio::test]
async fn without_a_fresh_identity_a_token_is_used_to_its_end() {
    let server = Server::start([
        issued("oat-1", 0),
        skill(),
        skill(),
        failure(401, "expired"),
    ])
    .await;
    let client = server
        .client_with(
            &variables(&server, &[("ANTHROPIC_IDENTITY_TOKEN", "jwt")]),
            false,
        )
        .await;
    client.get_skill("skill_1").await.unwrap();
    client.get_skill("skill_1").await.unwrap();
    let error = client.archive_session("sesn_1").await.unwrap_err();
    assert_eq!(
        (error.kind, error.may_have_happened()),
        (Kind::Rejected, false),
        "{error}"
    );
    assert!(
        error.message.contains("`ANTHROPIC_IDENTITY_TOKEN`") && !error.message.contains("jwt"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("fresh identity token"));
    assert_eq!(server.recorded().len(), 4);
}

#[tokio::test]
async fn a_rejected_token_is_renewed_once_even_for_a_post() {
    let session = ok(&json!({"id": "sesn_1", "status": "idle"}));
    let exchange = |number: u32| {
        [
            identity(&format!("jwt-{number}")),
            issued(&format!("oat-{number}"), 600),
        ]
    };
    let rejected = [failure(401, "expired")];
    let [first, second] = [exchange(1), exchange(2)];
    let answers = [&first[..], &rejected, &second, &[session]].concat();
    let server = Server::start(answers).await;
    let client = server
        .client_with(&in_job(&server, &server.url), false)
        .await;
    client.archive_session("sesn_1").await.unwrap();
    assert_eq!(
        [bearer(&server, 2), bearer(&server, 5)],
        ["Bearer oat-1", "Bearer oat-2"]
    );

    let server = Server::start([&first[..], &rejected, &second, &rejected].concat()).await;
    let client = server
        .client_with(&in_job(&server, &server.url), false)
        .await;
    let error = client.archive_session("sesn_1").await.unwrap_err();
    assert_eq!((error.kind, server.recorded().len()), (Kind::Rejected, 6));
}

#[tokio::test]
async fn an_exchange_is_repeated_with_a_fresh_identity_only() {
    for trouble in [
        failure(503, "down"),
        Answer::Close,
        Answer::Cut,
        failure(401, "redeemed before"),
    ] {
        let answers = [
            identity("jwt-1"),
            trouble.clone(),
            identity("jwt-2"),
            issued("oat-2", 600),
            skill(),
        ];
        let server = Server::start(answers).await;
        server
            .client_with(&in_job(&server, &server.url), false)
            .await
            .get_skill("skill_1")
            .await
            .unwrap();
        let sent =
            [1, 3].map(|number: usize| server.recorded()[number].json()["assertion"].clone());
        assert_eq!(sent, ["jwt-1", "jwt-2"]);

        // An endpoint that repeats itself is no source of fresh ones.
        let server = Server::start([identity("jwt-1"), trouble, identity("jwt-1")]).await;
        let error = server
            .client_with(&in_job(&server, &server.url), false)
            .await
            .get_skill("skill_1")
            .await
            .unwrap_err();
        assert!(!error.may_have_happened(), "{error}");
        assert_eq!(server.recorded().len(), 3);
    }
}

#[tokio::test]
async fn an_identity_that_was_turned_away_unseen_is_not_spent() {
    let server = Server::start([failure(429, "slow down"), issued("oat-1", 600), skill()]).await;
    let client = server
        .client_with(
            &variables(&server, &[("ANTHROPIC_IDENTITY_TOKEN", "jwt")]),
            false,
        )
        .await;
    client.get_skill("skill_1").await.unwrap();
    assert_eq!(server.recorded().len(), 3);
}

#[tokio::test]
async fn an_exchange_that_fails_was_no_request_of_its_own() {
    for trouble in [failure(503, "down"), Answer::Close] {
        let answers =
            (0..3).flat_map(|number| [identity(&format!("jwt-{number}")), trouble.clone()]);
        let server = Server::start(answers).await;
        let client = server
            .client_with(&in_job(&server, &server.url), false)
            .await;
        let error = client.archive_session("sesn_1").await.unwrap_err();
        assert!(!error.may_have_happened(), "{error}");
        assert!(
            error.to_string().starts_with("POST /v1/oauth/token: "),
            "{error}"
        );
        assert_eq!(server.recorded().len(), 6);
    }
}

#[tokio::test]
async fn an_identity_that_is_not_taken_is_a_rejection() {
    let refused =
        json!({"error": "invalid_grant", "error_description": "no rule matches"}).to_string();
    for status in [400, 401] {
        let server =
            Server::start([Answer::Reply(status, vec![], refused.clone().into_bytes())]).await;
        let client = server
            .client_with(
                &variables(&server, &[("ANTHROPIC_IDENTITY_TOKEN", "jwt")]),
                false,
            )
            .await;
        let error = client.get_skill("skill_1").await.unwrap_err();
        assert_eq!(
            (error.kind, error.message.as_str()),
            (
                Kind::Rejected,
                "refused for the rule `fdrl_1`, the identity token is no JWT, so its subject and audience cannot be told: no \
             rule matches"
            )
        );
    }
}

#[tokio::test]
async fn an_unusable_identity_is_told_before_anything_is_sent() {
    let server = Server::start([]).await;
    let long = "x".repeat(20_000);
    for (more, said) in [
        (
            ("ANTHROPIC_IDENTITY_TOKEN_FILE", "/nonexistent/token"),
            "`/nonexistent/token` of `ANTHROPIC_IDENTITY_TOKEN_FILE` cannot be read",
        ),
        (("ANTHROPIC_IDENTITY_TOKEN_FILE", "/dev/null"), "is empty"),
        (
            ("ANTHROPIC_IDENTITY_TOKEN_FILE", "/dev/zero"),
            "has more than 16384 bytes",
        ),
        (
            ("ANTHROPIC_IDENTITY_TOKEN", long.as_str()),
            "has 20000 bytes",
        ),
    ] {
        let client = server
            .client_with(&variables(&server, &[more]), false)
            .await;
        let error = client.get_skill("skill_1").await.unwrap_err();
        assert_eq!(error.kind, Kind::Credentials);
        assert!(error.to_string().contains(said), "{error}");
    }
    assert!(server.recorded().is_empty());
}

#[tokio::test]
async fn an_identity_endpoint_must_be_safe() {
    let more = [
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "http://example.com/"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "t"),
    ];
    let error = read(&[&RULE[..], &more].concat(), false).await.unwrap_err();
    assert_eq!(error.kind, Kind::Config);
}
