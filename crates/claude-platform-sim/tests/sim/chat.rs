//! A session of a test, and what is said in it.

use std::{
    thread,
    time::{Duration, Instant},
};

use claude_platform_sim::{Builder, Platform};
use serde_json::{Value, json};

use crate::client::{Got, delete, get, post, publish, text};

pub(crate) const RUN: &str = "Run this for the skill courts:\n```sh\nsh scripts/padel\n```\n";

pub(crate) fn builder() -> Builder {
    Platform::builder()
        .agent("agent_01", json!({}))
        .environment("env_01")
}

/// A platform with the skill `courts`, which the agent follows; the ids of skill and version.
pub(crate) fn with_skill(builder: Builder, says: &str) -> (Platform, String, String) {
    let platform = builder.start();
    let (id, version) = publish(&platform, "courts", says);
    platform.put_agent(
        "agent_01",
        &json!({"skills": [{"type": "custom", "skill_id": id}]}),
    );
    (platform, id, version)
}

/// A session, and what is said in it.
pub(crate) struct Chat<'a> {
    pub(crate) platform: &'a Platform,
    /// As it was created.
    pub(crate) created: Value,
}

pub(crate) fn start<'a>(platform: &'a Platform, more: &Value) -> Chat<'a> {
    let created = post(platform, "/v1/sessions", &creation(more)).ok();
    Chat { platform, created }
}

/// The body that creates a session of the agent, with more fields.
pub(crate) fn creation(more: &Value) -> Value {
    let mut body = json!({"agent": "agent_01", "environment_id": "env_01"});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

pub(crate) fn budget(amount: impl Into<Value>) -> Value {
    let amount = amount.into();
    json!({"type": "limit", "max_list_cost": {"amount": amount, "currency": "USD"}})
}

pub(crate) fn message(text: &str) -> Value {
    json!({"type": "user.message", "content": [{"type": "text", "text": text}]})
}

impl Chat<'_> {
    pub(crate) fn id(&self) -> &str {
        self.created["id"].as_str().unwrap()
    }

    pub(crate) fn target(&self, more: &str) -> String {
        format!("/v1/sessions/{}{more}", self.id())
    }

    pub(crate) fn get(&self, more: &str) -> Got {
        get(self.platform, &self.target(more))
    }

    pub(crate) fn post(&self, more: &str, body: &Value) -> Got {
        post(self.platform, &self.target(more), body)
    }

    pub(crate) fn send(&self, events: &Value) -> Got {
        self.post("/events", &json!({ "events": events }))
    }

    pub(crate) fn say(&self, text: &str) -> Value {
        self.send(&json!([message(text)])).ok()
    }

    /// The events once the session rests.
    pub(crate) fn rest(&self) -> Vec<Value> {
        wait_for(|| (self.get("").ok()["status"] != "running").then_some(()));
        let events = self.get("/events?limit=1000").ok();
        events["data"].as_array().unwrap().clone()
    }

    /// Output of the tool calls, once the session rests after this message.
    pub(crate) fn run(&self, text: &str) -> Vec<String> {
        self.say(text);
        printed(&self.rest())
    }

    pub(crate) fn delete(&self) -> Got {
        delete(self.platform, &self.target(""))
    }
}

pub(crate) fn types(events: &[Value]) -> Vec<&str> {
    let types = events.iter().map(|event| event["type"].as_str());
    types.map(Option::unwrap).collect()
}

pub(crate) fn printed(events: &[Value]) -> Vec<String> {
    let mut results = events.to_vec();
    results.retain(|event| event["type"] == "agent.tool_result");
    results
        .iter()
        .map(|event| text(&event["content"][0]["text"]))
        .collect()
}

/// Waits for something that comes soon.
pub(crate) fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < patience, "it never comes");
        thread::sleep(Duration::from_millis(10));
    }
}
