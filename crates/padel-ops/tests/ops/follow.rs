//! `pin`, `release`, `rollback` and `smoke` know what `up` made: they need no ids, and after a pin
//! the schedule and the lock follow the agent.

use claude_platform_sim::Fault;
use serde_json::{Value, json};

use crate::{
    deployed::{answering, deployed, lock, write_lock},
    platform::{AGENT, OTHER_AGENT, Stage, agent},
};

fn publish(stage: &Stage) -> String {
    let zip = answering("new").sealed().zip();
    stage.platform.publish("pslc-padel", &zip).1
}

/// Wants the lock to name the agent as it is, and the schedule to have that version.
fn all_agree(stage: &Stage, version: &str) {
    let (lock, agent) = (lock(stage), stage.platform.agent(AGENT));
    assert_eq!(stage.pinned(AGENT), version);
    assert_eq!(
        (&lock["skill_version"], &lock["agent_version"]),
        (&json!(version), &agent["version"]),
        "{lock}"
    );
    if let Some(id) = lock["deployment_id"].as_str() {
        assert_eq!(stage.schedule(id)["agent"]["version"], agent["version"]);
    }
}

/// A deployment with a schedule, which has the agent's first version.
fn scheduled() -> (Stage, String) {
    let stage = deployed(|builder| builder);
    let id = stage.create_schedule();
    write_lock(&stage, &json!({"deployment_id": id}));
    (stage, id)
}

#[test]
fn a_pin_without_ids_is_the_deployments_and_moves_it_along() {
    let (stage, schedule) = scheduled();
    let new = publish(&stage);
    let plan = stage.fine(format!("pin --version {new}"));
    assert!(plan.stdout.contains(&format!("read `{AGENT}`")), "{plan:?}");
    assert!(
        plan.stdout
            .contains("move the schedule of `deploy/agent.toml`"),
        "{plan:?}"
    );
    assert_eq!(stage.calls().len(), 1, "only the schedule of this test");

    let said = stage.fine(format!("pin --version {new} --execute")).stdout;
    assert!(
        said.contains(&format!("its schedule {schedule} was moved there")),
        "{said}"
    );
    all_agree(&stage, &new);

    let before = stage.calls().len();
    let document = stage.json(format!("pin --version {new} --execute"));
    assert_eq!(document["deployment"]["moved"], false, "{document}");
    stage.only_reads_after(before);
    all_agree(&stage, &new);
}

#[test]
fn a_release_and_a_rollback_without_ids_are_the_deployments() {
    let (stage, _) = scheduled();
    let document = stage.json("release --zip skill.zip --execute");
    let new = document["publish"]["version"].as_str().unwrap().to_owned();
    assert_eq!(
        (
            &document["smoke"]["works"],
            &document["deployment"]["moved"]
        ),
        (&json!(true), &json!(true))
    );
    all_agree(&stage, &new);

    let said = stage.fine("rollback --execute").stdout;
    assert!(said.contains("was moved there"), "{said}");
    all_agree(&stage, &stage.old);
}

#[test]
fn a_trial_without_ids_is_the_deployments() {
    let stage = deployed(|builder| builder);
    let document = stage.json(format!("smoke --version {} --execute", stage.old));
    assert_eq!(
        (&document["smoke"]["agent"], &document["smoke"]["works"]),
        (&json!(AGENT), &json!(true))
    );
}

#[test]
fn a_pin_of_another_agent_leaves_the_deployment_alone() {
    let (stage, schedule) = scheduled();
    stage
        .platform
        .put_agent(OTHER_AGENT, &agent(&stage.skill, &stage.old));
    let (new, before) = (publish(&stage), lock(&stage));
    let document = stage.json(format!(
        "pin --version {new} --agent {OTHER_AGENT} --execute"
    ));
    assert_eq!(document["deployment"], Value::Null);
    assert_eq!((lock(&stage), stage.pinned(OTHER_AGENT)), (before, new));
    assert_eq!(stage.schedule(&schedule)["agent"]["version"], 1);
}

#[test]
fn a_schedule_is_moved_although_answers_are_lost() {
    for fault in [
        Fault::LostAfter,
        Fault::LostBefore,
        Fault::Truncated,
        Fault::Status(500),
    ] {
        let (stage, _) = scheduled();
        let new = publish(&stage);
        stage.fault(fault, "POST /v1/deployments/", 1);
        stage.fine(format!("pin --version {new} --execute"));
        all_agree(&stage, &new);
    }
    // Whatever stops it, the same command goes on.
    for call in ["GET /v1/deployments/", "POST /v1/deployments/"] {
        let (stage, schedule) = scheduled();
        let new = publish(&stage);
        stage.fault(Fault::Status(403), call, 1);
        stage.fails(
            format!("pin --version {new} --execute"),
            "permission_denied",
        );
        assert_eq!(stage.schedule(&schedule)["agent"]["version"], 1, "{call}");
        stage.fine(format!("pin --version {new} --execute"));
        all_agree(&stage, &new);
    }
}

#[test]
fn a_schedule_that_is_gone_is_told() {
    let stage = deployed(|builder| builder);
    write_lock(&stage, &json!({"deployment_id": "depl_01Gone"}));
    let new = publish(&stage);
    let run = stage.fine(format!("pin --version {new} --execute"));
    assert!(
        run.stderr
            .contains("`padel-ops up --execute` makes one again"),
        "{run:?}"
    );
    assert_eq!(lock(&stage)["skill_version"], new.as_str());
}

#[test]
fn without_a_lock_the_ids_must_be_named() {
    let stage = Stage::new();
    for (args, flag) in [
        (format!("pin --version {}", stage.old), "--agent ID"),
        (
            format!("smoke --version {} --agent {AGENT}", stage.old),
            "--environment ID",
        ),
        (
            "release --zip skill.zip --skip-smoke".to_owned(),
            "--agent ID",
        ),
        (
            format!("release --zip skill.zip --agent {AGENT}"),
            "--environment ID",
        ),
        ("rollback".to_owned(), "--agent ID"),
    ] {
        let said = stage.fails(&args, "usage");
        assert!(
            said.contains(flag) && said.contains("`padel-ops up --execute`"),
            "{args}: {said}"
        );
    }
    assert_eq!(stage.calls(), Vec::<String>::new());
}

#[test]
fn a_lock_of_another_platform_stops_a_pin_before_it_is_sent() {
    let stage = deployed(|builder| builder);
    let new = publish(&stage);
    write_lock(&stage, &json!({"platform": "https://api.anthropic.com"}));
    for args in [
        format!("pin --version {new} --execute"),
        "release --zip skill.zip --skip-smoke --execute".to_owned(),
        "rollback --execute".to_owned(),
    ] {
        stage.fails(&args, "conflict");
    }
    stage.only_reads_after(0);
}
