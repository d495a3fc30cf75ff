//! Agents: the lock, what an update replaces and keeps, the history.

use claude_platform_sim::Platform;
use serde_json::{Value, json};

use crate::client::{get, post, publish, skill, text};

const AGENT: &str = "/v1/agents/agent_01";

fn platform() -> Platform {
    let skills = json!([{"type": "anthropic", "skill_id": "xlsx", "version": "latest"},
                        {"type": "custom", "skill_id": "skill_elsewhere"}]);
    let fields = json!({
        "name": "Courts", "model": "some-model", "system": "Be brief.", "skills": skills,
        "metadata": {"team": "padel"},
    });
    Platform::builder().agent("agent_01", fields).start()
}

#[test]
fn an_agent_has_every_field() {
    let platform = platform();
    let agent = get(&platform, AGENT).ok();
    assert_eq!(agent, platform.agent("agent_01"));
    assert_eq!(
        (&agent["version"], &agent["model"]["id"]),
        (&1.into(), &"some-model".into())
    );
    assert_eq!(agent["skills"][1]["version"], "latest");
    for field in [
        "type",
        "tools",
        "mcp_servers",
        "created_at",
        "updated_at",
        "archived_at",
        "description",
    ] {
        assert!(agent.as_object().unwrap().contains_key(field), "{field}");
    }
    get(&platform, "/v1/agents/agent_none").refused(404);
}

#[test]
fn a_pin_keeps_what_it_does_not_name() {
    let platform = platform();
    let (id, version) = publish(&platform, "courts", "x");
    let before = platform.agent("agent_01");
    let mut skills = before["skills"].clone();
    skills[1] = json!({"type": "custom", "skill_id": id, "version": version});
    let body = json!({"version": 1, "skills": skills, "metadata": {"release": "1.2.3"}});
    let after = post(&platform, AGENT, &body).ok();
    assert_eq!((&after["version"], &after["skills"]), (&2.into(), &skills));
    assert_eq!(
        after["metadata"],
        json!({"team": "padel", "release": "1.2.3"})
    );
    for field in [
        "name",
        "model",
        "system",
        "tools",
        "description",
        "created_at",
    ] {
        assert_eq!(after[field], before[field]);
    }
    assert_eq!(platform.agent_history("agent_01"), [before, after]);
}

#[test]
fn arrays_are_replaced_whole_and_null_clears_them() {
    let platform = platform();
    let skills = json!([{"type": "anthropic", "skill_id": "pdf"}]);
    let after = post(
        &platform,
        AGENT,
        &json!({"skills": skills, "description": "d"}),
    )
    .ok();
    assert_eq!(
        after["skills"],
        json!([{"type": "anthropic", "skill_id": "pdf", "version": "latest"}])
    );
    assert_eq!(after["description"], "d");
    let refusal = post(&platform, AGENT, &json!({"tools": null})).refused(400);
    assert!(refusal.contains("`read`"), "{refusal}");
    let after = post(&platform, AGENT, &json!({"tools": null, "skills": []})).ok();
    assert_eq!(
        (&after["tools"], &after["skills"]),
        (&json!([]), &json!([]))
    );
}

#[test]
fn metadata_is_merged_key_by_key_within_its_limits() {
    let platform = platform();
    let patch = |metadata: Value| post(&platform, AGENT, &json!({ "metadata": metadata }));
    assert_eq!(
        patch(json!({"team": null, "a": "b"})).ok()["metadata"],
        json!({"a": "b"})
    );
    let many =
        |count: usize| Value::Object((0..count).map(|n| (format!("k{n}"), json!("v"))).collect());
    patch(many(16)).refused(400);
    assert_eq!(
        patch(many(15)).ok()["metadata"].as_object().unwrap().len(),
        16
    );
    patch(json!({"a": 1})).refused(400);
    patch(json!({"k".repeat(65): "v"})).refused(400);
    patch(json!({"a": "v".repeat(513)})).refused(400);
    patch(json!({"a": "v".repeat(512)})).ok();
}

#[test]
fn no_change_makes_no_version() {
    let platform = platform();
    let before = platform.agent("agent_01");
    let metadata = json!({"team": "padel", "gone": null});
    let body = json!({"version": 1, "skills": before["skills"], "metadata": metadata});
    assert_eq!(post(&platform, AGENT, &body).ok(), before);
    assert_eq!(platform.agent_history("agent_01").len(), 1);
}

#[test]
fn a_stale_lock_is_409_and_changes_nothing() {
    let platform = platform();
    post(&platform, AGENT, &json!({"system": "Be kind."})).ok();
    let before = platform.agent("agent_01");
    assert!(
        post(&platform, AGENT, &json!({"version": 1, "system": "x"}))
            .refused(409)
            .contains("current version, 2")
    );
    post(&platform, AGENT, &json!({"version": "2", "system": "x"})).refused(400);
    assert_eq!(platform.agent("agent_01"), before);
    assert_eq!(
        post(&platform, AGENT, &json!({"version": 2, "system": "x"})).ok()["version"],
        3
    );
}

