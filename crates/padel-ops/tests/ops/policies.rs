//! The operator's IAM policy: each statement allows what its commands send, and nothing else.

use std::collections::BTreeSet;

use claude_platform::NewSession;
use claude_platform_sim::{Fault, Model};
use serde_json::Value;

use crate::{
    declared::{
        DOWN, UP, credentials, declare, everything, read_lock, stage, stage_with, write_member,
    },
    platform::{AGENT, Stage},
};

const POLICY: &str = include_str!("../../../../deploy/aws/operator.json");
const QUESTION: [&str; 2] = ["ask", "Is a court free on Saturday evening?"];

type Actions = BTreeSet<String>;

/// The actions that a statement allows, without their prefix.
fn allowed(statement: &str) -> Actions {
    let policy: Value = serde_json::from_str(POLICY).unwrap();
    let mut statements = policy["Statement"].as_array().unwrap().iter();
    let statement = statements.find(|it| it["Sid"] == statement).unwrap();
    let actions = statement["Action"].as_array().unwrap();
    let name = |action: &Value| {
        let prefix = "aws-external-anthropic:";
        action
            .as_str()
            .unwrap()
            .strip_prefix(prefix)
            .unwrap()
            .to_owned()
    };
    actions.iter().map(name).collect()
}

/// Returns the actions that the calls of this work need.
fn needed(stage: &Stage, work: impl FnOnce()) -> Actions {
    let before = stage.platform.calls().len();
    work();
    let actions = stage.platform.needed_actions(before);
    actions.into_iter().map(str::to_owned).collect()
}

/// Makes everything, finds it without a lock, changes every part of it, and takes parts away.
fn work_with_up(kind: &str) -> Actions {
    let stage = stage(&everything(kind));
    let mut actions = needed(&stage, || {
        stage.fine(UP);
        stage.fine("status");
        std::fs::remove_file(stage.place.path().join("deploy/agent.lock.json")).unwrap();
        stage.fine(UP);
        let changed = everything(kind)
            .replace("0.50", "0.75")
            .replace("\"low\"", "\"medium\"")
            .replace("0 7 * * *", "0 8 * * *");
        let hosts = "[environment]\nextra_hosts = [\"more.example\"]\n";
        stage.write("deploy/agent.toml", (changed + hosts).as_bytes());
        write_member(&stage, "another-pass-2");
        stage.fine(UP);
    });
    let schedules = stage.platform.deployments();
    let schedule = schedules[0]["id"].as_str().unwrap();
    stage.beside(|client| async move { client.pause_deployment(schedule).await.unwrap() });
    actions.extend(needed(&stage, || {
        stage.fine(UP);
        // Neither schedule nor credentials any more.
        stage.write("deploy/agent.toml", declare("").as_bytes());
        stage.fine(UP);
    }));
    actions
}

#[test]
fn up_needs_what_its_statement_allows() {
    let both = ["file", "vault"].map(work_with_up);
    assert_eq!(both.concat_sets(), allowed("Up"));
}

/// Sends other credentials than those that are there.
fn work_with_rotate(kind: &str) -> Actions {
    let stage = stage(&everything(kind));
    stage.fine(UP);
    write_member(&stage, "another-pass-2");
    needed(&stage, || {
        stage.fine("rotate --execute");
    })
}

#[test]
fn rotate_needs_what_its_statement_allows() {
    let both = ["file", "vault"].map(work_with_rotate);
    assert_eq!(both.concat_sets(), allowed("Rotate"));
}

/// Ends a session that runs, one that cannot be deleted, and an environment that others use.
fn work_with_down(kind: &str) -> Actions {
    let stage = stage_with(&everything(kind), |builder| builder.model(Model::Slow));
    stage.fine(UP);
    stage.fine("tick");
    let environment = read_lock(&stage)["environment_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let theirs = NewSession {
        agent: AGENT.to_owned(),
        environment,
        ..NewSession::default()
    };
    stage.beside(|client| async move { client.create_session(&theirs).await.unwrap() });
    needed(&stage, || {
        stage.fault(Fault::Status(409), "DELETE /v1/sessions", 10);
        stage.fine(DOWN);
        stage.platform.clear_faults();
        stage.fine(DOWN);
    })
}

#[test]
fn down_needs_what_its_statement_allows() {
    let both = ["file", "vault"].map(work_with_down);
    assert_eq!(both.concat_sets(), allowed("Down"));
}

#[test]
fn questions_and_ticks_need_what_their_statement_allows() {
    let stage = stage_with(&declare(&credentials("vault")), |builder| {
        builder.model(Model::Assistant)
    });
    stage.fine(UP);
    let version = stage.old.clone();
    let lock = stage.read("deploy/agent.lock.json");
    let actions = needed(&stage, || {
        let other = ["--model", "claude-haiku-5-5", "--version", &version];
        stage.fine([&QUESTION[..], &other].concat());
        stage.fine("tick");
        stage.fine("tick");
        // A tick whose lock was lost looks for its session.
        stage.write("deploy/agent.lock.json", lock.as_bytes());
        stage.fine("tick");
        let sessions = stage.platform.sessions();
        stage.fine(["logs", sessions[0]["id"].as_str().unwrap()]);
    });
    assert_eq!(actions, allowed("Ask"));
}

/// The union.
trait ConcatSets {
    fn concat_sets(self) -> Actions;
}

impl<const N: usize> ConcatSets for [Actions; N] {
    fn concat_sets(self) -> Actions {
        self.into_iter().flatten().collect()
    }
}
