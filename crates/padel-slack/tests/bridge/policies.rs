//! The bridge's IAM policy allows what the bridge sends, and nothing else.

use std::{collections::BTreeSet, time::Duration};

use claude_platform_sim::{Fault, Model};
use padel_slack::answer::Timing;
use serde_json::Value;

use crate::stage::{OWNER, Stage, quick};

const POLICY: &str = include_str!("../../../../deploy/aws/bridge.json");

fn allowed() -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(POLICY).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let actions = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
    let name = |action: &Value| {
        let prefix = "aws-external-anthropic:";
        action
            .as_str()
            .unwrap()
            .strip_prefix(prefix)
            .unwrap()
            .to_owned()
    };
    actions.map(name).collect()
}

/// Two questions in one thread.
async fn talk(stage: &Stage) -> BTreeSet<String> {
    let first = stage.ask(OWNER, "free?", None).await;
    stage.answer(&first).await;
    let second = stage.ask(OWNER, "and later?", Some(&first.thread.ts)).await;
    stage.answer(&second).await;
    let actions = stage.platform.needed_actions(0);
    actions.into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_bridge_needs_what_its_policy_allows() {
    let stage = Stage::new();
    // A session whose creation was not answered is looked for.
    stage
        .platform
        .push_fault(Fault::LostAfter, "POST /v1/sessions", 1);
    let mut needed = talk(&stage).await;
    // An agent that takes too long is interrupted.
    let mut stage = Stage::with(
        |workspace| workspace,
        |platform| platform.model(Model::Slow),
    );
    stage.timing = Timing {
        answer_within: Duration::from_millis(300),
        ..quick()
    };
    needed.extend(talk(&stage).await);
    assert_eq!(needed, allowed());
}
