//! A platform with what `padel-ops up` leaves: an agent with the skill, an environment, a lock.

use claude_platform_sim::Builder;
use serde_json::{Value, json};

use crate::{
    fixture::Skill,
    platform::{AGENT, ENVIRONMENT, NAME, Stage, agent},
};

/// The launcher of a skill that knows one evening.
const LAUNCHER: &str = r#"#!/bin/sh
case $1 in
--version) echo padel VERSION ;;
availability) printf '**Saturday 28 November**\n- 18:00 Court 1\n- 19:00 Court 2\n' ;;
bookings) printf '**Sunday 29 November**\n- 10:00 Court 3\n' ;;
esac
"#;

/// A skill that answers.
pub(crate) fn answering(note: &str) -> Skill {
    let mut skill = Skill::speaking(note);
    skill.set(
        "scripts/padel",
        LAUNCHER.replace("VERSION", crate::fixture::VERSION),
    );
    skill
}

/// The declaration, without a password.
pub(crate) const DECLARATION: &str = r#"name = "padel"
club = "brunelsport"

[agent]
model = "claude-sonnet-5-5"
effort = "low"
system = "system.md"
max_cost = "0.50"
"#;

/// A stage whose place holds `deploy/agent.toml` and its lock.
pub(crate) fn deployed(change: impl FnOnce(Builder) -> Builder) -> Stage {
    deployed_with(&answering("old"), change)
}

pub(crate) fn deployed_with(skill: &Skill, change: impl FnOnce(Builder) -> Builder) -> Stage {
    let stage = Stage::empty(change);
    let (skill, old) = stage.platform.publish(NAME, &skill.clone().sealed().zip());
    stage.platform.put_agent(AGENT, &agent(&skill, &old));
    let stage = Stage {
        skill,
        old,
        ..stage
    };
    std::fs::create_dir(stage.place.path().join("deploy")).unwrap();
    stage.write("deploy/agent.toml", DECLARATION.as_bytes());
    stage.write(
        "deploy/system.md",
        b"You find courts at {club} for {channel}.\n",
    );
    write_lock(&stage, &json!({}));
    stage
}

/// Writes the lock, with these fields besides.
pub(crate) fn write_lock(stage: &Stage, more: &Value) {
    let mut lock = json!({
        "schema": "padel.lock/v1",
        "name": "padel",
        "platform": stage.platform.url(),
        "environment_id": ENVIRONMENT,
        "skill_id": stage.skill,
        "skill_version": stage.old,
        "agent_id": AGENT,
        "agent_version": stage.platform.agent(AGENT)["version"],
    });
    for (key, value) in more.as_object().unwrap() {
        lock[key] = value.clone();
    }
    stage.write("deploy/agent.lock.json", lock.to_string().as_bytes());
}

/// The lock as it is now.
pub(crate) fn lock(stage: &Stage) -> Value {
    serde_json::from_str(&stage.read("deploy/agent.lock.json")).unwrap()
}
