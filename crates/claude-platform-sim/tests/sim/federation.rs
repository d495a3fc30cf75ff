//! Workload identity federation.

use std::time::Duration;

use claude_platform_sim::{
    Builder, Fault, Federation, GITHUB_REQUEST_TOKEN, IDENTITY_TOKEN, Platform,
};
use serde_json::{Value, json};

use crate::client::{Got, bare, json as with_json, send, text};

fn builder() -> Builder {
    let rule = Federation {
        rule: "fdrl_01".to_owned(),
        organization: "6f1a".to_owned(),
        service_account: Some("svac_01".to_owned()),
        workspace: None,
    };
    Platform::builder().federation(rule)
}

fn exchange_with(platform: &Platform, beta: &str, more: &Value) -> Got {
    let fresh =
        text(&identity(platform, GITHUB_REQUEST_TOKEN, "https://api.anthropic.com").ok()["value"]);
    let mut body = json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": fresh,
        "federation_rule_id": "fdrl_01", "organization_id": "6f1a", "service_account_id": "svac_01",
    });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    send(with_json(
        bare(platform, "POST", "/v1/oauth/token").header("anthropic-beta", beta),
        &body,
    ))
}

fn exchange(platform: &Platform, more: &Value) -> Got {
    exchange_with(
        platform,
        "oauth-2025-04-20,oidc-federation-2026-04-01",
        more,
    )
}

fn list(platform: &Platform, token: &str, beta: Option<&str>) -> Got {
    let request = bare(platform, "GET", "/v1/skills")
        .bearer_auth(token)
        .header("anthropic-version", "2026-10-21");
    send(beta.into_iter().fold(request, |request, beta| {
        request.header("anthropic-beta", beta)
    }))
}

fn identity(platform: &Platform, request_token: &str, audience: &str) -> Got {
    send(
        bare(
            platform,
            "GET",
            &format!("/__sim/github/token?api-version=2.0&audience={audience}"),
        )
        .bearer_auth(request_token),
    )
}

#[test]
fn a_job_gets_an_identity_and_for_that_a_token() {
    let platform = builder().start();
    let identity =
        text(&identity(&platform, GITHUB_REQUEST_TOKEN, "https://api.anthropic.com").ok()["value"]);
    assert_eq!(identity.split('.').count(), 3);
    let granted = exchange(&platform, &json!({ "assertion": identity })).ok();
    assert_eq!(
        (&granted["token_type"], &granted["expires_in"]),
        (&"Bearer".into(), &3600.into())
    );
    let token = text(&granted["access_token"]);
    list(&platform, &token, Some("oauth-2025-04-20")).ok();
    assert!(
        list(&platform, &token, None)
            .refused(401)
            .contains("oauth-2025-04-20")
    );
    assert_eq!(platform.calls().len(), 3);
}

#[test]
fn an_identity_is_redeemed_once() {
    let platform = builder().start();
    let issued =
        text(&identity(&platform, GITHUB_REQUEST_TOKEN, "https://api.anthropic.com").ok()["value"]);
    for identity in [issued.as_str(), IDENTITY_TOKEN] {
        // What was refused or never arrived is not spent.
        assert_eq!(
            exchange(
                &platform,
                &json!({"assertion": identity, "federation_rule_id": "other"})
            )
            .status,
            401
        );
        platform.push_fault(Fault::Status(503), "POST /v1/oauth/token", 1);
        assert_eq!(
            exchange(&platform, &json!({ "assertion": identity })).status,
            503
        );
        exchange(&platform, &json!({ "assertion": identity })).ok();
        let again = exchange(&platform, &json!({ "assertion": identity }));
        assert_eq!(
            (again.status, &again.json()["error"]),
            (401, &"invalid_grant".into())
        );
    }
}

#[test]
fn the_token_endpoint_wants_the_jobs_token_and_the_audience() {
    let platform = builder().start();
    identity(&platform, "other", "https://api.anthropic.com").refused(401);
    identity(&platform, GITHUB_REQUEST_TOKEN, "https://example.org").refused(400);
}

#[test]
fn an_exchange_must_fit_the_rule() {
    let platform = builder().start();
    exchange(&platform, &json!({})).ok();
    for field in [
        "federation_rule_id",
        "organization_id",
        "service_account_id",
        "assertion",
    ] {
        let got = exchange(&platform, &json!({ field: "other" }));
        assert_eq!(
            (got.status, &got.json()["error"]),
            (401, &"invalid_grant".into()),
            "{field}"
        );
    }
    assert_eq!(
        exchange(&platform, &json!({"grant_type": "password"})).json()["error"],
        "unsupported_grant_type"
    );
    exchange_with(&platform, "oauth-2025-04-20", &json!({})).refused(400);
    let without = Platform::builder().start();
    assert_eq!(exchange(&without, &json!({})).status, 401);
}

#[test]
fn a_token_ends() {
    let platform = builder().token_life(Duration::ZERO).start();
    let token = text(&exchange(&platform, &json!({})).ok()["access_token"]);
    assert!(
        list(&platform, &token, Some("oauth-2025-04-20"))
            .refused(401)
            .contains("expired")
    );
    let platform = builder().start();
    let token = text(&exchange(&platform, &json!({})).ok()["access_token"]);
    list(&platform, &token, Some("oauth-2025-04-20")).ok();
    platform.expire_tokens();
    list(&platform, &token, Some("oauth-2025-04-20")).refused(401);
}