#[test]
fn a_skill_entry_must_name_what_there_is() {
    let platform = platform();
    let (id, version) = publish(&platform, "courts", "x");
    let table = [
        (
            json!([{"type": "custom", "skill_id": id, "version": "skver_none"}]),
            "not found",
        ),
        (
            json!([{"type": "custom", "skill_id": "skill_none"}]),
            "not found",
        ),
        (
            json!([{"type": "anthropic", "skill_id": "courts"}]),
            "is no skill",
        ),
        (json!([{"type": "other", "skill_id": id}]), "is no skill"),
        (
            json!([
                {"type": "custom", "skill_id": id},
                {"type": "custom", "skill_id": id, "version": version},
            ]),
            "twice",
        ),
        (
            json!([{"type": "custom", "skill_id": id, "name": "x"}]),
            "Extra inputs",
        ),
        (json!(["skill"]), "must be an object"),
        (json!({}), "array"),
    ];
    for (skills, says) in table {
        let message = post(&platform, AGENT, &json!({ "skills": skills })).refused(400);
        assert!(message.contains(says), "{message}");
    }
    post(&platform, AGENT, &json!({"skils": []})).refused(400);
    post(&platform, AGENT, &json!({"name": ""})).refused(400);
    assert_eq!(platform.agent_history("agent_01").len(), 1);
}

#[test]
fn the_history_can_be_read() {
    let platform = platform();
    for system in ["a", "b"] {
        post(&platform, AGENT, &json!({ "system": system })).ok();
    }
    let page = get(&platform, &format!("{AGENT}/versions?limit=2")).ok();
    assert_eq!(
        (&page["data"][0]["version"], &page["data"][1]["version"]),
        (&3.into(), &2.into())
    );
    assert!(page["next_page"].is_string());
    get(&platform, &format!("{AGENT}/versions?limit=101")).refused(400);
    assert_eq!(
        get(&platform, &format!("{AGENT}?version=2")).ok()["system"],
        "a"
    );
    get(&platform, &format!("{AGENT}?version=9")).refused(404);
    get(&platform, &format!("{AGENT}?version=x")).refused(400);
}

#[test]
fn agents_are_listed_in_pages_without_archived_ones() {
    let builder = ["agent_01", "agent_02", "agent_03"]
        .into_iter()
        .fold(Platform::builder(), |builder, id| {
            builder.agent(id, json!({}))
        });
    let platform = builder.start();
    let ids = |query: &str| {
        let page = get(&platform, &format!("/v1/agents{query}")).ok();
        let ids: Vec<Value> = page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|agent| agent["id"].clone())
            .collect();
        (json!(ids), page["next_page"].clone())
    };
    let (first, next) = ids("?limit=2");
    assert_eq!(first, json!(["agent_01", "agent_02"]));
    assert_eq!(
        ids(&format!("?limit=2&page={}", next.as_str().unwrap())),
        (json!(["agent_03"]), Value::Null)
    );
    get(&platform, "/v1/agents?limit=101").refused(400);
    post(&platform, "/v1/agents/agent_02/archive", &json!({})).ok();
    assert_eq!(ids(""), (json!(["agent_01", "agent_03"]), Value::Null));
    assert_eq!(
        ids("?include_archived=false").0,
        json!(["agent_01", "agent_03"])
    );
    assert_eq!(
        ids("?include_archived=true").0,
        json!(["agent_01", "agent_02", "agent_03"])
    );
}

#[test]
fn an_archived_agent_refuses_changes() {
    let platform = platform();
    assert!(
        post(&platform, &format!("{AGENT}/archive"), &json!({})).ok()["archived_at"].is_string()
    );
    assert!(
        post(&platform, AGENT, &json!({"system": "x"}))
            .refused(400)
            .contains("archived")
    );
    assert_eq!(get(&platform, AGENT).ok()["version"], 1);
}

#[test]
fn a_test_can_seed_without_http() {
    let platform = Platform::builder()
        .agent_with("agent_02", &json!([]))
        .start();
    let (id, version) = platform.publish("courts", &skill("courts", "x"));
    platform.put_agent(
        "agent_03",
        &json!({"skills": [{"type": "custom", "skill_id": id, "version": version}]}),
    );
    assert_eq!(
        get(&platform, "/v1/agents/agent_02").ok()["skills"],
        json!([])
    );
    assert_eq!(
        get(&platform, "/v1/agents/agent_03").ok()["skills"][0]["version"],
        version
    );
}

