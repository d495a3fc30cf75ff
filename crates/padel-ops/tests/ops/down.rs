//! `down`: takes away what a deployment has, and nothing else.

use claude_platform_sim::{Fault, Model};
use serde_json::{Value, json};

use crate::{
    declared::{
        DOWN, Ours, UP, assert_others_untouched, credentials, declare, everything, read_lock,
        sort_things, stage, stage_with,
    },
    platform::{AGENT, ENVIRONMENT, Stage},
    strikes::{Reads, strike_everywhere},
};

/// Wants that nothing of ours is left, but what is archived.
fn assert_gone(stage: &Stage, case: &str) {
    let (ours, theirs) = sort_things(stage);
    let none = Ours {
        environments: Vec::new(),
        vaults: Vec::new(),
        credentials: Vec::new(),
        files: Vec::new(),
        agents: Vec::new(),
        schedules: Vec::new(),
    };
    assert_eq!(ours, none, "{case}");
    let lock = stage.place.path().join("deploy/agent.lock.json");
    assert!(!lock.exists(), "{case}");
    assert_others_untouched(&theirs);
    let open = |session: &Value| session["metadata"]["padel_deployment"] == "padel";
    assert!(!stage.platform.sessions().iter().any(open), "{case}");
}

#[test]
fn down_takes_away_what_up_made_and_nothing_else() {
    for kind in ["file", "vault"] {
        let stage = stage(&everything(kind));
        stage.fine(UP);
        let before = stage.calls().len();
        let plan = stage.fine("down").stdout;
        stage.only_reads_after(before);
        assert!(plan.contains("the platform deletes none"), "{plan}");

        let said = stage.fine(DOWN).stdout;
        assert!(said.contains("archived agent agent_"), "{said}");
        assert_gone(&stage, kind);
        let again = stage.fine(DOWN).stdout;
        assert!(
            again.contains("the platform has nothing of the deployment `padel`"),
            "{again}"
        );
        // And back again.
        stage.fine(UP);
    }
}

/// A deployment with two sessions of its own, one of them archived, beside one of somebody else.
fn stage_with_sessions(kind: &str) -> Stage {
    let stage = stage(&everything(kind));
    stage.fine(UP);
    let lock = read_lock(&stage);
    let ours = json!({
        "agent": lock["agent_id"],
        "environment_id": lock["environment_id"],
        "metadata": {"padel_deployment": "padel"},
    });
    stage.change("sessions", &ours);
    let sessions = stage.platform.sessions();
    let id = sessions[0]["id"].as_str().unwrap();
    stage.change(&format!("sessions/{id}/archive"), &Value::Null);
    stage.change("sessions", &ours);
    let theirs = json!({"agent": AGENT, "environment_id": ENVIRONMENT});
    stage.change("sessions", &theirs);
    stage
}

#[test]
fn down_again_after_a_fault_at_any_request_leaves_nothing() {
    for kind in ["file", "vault"] {
        strike_everywhere(
            || stage_with_sessions(kind),
            DOWN,
            Reads::Struck,
            |stage, case| {
                assert_gone(stage, case);
                let others = stage.platform.sessions();
                assert_eq!(others.len(), 1, "{case}: {others:?}");
            },
        );
    }
}

#[test]
fn a_session_at_work_is_interrupted_and_deleted() {
    let stage = stage_with(&everything("file"), |builder| builder.model(Model::Slow));
    stage.fine(UP);
    let lock = read_lock(&stage);
    let text = json!([{"type": "text", "text": "slack-event {\"text\":\"free?\"}"}]);
    let session = json!({
        "agent": lock["agent_id"],
        "environment_id": lock["environment_id"],
        "metadata": {"padel_deployment": "padel"},
        "initial_events": [{"type": "user.message", "content": text}],
    });
    stage.change("sessions", &session);
    stage.fine(DOWN);
    assert!(stage.count("POST /v1/sessions/") > 0, "it was interrupted");
    assert_gone(&stage, "at work");
}

#[test]
fn an_environment_with_a_foreign_session_is_archived_and_told() {
    let stage = stage(&everything("file"));
    stage.fine(UP);
    let lock = read_lock(&stage);
    let foreign = json!({"agent": AGENT, "environment_id": lock["environment_id"]});
    stage.change("sessions", &foreign);
    let said = stage.fine(DOWN);
    assert!(
        said.stdout.contains("archived environment env_"),
        "{said:?}"
    );
    assert!(
        said.stderr
            .contains("is archived only, for sessions refer to it"),
        "{said:?}"
    );
    assert_eq!(stage.platform.sessions().len(), 1);
    let (ours, theirs) = sort_things(&stage);
    assert!(ours.environments.is_empty() && ours.agents.is_empty());
    assert_others_untouched(&theirs);
}

#[test]
fn the_lock_names_what_is_left_after_each_removal() {
    let stage = stage(&everything("vault"));
    stage.fine(UP);
    let lock = read_lock(&stage);
    stage.fault(Fault::Status(403), "DELETE /v1/vaults", 1);
    stage.fails(DOWN, "permission_denied");
    let left = read_lock(&stage);
    for gone in ["deployment_id", "agent_id", "agent_version"] {
        assert_eq!(left[gone], Value::Null, "{gone}");
    }
    for kept in ["vault_id", "credential_ids", "environment_id"] {
        assert_eq!(left[kept], lock[kept], "{kept}");
    }
    stage.fine(DOWN);
    assert_gone(&stage, "the second time");
}

#[test]
fn down_finds_what_is_ours_without_a_lock() {
    let stage = stage(&declare(&credentials("vault")));
    stage.fine(UP);
    std::fs::remove_file(stage.place.path().join("deploy/agent.lock.json")).unwrap();
    stage.fine(DOWN);
    assert_gone(&stage, "without a lock");
}

#[test]
fn a_lock_that_names_things_of_others_reaches_none_of_them() {
    let stage = stage(&everything("vault"));
    stage.fine(UP);
    let mut lock = read_lock(&stage);
    let (_, theirs) = sort_things(&stage);
    let session = json!({"agent": AGENT, "environment_id": ENVIRONMENT});
    stage.change("sessions", &session);
    let sessions = stage.platform.sessions();
    for (field, id) in [
        ("environment_id", &theirs.environments[0]["id"]),
        ("vault_id", &theirs.vaults[0]["id"]),
        ("agent_id", &theirs.agents[0]["id"]),
        ("file_id", &theirs.files[0]["id"]),
        ("tick_session_id", &sessions[0]["id"]),
    ] {
        let mut changed = lock.clone();
        changed[field] = id.clone();
        let text = changed.to_string();
        stage.write("deploy/agent.lock.json", text.as_bytes());
        // What is found by its name or mark in place of the lock's is ours.
        if matches!(field, "file_id" | "tick_session_id") {
            stage.fine(UP);
        } else {
            let refused = stage.fails(UP, "conflict");
            assert!(refused.contains(id.as_str().unwrap()), "{refused}");
        }
        if field == "tick_session_id" {
            stage.write("deploy/agent.lock.json", text.as_bytes());
            stage.fine("tick");
        }
        stage.write("deploy/agent.lock.json", text.as_bytes());
        stage.fine(DOWN);
        assert_gone(&stage, field);
        stage.fine(UP);
        lock = read_lock(&stage);
        assert_others_untouched(&sort_things(&stage).1);
    }
    let id = sessions[0]["id"].as_str().unwrap();
    assert!(
        stage
            .platform
            .events(id)
            .iter()
            .all(|event| event["type"] != "user.message")
    );
}
