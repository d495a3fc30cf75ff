//! Credentials of a vault: three forms, secrets that are written and never read.

use claude_platform_sim::Platform;
use serde_json::{Value, json};

use crate::client::{Got, act, bare, delete, get, ids, post, send, text};

/// A platform with a vault, and the target of its credentials.
fn vault(platform: &Platform) -> String {
    let made = post(platform, "/v1/vaults", &json!({"display_name": "padel"})).ok();
    format!("/v1/vaults/{}/credentials", text(&made["id"]))
}

fn variable(name: &str) -> Value {
    json!({
        "type": "environment_variable", "secret_name": name, "secret_value": "s3cret-one",
        "networking": {"type": "limited", "allowed_hosts": ["club.example"]},
    })
}

fn bearer(url: &str) -> Value {
    json!({"type": "static_bearer", "mcp_server_url": url, "token": "s3cret-two"})
}

fn oauth(expires_at: &str) -> Value {
    json!({
        "type": "mcp_oauth", "mcp_server_url": "https://mcp.example/mcp",
        "access_token": "s3cret-three", "expires_at": expires_at,
        "refresh": {
            "client_id": "1.2", "refresh_token": "s3cret-four", "scope": "chat:write",
            "token_endpoint": "https://auth.example/token",
            "token_endpoint_auth": {"type": "client_secret_post", "client_secret": "s3cret-five"},
        },
    })
}

fn create(platform: &Platform, target: &str, auth: &Value) -> Got {
    post(
        platform,
        target,
        &json!({"auth": auth, "display_name": "d"}),
    )
}

/// With more fields, which replace those of the same name.
fn with(mut auth: Value, more: Value) -> Value {
    let Value::Object(more) = more else {
        panic!("no object")
    };
    auth.as_object_mut().unwrap().extend(more);
    auth
}

#[test]
fn no_answer_tells_a_secret() {
    let platform = Platform::builder().start();
    let target = vault(&platform);
    for auth in [
        variable("PSLC_PASSWORD"),
        bearer("https://a.example"),
        oauth("2026-12-01T00:00:00Z"),
    ] {
        let made = create(&platform, &target, &auth).ok();
        let own = format!("{target}/{}", text(&made["id"]));
        assert_eq!(get(&platform, &own).ok(), made);
        let patch = json!({"metadata": {"k": "v"}});
        assert_eq!(post(&platform, &own, &patch).ok()["auth"], made["auth"]);
    }
    let list = get(&platform, &target).ok();
    assert_eq!(ids(&list).len(), 3);
    let state = send(bare(&platform, "GET", "/__sim/state")).ok();
    let calls = send(bare(&platform, "GET", "/__sim/calls")).ok();
    for text in [list.to_string(), state.to_string(), calls.to_string()] {
        assert!(!text.contains("s3cret"), "{text}");
    }
    let id = target.split('/').nth(3).unwrap();
    let stored = json!(platform.credentials(id)).to_string();
    for secret in ["one", "two", "three", "four", "five"] {
        assert!(stored.contains(&format!("s3cret-{secret}")));
    }
}

#[test]
fn each_form_shows_what_is_no_secret() {
    let platform = Platform::builder().start();
    let target = vault(&platform);
    let shown = |auth: Value| create(&platform, &target, &auth).ok()["auth"].clone();
    assert_eq!(
        shown(variable("PSLC_PASSWORD")),
        json!({"type": "environment_variable", "secret_name": "PSLC_PASSWORD",
               "networking": {"type": "limited", "allowed_hosts": ["club.example"]},
               "injection_location": {"header": true, "body": true}})
    );
    assert_eq!(
        shown(bearer("https://a.example")),
        json!({"type": "static_bearer", "mcp_server_url": "https://a.example"})
    );
    assert_eq!(
        shown(oauth("2026-12-01T00:00:00Z")),
        json!({"type": "mcp_oauth", "mcp_server_url": "https://mcp.example/mcp",
               "expires_at": "2026-12-01T00:00:00Z",
               "refresh": {"client_id": "1.2", "scope": "chat:write", "resource": null,
                           "token_endpoint": "https://auth.example/token",
                           "token_endpoint_auth": {"type": "client_secret_post"}}})
    );
}

