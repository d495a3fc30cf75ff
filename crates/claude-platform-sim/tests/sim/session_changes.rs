//! Changes of a session that are allowed or refused, and its costs.

use std::time::Duration;

use claude_platform_sim::Model;
use serde_json::{Value, json};

use crate::{
    chat::{RUN, budget, builder, creation, message, printed, start, wait_for, with_skill},
    client::{post, text},
};

#[test]
fn title_metadata_and_tools_change_what_is_frozen_stays() {
    let (platform, ..) = with_skill(builder(), "hello");
    let more = json!({"title": "t", "metadata": {"a": "1", "b": "2"}});
    let chat = start(&platform, &more);
    let tools = json!([{"type": "agent_toolset_20260401",
                        "configs": [{"name": "bash", "enabled": false}]}]);
    let patch = json!({"title": "n", "metadata": {"a": null}, "agent": {"tools": tools}});
    let after = chat.post("", &patch).ok();
    assert_eq!(
        (&after["title"], &after["metadata"]),
        (&"n".into(), &json!({"b": "2"}))
    );
    assert_eq!(after["agent"]["tools"][0]["configs"][0]["enabled"], false);
    assert_eq!(after["agent"]["skills"], chat.created["agent"]["skills"]);
    assert!(chat.run(RUN).is_empty());
    for frozen in [
        json!({"vault_ids": []}),
        json!({"environment_id": "env_01"}),
        json!({"agent": {"system": "x"}}),
        json!({"agent": {"skills": []}}),
        json!({"agent": {"tools": null}}),
        json!({"title": "x".repeat(81)}),
        json!({"title": "a\nb"}),
    ] {
        chat.post("", &frozen).refused(400);
    }
    let types = |kind: &str| {
        let events = platform.events(chat.id());
        events.iter().filter(|event| event["type"] == kind).count()
    };
    assert_eq!(types("session.updated"), 1);
}

#[test]
fn a_running_session_keeps_its_tools() {
    let (platform, ..) = with_skill(builder().model(Model::Slow), "hello");
    let chat = start(&platform, &json!({"initial_events": [message(RUN)]}));
    chat.post("", &json!({"title": "n"})).ok();
    let patch = json!({"agent": {"mcp_servers": []}});
    assert!(chat.post("", &patch).refused(400).contains("running"));
    chat.send(&json!([{"type": "user.interrupt"}])).ok();
    chat.post("", &patch).ok();
    chat.post("/archive", &json!({})).ok();
    chat.post("", &json!({"title": "x"})).refused(400);
}

#[test]
fn a_higher_budget_resumes_what_a_spent_one_stopped() {
    for means in [budget("4"), Value::Null] {
        let (platform, ..) = with_skill(builder(), "hello");
        let chat = start(&platform, &json!({"budget": budget("2")}));
        chat.run(RUN);
        chat.say("```sh\necho again\n```");
        let last = chat.rest().pop().unwrap();
        assert_eq!(last["stop_reason"]["type"], "budget_reached");
        assert!(
            chat.post("", &json!({"budget": budget("2")}))
                .refused(400)
                .contains("2 cents")
        );
        let after = chat.post("", &json!({ "budget": means })).ok();
        assert_eq!(after["budget"], means);
        assert_eq!(printed(&chat.rest()), ["hello\n", "again\n"]);
        assert_eq!(chat.get("").ok()["usage"]["list_cost"]["amount"], "4");
    }
}

#[test]
fn a_session_without_a_budget_cannot_get_one() {
    let platform = builder().start();
    let chat = start(&platform, &json!({}));
    assert!(
        chat.post("", &json!({"budget": budget("5")}))
            .refused(400)
            .contains("created with")
    );
    chat.post("", &json!({"budget": null})).ok();
}

#[test]
fn usage_grows_with_every_message() {
    let platform = builder().start();
    let chat = start(&platform, &json!({}));
    let usage = || {
        chat.rest();
        chat.get("").ok()["usage"].clone()
    };
    let before = usage();
    chat.say("hello");
    let after = usage();
    for figure in [
        "input_tokens",
        "output_tokens",
        "cache_read_input_tokens",
        "active_seconds",
    ] {
        assert!(after[figure].as_f64() > before[figure].as_f64(), "{figure}");
    }
    assert_eq!(
        after["list_cost"],
        json!({"amount": "2", "currency": "USD"})
    );
}

#[test]
fn an_event_is_processed_once_a_turn_takes_it() {
    let (platform, ..) = with_skill(builder().model(Model::Slow), "hello");
    let chat = start(&platform, &json!({}));
    let first = chat.say("one");
    assert_eq!(first["data"][0]["processed_at"], Value::Null);
    let second = chat.say("two");
    let times = || {
        let messages = platform.events(chat.id()).into_iter();
        let messages = messages.filter(|event| event["type"] == "user.message");
        messages
            .map(|event| event["processed_at"].is_string())
            .collect::<Vec<_>>()
    };
    wait_for(|| (times() == [true, false]).then_some(()));
    let interrupt = chat.send(&json!([{"type": "user.interrupt"}])).ok();
    assert_eq!(interrupt["data"][0]["processed_at"], Value::Null);
    assert_ne!(first["data"][0]["id"], second["data"][0]["id"]);
}

#[test]
fn the_status_can_lag_the_idle_event() {
    let platform = builder().status_lag(Duration::from_millis(1500)).start();
    let chat = start(&platform, &json!({"initial_events": [message("hello")]}));
    wait_for(|| {
        let last = platform.events(chat.id()).pop()?;
        (last["type"] == "session.status_idle").then_some(())
    });
    assert_eq!(chat.get("").ok()["status"], "running");
    chat.post("/archive", &json!({})).refused(400);
    chat.rest();
    chat.post("/archive", &json!({})).ok();
}

#[test]
fn a_session_is_refused_for_its_title_metadata_or_vaults() {
    let platform = builder().start();
    let table = [
        (json!({"title": "x".repeat(81)}), 400, "80"),
        (json!({"title": "a\tb"}), 400, "control"),
        (json!({"title": "a\u{202e}b"}), 400, "control"),
        (json!({"metadata": {"k": 1}}), 400, "metadata"),
        (json!({"metadata": {"k": "v".repeat(513)}}), 400, "512"),
        (json!({"vault_ids": ["vlt_none"]}), 404, "vault"),
        (json!({"vault_ids": "vlt_none"}), 400, "vault_ids"),
        (json!({"resources": {}}), 400, "resources"),
    ];
    for (more, status, says) in table {
        let message = post(&platform, "/v1/sessions", &creation(&more)).refused(status);
        assert!(message.contains(says), "{message}");
    }
    assert!(platform.sessions().is_empty());
    let chat = start(
        &platform,
        &json!({"title": "x".repeat(80), "metadata": {"k": "v"}}),
    );
    assert_eq!(
        (
            text(&chat.created["title"]).len(),
            &chat.created["metadata"]["k"]
        ),
        (80, &"v".into())
    );
}
