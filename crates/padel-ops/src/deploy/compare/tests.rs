//! Differences that count, and the update that they become.

use super::*;

fn agent(tools: &Value) -> Value {
    json!({
        "name": "padel",
        "model": {"id": "claude-sonnet-5-5", "effort": "low"},
        "system": "one\ntwo\nthree",
        "tools": tools,
        "mcp_servers": [],
        "skills": [{"type": "custom", "skill_id": "skill_1", "version": "skver_1"}],
        "metadata": {"padel_deployment": "padel"},
    })
}

fn hardened() -> Value {
    let allow = json!({"type": "always_allow"});
    json!([{
        "type": "agent_toolset_20260401",
        "default_config": {"enabled": false, "permission_policy": allow},
        "configs": [
            {"name": "bash", "enabled": true, "permission_policy": allow},
            {"name": "read", "enabled": true, "permission_policy": allow},
        ],
    }])
}

fn fields(differences: &[Difference]) -> Vec<&str> {
    differences.iter().map(|it| it.field.as_str()).collect()
}

#[test]
fn defaults_that_the_platform_fills_in_are_no_difference() {
    let desired = agent(&hardened());
    let mut found = agent(&hardened());
    found["model"]["speed"] = json!("standard");
    found["model"]["effort"] = json!({"type": "low"});
    found["metadata"]["padel_ops"] = json!("0.1.0");
    found["tools"][0]["configs"] = json!([
        {"name": "web_search", "enabled": false},
        {"name": "read", "enabled": true},
        {"name": "bash", "enabled": true},
    ]);
    assert_eq!(compare(Shape::Agent, &desired, &found), []);
}

#[test]
fn a_tool_that_was_allowed_by_hand_is_a_difference() {
    let desired = agent(&hardened());
    let ask = json!({"type": "always_ask"});
    for (change, shown) in [
        (
            json!({"name": "web_fetch", "enabled": true}),
            "`web_fetch (always_allow)`",
        ),
        (
            json!({"name": "bash", "enabled": true, "permission_policy": ask}),
            "`bash (always_ask)`",
        ),
    ] {
        let mut found = agent(&hardened());
        found["tools"][0]["configs"]
            .as_array_mut()
            .unwrap()
            .push(change);
        let differences = compare(Shape::Agent, &desired, &found);
        assert_eq!(fields(&differences), ["tools"]);
        assert!(differences[0].found.contains(shown), "{differences:?}");
        assert_eq!(
            update_body(&desired, &differences)["tools"],
            desired["tools"]
        );
    }
    let open = agent(&json!([{"type": "agent_toolset_20260401"}]));
    let differences = compare(Shape::Agent, &desired, &open);
    assert!(
        differences[0].found.contains("every other tool"),
        "{differences:?}"
    );
}

#[test]
fn one_field_that_differs_is_all_that_is_sent() {
    let desired = agent(&hardened());
    let mut found = desired.clone();
    found["system"] = json!("one\nTWO\nthree");
    let differences = compare(Shape::Agent, &desired, &found);
    let shown = differences[0].to_string();
    assert_eq!(shown, "system: line 2: `TWO` -> line 2: `two`");
    let body = Value::from(update_body(&desired, &differences));
    assert_eq!(body, json!({"system": "one\ntwo\nthree"}));
}

#[test]
fn an_effort_counts_only_where_one_is_declared() {
    let mut desired = agent(&hardened());
    let mut found = desired.clone();
    found["model"]["effort"] = json!({"type": "high"});
    assert_eq!(
        fields(&compare(Shape::Agent, &desired, &found)),
        ["model.effort"]
    );
    desired["model"] = json!({"id": "claude-sonnet-5-5"});
    assert_eq!(compare(Shape::Agent, &desired, &found), []);
}

#[test]
fn networks_and_packages_are_mended_apart() {
    let networking = |hosts: Value| json!({"type": "limited", "allowed_hosts": hosts});
    let environment = |networking: Value, packages: Value| {
        json!({
            "name": "padel",
            "metadata": {"padel_deployment": "padel"},
            "config": {"type": "cloud", "networking": networking, "packages": packages},
        })
    };
    let hosts = json!(["a.b", "c.d"]);
    let desired = environment(networking(hosts.clone()), json!({"pip": []}));
    let same = environment(networking(json!(["c.d", "a.b"])), Value::Null);
    assert_eq!(compare(Shape::Environment, &desired, &same), []);

    let open = environment(json!({"type": "unrestricted"}), json!({"pip": []}));
    let differences = compare(Shape::Environment, &desired, &open);
    assert_eq!(
        fields(&differences),
        ["config.networking.type", "config.networking.allowed_hosts"]
    );
    assert_eq!(
        Value::from(update_body(&desired, &differences)),
        json!({"config": {"type": "cloud", "networking": desired["config"]["networking"]}})
    );

    let packed = environment(networking(hosts), json!({"pip": ["requests"]}));
    let differences = compare(Shape::Environment, &desired, &packed);
    assert_eq!(
        differences[0].to_string(),
        "config.packages: `pip: requests` -> none"
    );
    assert_eq!(
        Value::from(update_body(&desired, &differences)),
        json!({"config": {"type": "cloud", "packages": {"pip": []}}})
    );
}

fn credential(networking: &Value, places: &Value) -> Value {
    json!({"auth": {"networking": networking, "injection_location": places}})
}

#[test]
fn a_credential_that_is_not_limited_is_a_difference() {
    let limited = json!({"type": "limited", "allowed_hosts": ["a.b"]});
    let desired = credential(&limited, &json!({"header": false, "body": true}));
    let both = json!({"header": true, "body": true});
    for (networking, places, field) in [
        (
            json!({"type": "unrestricted"}),
            json!({"body": true}),
            "auth.networking",
        ),
        (limited.clone(), Value::Null, "auth.injection_location"),
        (limited, both, "auth.injection_location"),
    ] {
        let found = credential(&networking, &places);
        assert_eq!(
            fields(&compare(Shape::Credential, &desired, &found)),
            [field]
        );
    }
}