#[test]
fn one_place_named_turns_the_other_off_at_creation_only() {
    let platform = Platform::builder().start();
    let target = vault(&platform);
    let place = |name: &str, places: Value| {
        let auth = with(variable(name), json!({ "injection_location": places }));
        create(&platform, &target, &auth)
    };
    let body_only = place("A", json!({"body": true})).ok();
    assert_eq!(
        body_only["auth"]["injection_location"],
        json!({"header": false, "body": true})
    );
    for nowhere in [
        json!({}),
        Value::Null,
        json!({"header": false, "body": false}),
    ] {
        place("B", nowhere).refused(400);
    }
    let own = format!("{target}/{}", text(&body_only["id"]));
    let patch = |places: Value| {
        let auth = json!({"type": "environment_variable", "injection_location": places});
        post(&platform, &own, &json!({ "auth": auth }))
    };
    assert_eq!(
        patch(json!({"header": true})).ok()["auth"]["injection_location"],
        json!({"header": true, "body": true})
    );
    patch(json!({"header": false, "body": false})).refused(400);
}

#[test]
fn an_update_replaces_secrets_and_not_what_they_are_for() {
    let platform = Platform::builder().start();
    let target = vault(&platform);
    let id = target.split('/').nth(3).unwrap();
    let own = |made: &Value| format!("{target}/{}", text(&made["id"]));
    let made = own(&create(&platform, &target, &variable("A")).ok());
    let patch = json!({"auth": {"type": "environment_variable", "secret_value": "new"}});
    let after = post(&platform, &made, &patch).ok();
    assert_eq!(
        after["auth"]["networking"]["allowed_hosts"],
        json!(["club.example"])
    );
    assert_eq!(platform.credentials(id)[0]["auth"]["secret_value"], "new");
    for auth in [
        json!({"type": "environment_variable", "secret_name": "B"}),
        json!({"type": "static_bearer", "token": "x"}),
        json!({"secret_value": "x"}),
        json!({"type": "environment_variable", "secret_value": ""}),
    ] {
        post(&platform, &made, &json!({ "auth": auth })).refused(400);
    }
    let made = own(&create(&platform, &target, &oauth("2026-12-01T00:00:00Z")).ok());
    let auth = json!({"type": "mcp_oauth", "access_token": "t",
                      "refresh": {"refresh_token": "r", "scope": ""}});
    let after = post(&platform, &made, &json!({ "auth": auth })).ok();
    assert_eq!(after["auth"]["expires_at"], "2026-12-01T00:00:00Z");
    assert_eq!(after["auth"]["refresh"]["scope"], Value::Null);
    let stored = &platform.credentials(id)[1]["auth"];
    assert_eq!(
        (&stored["access_token"], &stored["refresh"]["refresh_token"]),
        (&"t".into(), &"r".into())
    );
    let auth = json!({"type": "mcp_oauth", "refresh": {"client_id": "2"}});
    post(&platform, &made, &json!({ "auth": auth })).refused(400);
}

#[test]
fn a_name_or_address_is_active_once() {
    let platform = Platform::builder().start();
    let target = vault(&platform);
    let first = create(&platform, &target, &variable("A")).ok();
    create(&platform, &target, &variable("A")).refused(409);
    create(&platform, &target, &variable("B")).ok();
    act(
        &platform,
        &format!("{target}/{}/archive", text(&first["id"])),
    )
    .ok();
    create(&platform, &target, &variable("A")).ok();
    create(&platform, &target, &bearer("https://a.example/mcp")).ok();
    for same in ["https://a.example/mcp/", "HTTPS://A.example:443/mcp"] {
        create(&platform, &target, &bearer(same)).refused(409);
    }
    for other in [
        "https://a.example/MCP",
        "http://a.example/mcp",
        "https://a.example:8443/mcp",
    ] {
        create(&platform, &target, &bearer(other)).ok();
    }
}

#[test]
fn a_vault_holds_twenty_credentials() {
    let platform = Platform::builder().start();
    let target = vault(&platform);
    for number in 0..20 {
        create(&platform, &target, &variable(&format!("A{number}"))).ok();
    }
    assert!(
        create(&platform, &target, &variable("B"))
            .refused(400)
            .contains("20")
    );
    let one = ids(&get(&platform, &target).ok()).remove(0);
    assert_eq!(
        delete(&platform, &format!("{target}/{one}")).ok()["type"],
        "vault_credential_deleted"
    );
    create(&platform, &target, &variable("B")).ok();
}