/// An agent as `POST /v1/agents` takes it, with more fields.
fn creation(more: &Value) -> Value {
    let mut body = json!({"name": "courts", "model": "claude-sonnet-5-5"});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

#[test]
fn a_new_agent_shows_every_default() {
    let platform = platform();
    let tools = json!([
        {"type": "agent_toolset_20260401", "default_config": {"enabled": false},
         "configs": [{"name": "bash", "enabled": true}, {"name": "read", "enabled": true}]},
        {"type": "mcp_toolset", "mcp_server_name": "slack"},
    ]);
    let servers = json!([{"type": "url", "name": "slack", "url": "https://mcp.slack.com/mcp"}]);
    let more = json!({"tools": tools, "mcp_servers": servers, "metadata": {"k": "v"}});
    let made = post(&platform, "/v1/agents", &creation(&more)).ok();
    let (allow, ask) = (
        json!({"type": "always_allow"}),
        json!({"type": "always_ask"}),
    );
    assert_eq!(
        made["tools"],
        json!([
            {"type": "agent_toolset_20260401",
             "default_config": {"enabled": false, "permission_policy": allow},
             "configs": [
                {"type": "bash", "name": "bash", "enabled": true, "permission_policy": allow},
                {"type": "read", "name": "read", "enabled": true, "permission_policy": allow}]},
            {"type": "mcp_toolset", "mcp_server_name": "slack", "configs": [],
             "default_config": {"enabled": true, "permission_policy": ask}},
        ])
    );
    assert_eq!(
        made["model"],
        json!({"id": "claude-sonnet-5-5", "effort": {"type": "high"}, "speed": "standard"})
    );
    assert_eq!(
        (&made["version"], &made["system"]),
        (&1.into(), &Value::Null)
    );
    assert_eq!(
        (&made["skills"], &made["mcp_servers"]),
        (&json!([]), &servers)
    );
    let target = format!("/v1/agents/{}", text(&made["id"]));
    assert_eq!(get(&platform, &target).ok(), made);
    // The same again, in the short form, changes nothing.
    let same = post(&platform, &target, &creation(&more)).ok();
    assert_eq!(same, made);
}

#[test]
fn effort_survives_an_update_of_the_same_model() {
    let platform = platform();
    let model =
        |model: Value| post(&platform, AGENT, &json!({ "model": model })).ok()["model"].clone();
    let mut full = json!({"id": "m", "effort": "low", "inference_geo": "us", "speed": "standard"});
    let made = model(full.clone());
    full["effort"] = json!({"type": "low"});
    assert_eq!(made, full);
    assert_eq!(model(made), full, "an answer goes back as it came");
    assert_eq!(
        model(json!("m")),
        json!({"id": "m", "effort": {"type": "low"}, "speed": "standard"})
    );
    assert_eq!(
        model(json!("n")),
        json!({"id": "n", "effort": {"type": "high"}, "speed": "standard"})
    );
    for bad in [
        json!({"id": "m", "effort": "huge"}),
        json!({}),
        json!(7),
        json!(""),
    ] {
        post(&platform, AGENT, &json!({ "model": bad })).refused(400);
    }
}

#[test]
fn an_agent_that_does_not_fit_together_is_refused() {
    let platform = platform();
    let server = json!({"type": "url", "name": "slack", "url": "https://mcp.slack.com/mcp"});
    let toolset = json!({"type": "mcp_toolset", "mcp_server_name": "slack"});
    let agent_tools = |config: Value| {
        json!([{"type": "agent_toolset_20260401", "default_config": {"enabled": false},
                "configs": [config]}])
    };
    let skills = json!([{"type": "anthropic", "skill_id": "pdf"}]);
    let only_bash = json!({"name": "bash", "enabled": true});
    let table = [
        (json!({"mcp_servers": [server]}), "exactly one"),
        (json!({"tools": [toolset]}), "none of `mcp_servers`"),
        (
            json!({"mcp_servers": [server], "tools": [toolset, toolset]}),
            "exactly one",
        ),
        (
            json!({"mcp_servers": [server, server], "tools": [toolset]}),
            "each name once",
        ),
        (json!({"skills": skills}), "`read`"),
        (
            json!({"skills": skills, "tools": agent_tools(only_bash)}),
            "`read`",
        ),
        (
            json!({"tools": agent_tools(json!({"name": "shell"}))}),
            "no tool",
        ),
        (
            json!({"tools": agent_tools(
                json!({"name": "bash", "permission_policy": {"type": "never"}}))}),
            "one of always_allow",
        ),
        (
            json!({"tools": [{"type": "custom", "name": "a b", "input_schema": {}}]}),
            "letters",
        ),
        (json!({"system": "x".repeat(100_001)}), "100000"),
        (json!({"description": "x".repeat(2049)}), "2048"),
        (json!({"name": "x".repeat(257)}), "256"),
        (json!({"name": null}), "required"),
        (json!({"model": null}), "required"),
        (json!({"metadata": {"k": 1}}), "metadata"),
        (json!({"version": 1}), "Extra inputs"),
    ];
    for (more, says) in table {
        let message = post(&platform, "/v1/agents", &creation(&more)).refused(400);
        assert!(message.contains(says), "{more}: {message}");
    }
    assert_eq!(platform.agents().len(), 1);
}
