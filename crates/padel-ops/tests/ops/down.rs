//! `down`: takes away what a deployment has, and nothing else.

use serde_json::Value;

use crate::{
    declared::{
        DOWN, Ours, UP, assert_others_untouched, credentials, declare, everything, sort_things,
        stage,
    },
    platform::Stage,
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

#[test]
fn down_finds_what_is_ours_without_a_lock() {
    let stage = stage(&declare(&credentials("vault")));
    stage.fine(UP);
    std::fs::remove_file(stage.place.path().join("deploy/agent.lock.json")).unwrap();
    stage.fine(DOWN);
    assert_gone(&stage, "without a lock");
}
