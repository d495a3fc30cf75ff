//! Vaults.

use claude_platform_sim::Platform;
use serde_json::{Value, json};

use crate::client::{act, delete, get, ids, post, text};

const ALL: &str = "/v1/vaults";

#[test]
fn a_vault_is_made_read_changed_and_deleted() {
    let platform = Platform::builder().start();
    let body = json!({"display_name": "padel", "metadata": {"a": "1", "b": "2"}});
    let made = post(&platform, ALL, &body).ok();
    assert_eq!(
        (&made["type"], &made["archived_at"]),
        (&"vault".into(), &Value::Null)
    );
    let id = text(&made["id"]);
    let target = format!("{ALL}/{id}");
    assert_eq!(get(&platform, &target).ok(), made);
    let patch = json!({"display_name": "n", "metadata": {"a": null}});
    let after = post(&platform, &target, &patch).ok();
    assert_eq!(
        (&after["display_name"], &after["metadata"]),
        (&"n".into(), &json!({"b": "2"}))
    );
    assert_eq!(platform.vaults(), [after]);
    assert_eq!(
        delete(&platform, &target).ok(),
        json!({"id": id, "type": "vault_deleted"})
    );
    get(&platform, &target).refused(404);
    for bad in [
        json!({}),
        json!({"display_name": ""}),
        json!({"display_name": "x".repeat(256)}),
    ] {
        post(&platform, ALL, &bad).refused(400);
    }
}

#[test]
fn vaults_are_listed_newest_first_without_archived_ones() {
    let platform = Platform::builder().start();
    let make = |name: &str| text(&post(&platform, ALL, &json!({"display_name": name})).ok()["id"]);
    let [one, two, three] = ["one", "two", "three"].map(make);
    act(&platform, &format!("{ALL}/{two}/archive")).ok();
    assert_eq!(ids(&get(&platform, ALL).ok()), [&*three, &one]);
    let all = get(&platform, &format!("{ALL}?include_archived=true")).ok();
    assert_eq!(ids(&all), [three, two, one]);
    get(&platform, &format!("{ALL}?limit=101")).refused(400);
}

#[test]
fn an_archived_vault_has_no_secrets_and_starts_no_session() {
    let platform = Platform::builder()
        .agent("agent_01", json!({}))
        .environment("env_01")
        .start();
    let id = text(&post(&platform, ALL, &json!({"display_name": "padel"})).ok()["id"]);
    let auth =
        json!({"type": "static_bearer", "mcp_server_url": "https://a.example", "token": "t"});
    let target = format!("{ALL}/{id}");
    post(
        &platform,
        &format!("{target}/credentials"),
        &json!({ "auth": auth }),
    )
    .ok();
    let body = json!({"agent": "agent_01", "environment_id": "env_01", "vault_ids": [id]});
    let session = post(&platform, "/v1/sessions", &body).ok();
    assert_eq!(session["vault_ids"], json!([id]));
    assert_eq!(platform.credentials(&id)[0]["auth"]["token"], "t");
    assert!(act(&platform, &format!("{target}/archive")).ok()["archived_at"].is_string());
    assert_eq!(platform.credentials(&id)[0]["auth"].get("token"), None);
    assert!(
        post(&platform, "/v1/sessions", &body)
            .refused(400)
            .contains("archived")
    );
    post(&platform, &target, &json!({"display_name": "x"})).refused(400);
    post(
        &platform,
        &format!("{target}/credentials"),
        &json!({ "auth": auth }),
    )
    .refused(400);
    let body = json!({"agent": "agent_01", "environment_id": "env_01", "vault_ids": ["vlt_none"]});
    post(&platform, "/v1/sessions", &body).refused(404);
}
