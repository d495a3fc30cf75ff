//! Environments: defaults, what an update keeps and replaces, and what forbids deletion.

use claude_platform_sim::Platform;
use serde_json::{Value, json};

use crate::client::{Got, act, delete, get, ids, post, text};

const ALL: &str = "/v1/environments";

/// A limited environment named `padel`; its target.
fn create(platform: &Platform) -> String {
    let networking = json!({"type": "limited", "allowed_hosts": ["club.example", "*.b.example"]});
    let config = json!({"type": "cloud", "networking": networking});
    let body = json!({"name": "padel", "config": config, "metadata": {"a": "1", "b": "2"}});
    let made = post(platform, ALL, &body).ok();
    format!("{ALL}/{}", text(&made["id"]))
}

fn refuse_config(platform: &Platform, config: &Value) -> String {
    post(platform, ALL, &json!({"name": "x", "config": config})).refused(400)
}

/// A limited network with a package, and package managers or without.
fn with_packages(allowed: bool) -> Value {
    let networking = json!({"type": "limited", "allow_package_managers": allowed});
    json!({"type": "cloud", "networking": networking, "packages": {"pip": ["requests"]}})
}

fn error_code(got: &Got) -> Value {
    got.json()["error"]["details"]["error_code"].clone()
}

#[test]
fn an_environment_is_unrestricted_unless_it_says_otherwise() {
    let platform = Platform::builder().start();
    let made = post(&platform, ALL, &json!({"name": "padel"})).ok();
    let packages = json!({
        "type": "packages", "apt": [], "cargo": [], "gem": [], "go": [], "npm": [], "pip": [],
    });
    assert_eq!(
        made["config"],
        json!({"type": "cloud", "networking": {"type": "unrestricted"}, "packages": packages})
    );
    assert_eq!(
        (&made["type"], &made["scope"]),
        (&"environment".into(), &"organization".into())
    );
    for field in ["description", "archived_at"] {
        assert_eq!(made[field], Value::Null, "{field}");
    }
    let target = format!("{ALL}/{}", text(&made["id"]));
    assert_eq!(get(&platform, &target).ok(), made);
    assert_eq!(platform.environments(), [made]);
}

#[test]
fn a_limited_network_comes_back_with_every_switch() {
    let platform = Platform::builder().start();
    let made = get(&platform, &create(&platform)).ok();
    assert_eq!(
        made["config"]["networking"],
        json!({"type": "limited", "allowed_hosts": ["club.example", "*.b.example"],
               "allow_mcp_servers": false, "allow_package_managers": false})
    );
}

#[test]
fn a_bad_environment_is_refused() {
    let platform = Platform::builder().start();
    for host in [
        "https://club.example",
        "club.example:443",
        "club.example/path",
        "",
        "*",
        "a.*.example",
    ] {
        let networking = json!({"type": "limited", "allowed_hosts": [host]});
        let message = refuse_config(
            &platform,
            &json!({"type": "cloud", "networking": networking}),
        );
        assert!(message.contains("bare hosts"), "{host}: {message}");
    }
    assert!(refuse_config(&platform, &with_packages(false)).contains("allow_package_managers"));
    for config in [
        json!({"type": "local"}),
        json!({"networking": {"type": "unrestricted"}}),
        json!({"type": "cloud", "networking": {"type": "open"}}),
        json!({"type": "cloud", "network": {}}),
        json!({"type": "cloud", "packages": {"brew": []}}),
        json!({"type": "self_hosted", "networking": {"type": "unrestricted"}}),
        json!(7),
    ] {
        refuse_config(&platform, &config);
    }
    for body in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "x", "scope": "account"}),
        json!({"name": "x", "metadata": {"k": null}}),
        json!({"name": "x", "colour": "red"}),
    ] {
        post(&platform, ALL, &body).refused(400);
    }
    assert!(platform.environments().is_empty());
    let config = with_packages(true);
    post(&platform, ALL, &json!({"name": "x", "config": config})).ok();
}

