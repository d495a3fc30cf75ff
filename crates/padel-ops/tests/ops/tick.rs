//! `tick`: one long session, said to once a tick, with a successor when it cannot go on.

use std::{
    thread,
    time::{Duration, Instant},
};

use claude_platform_sim::{Fault, Model};
use serde_json::{Value, json};

use crate::{
    deployed::{deployed, lock, write_lock},
    platform::{AGENT, ENVIRONMENT, Stage, run},
};

fn assistant() -> Stage {
    deployed(|builder| builder.model(Model::Assistant))
}

/// Counts the ticks that a session got.
fn count_ticks(stage: &Stage, session: &str) -> usize {
    let events = stage.platform.events(session);
    let ticks = events
        .iter()
        .filter(|event| event["type"] == "user.message" && event["content"][0]["text"] == "tick");
    ticks.count()
}

/// Waits until no session is at work.
fn settle(stage: &Stage) {
    let end = Instant::now() + Duration::from_secs(20);
    while stage
        .platform
        .sessions()
        .iter()
        .any(|session| session["status"] == "running")
    {
        assert!(Instant::now() < end, "a session does not rest");
        thread::sleep(Duration::from_millis(5));
    }
}

/// One tick, after which all is at rest; its document.
fn tick(stage: &Stage) -> Value {
    let document = stage.json("tick");
    settle(stage);
    document
}

#[test]
fn the_first_tick_starts_a_session_and_later_ones_go_on_in_it() {
    let stage = assistant();
    let said = stage.fine("tick").stdout;
    settle(&stage);
    let id = lock(&stage)["tick_session_id"].as_str().unwrap().to_owned();
    assert_eq!(said, format!("started {id}, which begins with `tick`\n"));
    let session = &stage.platform.sessions()[0];
    assert_eq!(
        (
            &session["metadata"]["padel_deployment"],
            &session["metadata"]["padel_use"]
        ),
        (&json!("padel"), &json!("tick"))
    );
    assert_eq!(
        (&session["agent"]["id"], &session["environment_id"]),
        (&json!(AGENT), &json!(ENVIRONMENT))
    );
    assert_eq!(session["budget"]["max_list_cost"]["amount"], "50");

    let said = stage.fine("tick").stdout;
    settle(&stage);
    assert_eq!(said, format!("said `tick` to {id}\n"));
    assert_eq!(
        (stage.platform.sessions().len(), count_ticks(&stage, &id)),
        (1, 2)
    );
    let session = &stage.platform.sessions()[0];
    assert!(
        session["archived_at"].is_null() && session["status"] == "idle",
        "{session}"
    );
}

#[test]
fn a_session_that_cannot_go_on_gets_a_successor_and_is_archived() {
    for (what, now, reason) in [
        (
            "agent",
            "2026-11-28T00:00:00Z",
            "has another version of the agent than 2",
        ),
        (
            "credentials",
            "2026-11-28T00:00:00Z",
            "has other credentials",
        ),
        ("archived", "2026-11-28T00:00:00Z", "is over"),
        ("nothing", "2099-01-01T00:00:00Z", "is older than 20 days"),
    ] {
        let stage = assistant();
        let old = tick(&stage)["session"].clone();
        match what {
            "agent" => stage.pin_beside(AGENT, &stage.publish("new")),
            "archived" => stage.archive_beside(&old),
            "credentials" => {
                write_lock(
                    &stage,
                    &json!({"tick_session_id": old, "file_id": "file_01New"}),
                );
            }
            _ => {}
        }
        let said = run(stage.command("tick").env("PADEL_NOW", now)).stdout;
        settle(&stage);
        let new = lock(&stage)["tick_session_id"].clone();
        let [id, successor] = [&old, &new].map(|id| id.as_str().unwrap());
        assert_ne!(old, new);
        assert!(
            said.starts_with(&format!("started {successor}, "))
                && said.contains(&format!("; {id} {reason}")),
            "{said}"
        );
        let sessions = stage.platform.sessions();
        let open = sessions
            .iter()
            .filter(|session| session["archived_at"].is_null());
        assert_eq!((sessions.len(), open.count()), (2, 1), "{reason}");
        assert_eq!(
            (count_ticks(&stage, id), count_ticks(&stage, successor)),
            (1, 1)
        );
    }
}

#[test]
fn a_session_whose_budget_is_used_up_gets_a_successor() {
    let stage = assistant();
    // Two cents a message.
    let declaration = stage.read("deploy/agent.toml").replace("0.50", "0.03");
    stage.write("deploy/agent.toml", declaration.as_bytes());
    let first = tick(&stage);
    assert_eq!(tick(&stage)["outcome"], "said");
    let third = tick(&stage);
    assert_eq!(
        (&third["outcome"], &third["replaced"], &third["reason"]),
        (
            &json!("started"),
            &first["session"],
            &json!("cannot go on: the session used up its budget")
        )
    );
}

#[test]
fn nothing_is_said_twice_although_answers_are_lost() {
    for fault in [
        Fault::LostAfter,
        Fault::ResetAfter,
        Fault::Truncated,
        Fault::LostBefore,
        Fault::Reset,
        Fault::Status(500),
    ] {
        let stage = assistant();
        stage.fault(fault, "POST /v1/sessions", 1);
        let id = tick(&stage)["session"].as_str().unwrap().to_owned();
        assert_eq!(
            (stage.platform.sessions().len(), count_ticks(&stage, &id)),
            (1, 1),
            "{fault}"
        );
        stage.fault(fault, "POST /v1/sessions/", 1);
        assert_eq!(tick(&stage)["outcome"], "said", "{fault}");
        assert_eq!(count_ticks(&stage, &id), 2, "{fault}");
    }
}

#[test]
fn a_session_that_is_not_in_the_lock_is_found() {
    let stage = assistant();
    let id = tick(&stage)["session"].clone();
    // As after kill -9 between the creation and the lock.
    write_lock(&stage, &json!({}));
    assert_eq!(tick(&stage)["session"], id);
    assert_eq!(lock(&stage)["tick_session_id"], id);
    write_lock(&stage, &json!({"tick_session_id": "sesn_01Gone"}));
    assert_eq!(tick(&stage)["session"], id);
    assert_eq!(stage.platform.sessions().len(), 1);
}

#[test]
fn a_session_at_work_is_left_alone() {
    let stage = deployed(|builder| builder.model(Model::Slow));
    let id = stage.json("tick")["session"].as_str().unwrap().to_owned();
    let said = stage.fine("tick").stdout;
    assert!(
        said.contains("is still at work") && said.contains("nothing was said"),
        "{said}"
    );
    assert_eq!(count_ticks(&stage, &id), 1);
}

#[test]
fn a_tick_that_came_to_nothing_is_told_by_the_next() {
    let stage = deployed(|builder| builder.model(Model::Refuses));
    tick(&stage);
    let run = stage.fine("tick");
    assert!(
        run.stderr
            .contains("warning: the tick before came to nothing: the model refused"),
        "{run:?}"
    );
}