#[test]
fn a_bad_credential_is_refused_without_its_secret() {
    let platform = Platform::builder().start();
    let target = vault(&platform);
    let hosts = |hosts: Value| json!({"networking": {"type": "limited", "allowed_hosts": hosts}});
    let many: Vec<_> = (0..17).map(|number| format!("h{number}.example")).collect();
    let table = [
        json!({"type": "password"}),
        with(variable("A"), json!({"secret_name": "A-B"})),
        with(variable("A"), json!({"secret_name": "1A"})),
        with(variable("A"), json!({"secret_name": null})),
        with(variable("A"), json!({"networking": null})),
        with(variable("A"), json!({"note": "x"})),
        with(variable("A"), hosts(json!(many))),
        with(variable("A"), hosts(json!(["https://club.example"]))),
        with(variable("A"), hosts(json!(["[::1]"]))),
        with(variable("A"), hosts(Value::Null)),
        with(bearer("ftp://a.example"), json!({})),
        with(oauth("tomorrow"), json!({})),
        with(
            oauth("2026-12-01T00:00:00Z"),
            json!({"refresh": {"client_id": "1"}}),
        ),
    ];
    for auth in table {
        let message = create(&platform, &target, &auth).refused(400);
        assert!(!message.contains("s3cret"), "{message}");
    }
    post(&platform, &target, &json!({"display_name": "d"})).refused(400);
    create(&platform, "/v1/vaults/vlt_none/credentials", &variable("A")).refused(404);
    assert_eq!(get(&platform, &target).ok()["data"], json!([]));
    create(
        &platform,
        &target,
        &with(variable("A"), hosts(json!(["10.0.0.1", "*.b.example"]))),
    )
    .ok();
}

#[test]
fn an_archived_credential_is_purged_and_does_not_change() {
    let platform = Platform::builder().start();
    let target = vault(&platform);
    let id = target.split('/').nth(3).unwrap();
    let made = create(&platform, &target, &variable("A")).ok();
    let own = format!("{target}/{}", text(&made["id"]));
    assert!(act(&platform, &format!("{own}/archive")).ok()["archived_at"].is_string());
    assert_eq!(
        platform.credentials(id)[0]["auth"].get("secret_value"),
        None
    );
    post(&platform, &own, &json!({"display_name": "x"})).refused(400);
    assert_eq!(get(&platform, &target).ok()["data"], json!([]));
    let all = get(&platform, &format!("{target}?include_archived=true")).ok();
    assert_eq!(ids(&all).len(), 1);
}

#[test]
fn an_oauth_credential_is_valid_until_it_cannot_be_refreshed() {
    let platform = Platform::builder().now("2026-11-23T09:00:00Z").start();
    let target = vault(&platform);
    let made = create(&platform, &target, &oauth("2026-11-23T10:00:00Z")).ok();
    let own = format!("{target}/{}", text(&made["id"]));
    let validate = |own: &str| act(&platform, &format!("{own}/mcp_oauth_validate"));
    let fresh = validate(&own).ok();
    assert_eq!(
        (&fresh["status"], &fresh["refresh"]),
        (&"valid".into(), &Value::Null)
    );
    platform.set_clock("2026-11-23T10:00:00Z");
    let refreshed = validate(&own).ok();
    assert_eq!(
        (&refreshed["status"], &refreshed["refresh"]["status"]),
        (&"valid".into(), &"succeeded".into())
    );
    act(&platform, &format!("{own}/archive")).ok();
    validate(&own).refused(400);
    let without = with(oauth("2026-11-23T10:00:00Z"), json!({"refresh": null}));
    let made = create(&platform, &target, &without).ok();
    let stale = validate(&format!("{target}/{}", text(&made["id"]))).ok();
    assert_eq!(
        (&stale["status"], &stale["refresh"]["status"]),
        (&"invalid".into(), &"no_refresh_token".into())
    );
    let other = create(&platform, &target, &variable("A")).ok();
    validate(&format!("{target}/{}", text(&other["id"]))).refused(400);
}

#[test]
fn validation_is_not_routed_on_aws() {
    let platform = Platform::builder().aws_key("key").start();
    let target = "/v1/vaults/vlt_1/credentials/vcrd_1/mcp_oauth_validate";
    let request = bare(&platform, "POST", target)
        .bearer_auth("key")
        .header("anthropic-version", "2026-10-21")
        .header("anthropic-workspace-id", "wrkspc_1")
        .header("anthropic-beta", crate::client::BETA);
    assert!(send(request).refused(404).contains("path"));
}
