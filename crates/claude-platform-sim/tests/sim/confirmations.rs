//! Tool calls that ask before they act, and interrupts.

use claude_platform_sim::Platform;
use serde_json::{Value, json};

use crate::chat::{Chat, RUN, builder, message, printed, start, types, wait_for, with_skill};

/// A platform whose agent asks before it runs anything.
fn asking() -> Platform {
    let (platform, id, _) = with_skill(builder(), "hello");
    let tools = json!([{"type": "agent_toolset_20260401",
                        "default_config": {"permission_policy": {"type": "always_ask"}}}]);
    let skills = json!([{"type": "custom", "skill_id": id}]);
    platform.put_agent("agent_01", &json!({"tools": tools, "skills": skills}));
    platform
}

/// The call that the session asks about.
fn asked(chat: &Chat) -> Value {
    wait_for(|| {
        let last = chat.platform.events(chat.id()).pop()?;
        let reason = &last["stop_reason"];
        (reason["type"] == "requires_action").then(|| reason["event_ids"][0].clone())
    })
}

fn confirm(call: &Value, more: Value) -> Value {
    let mut event = json!({"type": "user.tool_confirmation", "tool_use_id": call});
    let Value::Object(more) = more else {
        panic!("no object")
    };
    event.as_object_mut().unwrap().extend(more);
    json!([event])
}

#[test]
fn a_call_that_asks_runs_once_it_is_allowed() {
    let platform = asking();
    let chat = start(&platform, &json!({}));
    chat.say(RUN);
    let call = asked(&chat);
    assert_eq!(chat.get("").ok()["status"], "idle");
    let events = platform.events(chat.id());
    let tool_use = events.iter().find(|event| event["id"] == call).unwrap();
    assert_eq!(
        (&tool_use["type"], &tool_use["evaluated_permission"]),
        (&"agent.tool_use".into(), &"ask".into())
    );
    assert!(printed(&events).is_empty());
    chat.send(&confirm(&call, json!({"result": "allow"}))).ok();
    let events = wait_for(|| {
        let events = platform.events(chat.id());
        let is_over = events.last()?["stop_reason"]["type"] == "end_turn";
        is_over.then_some(events)
    });
    assert_eq!(printed(&events), ["hello\n"]);
    let last = &types(&events)[events.len() - 6..];
    let expected = [
        "session.status_idle",
        "user.tool_confirmation",
        "session.status_running",
        "agent.tool_result",
        "agent.message",
        "session.status_idle",
    ];
    assert_eq!(last, expected);
}

#[test]
fn a_call_that_is_denied_does_not_run() {
    let platform = asking();
    let chat = start(&platform, &json!({}));
    chat.say("```sh\necho ran > \"$HOME/trace\"\n```");
    let call = asked(&chat);
    let no = json!({"result": "deny", "deny_message": "Not today."});
    chat.send(&confirm(&call, no)).ok();
    let result = wait_for(|| {
        let events = platform.events(chat.id());
        events
            .into_iter()
            .find(|event| event["type"] == "agent.tool_result")
    });
    assert_eq!(result["is_error"], true);
    assert!(
        result["content"][0]["text"]
            .as_str()
            .unwrap()
            .ends_with("Not today.")
    );
    chat.say("```sh\nls \"$HOME\"\n```");
    let call = asked(&chat);
    chat.send(&confirm(&call, json!({"result": "allow"}))).ok();
    let out = wait_for(|| printed(&platform.events(chat.id())).get(1).cloned());
    assert_eq!(out, "");
}

#[test]
fn a_confirmation_that_nobody_waits_for_is_refused() {
    let platform = asking();
    let chat = start(&platform, &json!({}));
    let refuse = |call: &Value, more: Value| chat.send(&confirm(call, more)).refused(400);
    let yes = json!({"result": "allow"});
    assert!(refuse(&json!("sevt_none"), yes.clone()).contains("waits for no confirmation"));
    chat.say(RUN);
    let call = asked(&chat);
    for bad in [
        json!({"result": "maybe"}),
        json!({}),
        json!({"result": "allow", "deny_message": "x"}),
        json!({"result": "allow", "note": "x"}),
    ] {
        refuse(&call, bad);
    }
    refuse(&json!("sevt_none"), yes.clone());
    // All or nothing.
    let both = json!([message("x"), confirm(&json!("sevt_none"), yes)[0]]);
    let before = platform.events(chat.id()).len();
    chat.send(&both).refused(400);
    assert_eq!(platform.events(chat.id()).len(), before);
}

#[test]
fn an_interrupt_ends_a_call_that_waits() {
    let platform = asking();
    let chat = start(&platform, &json!({}));
    chat.say(RUN);
    asked(&chat);
    chat.send(&json!([{"type": "user.interrupt"}])).ok();
    let events = platform.events(chat.id());
    assert_eq!(events.last().unwrap()["stop_reason"]["type"], "end_turn");
    assert!(printed(&events).is_empty());
    chat.say(RUN);
    asked(&chat);
    assert_eq!(chat.delete().ok()["type"], "session_deleted");
}

#[test]
fn a_tool_that_is_not_enabled_does_not_run() {
    let (platform, ..) = with_skill(builder(), "hello");
    platform.put_agent("agent_01", &json!({"tools": []}));
    let chat = start(&platform, &json!({}));
    assert!(chat.run(RUN).is_empty());
}
