//! `logs`: a session's events as lines, whatever a model or a tool wrote into them.

use claude_platform_sim::{Fault, Model};

use crate::platform::{AGENT, ENVIRONMENT, NAME, Stage};

/// A platform with a session that a trial left; its id.
fn stage_with_session(model: Model) -> (Stage, String) {
    let stage = Stage::with(|builder| builder.model(model));
    let old = &stage.old;
    stage.run(format!(
        "smoke --skill {NAME} --version {old} --agent {AGENT} --environment {ENVIRONMENT} --timeout 1 --execute"
    ));
    let id = stage.platform.sessions()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    (stage, id)
}

#[test]
fn logs_show_who_said_what_and_which_tools_ran() {
    let (stage, id) = stage_with_session(Model::Obedient);
    let before = stage.calls().len();
    let said = stage.fine(format!("logs {id}")).stdout;
    for words in [
        "  user      This session checks whether",
        "  agent     I will run it.",
        "  bash      (",
        "  result    padel-smoke path /",
        "  agent     Done.",
        "  stop      the agent ended its turn",
        &format!("{id} is terminated\n"),
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    stage.only_reads_after(before);

    let document = stage.json(format!("logs {id}"));
    let events = document["events"].as_array().unwrap();
    assert_eq!(document["session"], id.as_str());
    assert_eq!(
        (&events[0]["type"], &events[0]["label"]),
        (&"user.message".into(), &"user".into())
    );
    assert!(events[0]["time"].as_str().unwrap().len() == 8, "{document}");
}

#[test]
fn logs_of_a_refusal_say_so() {
    let (stage, id) = stage_with_session(Model::Refuses);
    let said = stage.fine(format!("logs {id}")).stdout;
    assert!(
        said.contains("  stop      the model refused the request"),
        "{said}"
    );
}

#[test]
fn logs_need_a_session_that_is_there() {
    let (stage, id) = stage_with_session(Model::Lazy);
    let said = stage.fails("logs sesn_01Gone", "not_found");
    assert!(said.contains("sesn_01Gone"), "{said}");
    let said = stage.fails("logs agent_01Padel", "usage");
    assert!(
        said.contains("the id of an agent, where that of a session belongs"),
        "{said}"
    );
    stage.fault(Fault::Status(403), "GET /v1/sessions/", 1);
    stage.fails(format!("logs {id}"), "permission_denied");
}