#[test]
fn an_update_keeps_what_it_does_not_name_and_replaces_arrays() {
    let platform = Platform::builder().start();
    let target = create(&platform);
    let networking = json!({"type": "limited", "allow_mcp_servers": true});
    let config = json!({"networking": networking, "packages": {"pip": []}});
    let after = post(&platform, &target, &json!({ "config": config })).ok();
    assert_eq!(
        after["config"]["networking"],
        json!({"type": "limited", "allowed_hosts": ["club.example", "*.b.example"],
               "allow_mcp_servers": true, "allow_package_managers": false})
    );
    let config = json!({"networking": {"type": "limited", "allowed_hosts": ["c.example"]}});
    let metadata = json!({"a": null, "b": "", "c": "3"});
    let body = json!({"config": config, "metadata": metadata, "description": "d"});
    let after = post(&platform, &target, &body).ok();
    assert_eq!(
        after["config"]["networking"]["allowed_hosts"],
        json!(["c.example"])
    );
    assert_eq!(after["config"]["networking"]["allow_mcp_servers"], true);
    assert_eq!(
        (&after["metadata"], &after["name"]),
        (&json!({"c": "3"}), &"padel".into())
    );
    let after = post(&platform, &target, &json!({"description": null})).ok();
    assert_eq!(after["description"], Value::Null);
    let got = post(
        &platform,
        &target,
        &json!({"config": {"type": "self_hosted"}}),
    );
    got.refused(400);
    assert_eq!(error_code(&got), "invalid_config_type_change");
    assert_eq!(get(&platform, &target).ok(), after);
}

#[test]
fn a_name_is_taken_until_its_environment_is_archived() {
    let platform = Platform::builder().start();
    let target = create(&platform);
    post(&platform, ALL, &json!({"name": "padel"})).refused(409);
    act(&platform, &format!("{target}/archive")).ok();
    post(&platform, ALL, &json!({"name": "padel"})).ok();
}

#[test]
fn an_archived_environment_starts_no_session_and_stays_as_it_is() {
    let platform = Platform::builder().agent("agent_01", json!({})).start();
    let target = create(&platform);
    let id = target.rsplit('/').next().unwrap();
    let archived = act(&platform, &format!("{target}/archive")).ok();
    assert!(archived["archived_at"].is_string());
    let body = json!({"agent": "agent_01", "environment_id": id});
    for got in [
        post(&platform, &target, &json!({"name": "x"})),
        post(&platform, "/v1/sessions", &body),
    ] {
        got.refused(400);
        assert_eq!(error_code(&got), "environment_archived");
    }
    assert_eq!(get(&platform, ALL).ok()["data"], json!([]));
    assert_eq!(
        get(&platform, &format!("{ALL}?include_archived=true")).ok()["data"],
        json!([archived])
    );
    let got = get(&platform, &format!("{ALL}/env_none"));
    got.refused(404);
    assert_eq!(error_code(&got), "environment_not_found");
}

#[test]
fn an_environment_goes_once_no_session_refers_to_it() {
    let platform = Platform::builder().agent("agent_01", json!({})).start();
    let target = create(&platform);
    let id = target.rsplit('/').next().unwrap();
    let body = json!({"agent": "agent_01", "environment_id": id});
    let session = text(&post(&platform, "/v1/sessions", &body).ok()["id"]);
    assert!(delete(&platform, &target).refused(400).contains(&session));
    act(&platform, &format!("/v1/sessions/{session}/archive")).ok();
    delete(&platform, &target).refused(400);
    delete(&platform, &format!("/v1/sessions/{session}")).ok();
    assert_eq!(
        delete(&platform, &target).ok(),
        json!({"id": id, "type": "environment_deleted"})
    );
    delete(&platform, &target).refused(404);
}

#[test]
fn environments_are_listed_newest_first_in_pages() {
    let platform = Platform::builder().start();
    let mut made: Vec<_> = ["a", "b", "c"]
        .map(|name| text(&post(&platform, ALL, &json!({ "name": name })).ok()["id"]))
        .into();
    made.reverse();
    let first = get(&platform, &format!("{ALL}?limit=2")).ok();
    let next = text(&first["next_page"]);
    let second = get(&platform, &format!("{ALL}?limit=2&page={next}")).ok();
    assert_eq!([ids(&first), ids(&second)].concat(), made);
    assert_eq!(second["next_page"], Value::Null);
}
