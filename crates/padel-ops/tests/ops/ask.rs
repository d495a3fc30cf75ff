//! `ask`: one session a question, whatever happens on the way, and none of them stays open.

use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use claude_platform_sim::{Fault, Model};
use serde_json::{Value, json};

use crate::{
    deployed::{answering, deployed, deployed_with, write_lock},
    fixture::Words,
    platform::{AGENT, ENVIRONMENT, NAME, Stage},
};

const QUESTION: [&str; 2] = ["ask", "Is a court free on Saturday evening?"];

fn asked(more: &str) -> Vec<String> {
    [QUESTION.words(), more.words()].concat()
}

fn assistant() -> Stage {
    deployed(|builder| builder.model(Model::Assistant))
}

fn all_are_archived(stage: &Stage, count: usize) {
    let sessions = stage.platform.sessions();
    let archived = sessions
        .iter()
        .filter(|session| session["archived_at"].is_string());
    assert_eq!(
        (sessions.len(), archived.count()),
        (count, count),
        "{sessions:?}"
    );
}

/// The bodies that asked for a session.
fn creations(stage: &Stage) -> Vec<Value> {
    let calls = stage.platform.calls().into_iter();
    calls
        .filter(|call| call.method == "POST" && call.path == "/v1/sessions")
        .map(|call| serde_json::from_slice(&call.body).unwrap())
        .collect()
}

#[test]
fn ask_prints_the_answer_and_what_it_took() {
    let stage = assistant();
    let run = stage.fine(QUESTION);
    assert!(
        run.stdout.contains("Saturday 28 November") && run.stdout.contains("18:00 Court 1"),
        "{run:?}"
    );
    assert!(!run.stdout.contains("sesn_"), "{run:?}");
    let id = stage.platform.sessions()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for words in [
        format!("asking `{AGENT}`, for at most $0.50\n"),
        " s, $0.02 at list prices; ".to_owned(),
        format!("`padel-ops logs {id}` shows the session\n"),
    ] {
        assert!(run.stderr.contains(&words), "{words}: {run:?}");
    }
    all_are_archived(&stage, 1);
}

#[test]
fn ask_starts_the_session_that_the_deployment_describes() {
    let stage = assistant();
    let before = stage.platform.agent(AGENT);
    stage.fine(QUESTION);
    let body = &creations(&stage)[0];
    assert_eq!(
        (&body["agent"], &body["environment_id"]),
        (&json!(AGENT), &json!(ENVIRONMENT))
    );
    assert_eq!(
        body["budget"]["max_list_cost"],
        json!({"amount": "50", "currency": "USD"})
    );
    assert_eq!(
        (
            &body["metadata"]["padel_deployment"],
            &body["metadata"]["padel_use"]
        ),
        (&json!("padel"), &json!("ask"))
    );
    assert!(
        body["title"]
            .as_str()
            .unwrap()
            .starts_with("padel-ops ask "),
        "{body}"
    );
    assert!(
        body.get("vault_ids").is_none() && body.get("resources").is_none(),
        "{body}"
    );
    let line = body["initial_events"][0]["content"][0]["text"]
        .as_str()
        .unwrap();
    let event: Value = serde_json::from_str(line.strip_prefix("slack-event ").unwrap()).unwrap();
    assert_eq!(
        (
            &event["text"],
            &event["owner"],
            &event["channel"],
            &event["user"]
        ),
        (
            &json!(QUESTION[1]),
            &json!(false),
            &json!("ask"),
            &json!("operator")
        )
    );
    assert_eq!(stage.platform.agent(AGENT), before);
}

#[test]
fn ask_shows_what_the_agent_does_when_asked_to() {
    let stage = assistant();
    let run = stage.fine(asked("-v"));
    for words in [
        "  user      slack-event {",
        "  bash      ",
        "  result    **Saturday",
        "  stop  ",
    ] {
        assert!(run.stderr.contains(words), "{words}: {run:?}");
    }
    let quiet = stage.fine(QUESTION);
    assert_eq!(quiet.stderr.lines().count(), 2, "{quiet:?}");
}

#[test]
fn a_session_that_stops_without_an_answer_is_explained() {
    for (model, cost, words, hint) in [
        (
            Model::Refuses,
            "0.50",
            "the model refused the request",
            "another --model",
        ),
        (
            Model::Slow,
            "0.50",
            "the session was not done within 1 s",
            "a longer --timeout",
        ),
        (
            Model::Assistant,
            "0.01",
            "the session used up its budget",
            "raise max_cost",
        ),
        (
            Model::Overloaded,
            "0.50",
            "the platform gave up after several tries; the platform's last error was model_",
            "ask again later",
        ),
    ] {
        let stage = deployed(|builder| builder.model(model));
        let declaration = stage.read("deploy/agent.toml").replace("0.50", cost);
        stage.write("deploy/agent.toml", declaration.as_bytes());
        let said = stage.fails(asked("--timeout 1"), "no_answer");
        let words = format!("there is no answer: {words}");
        assert!(
            said.contains(&words) && said.contains(hint),
            "{words}: {said}"
        );
        assert_eq!(stage.run(asked("--timeout 1")).code, 8);
        all_are_archived(&stage, 2);
    }
}

#[test]
fn a_tool_that_waits_for_permission_is_explained() {
    let stage = assistant();
    let ask = json!({"type": "always_ask"});
    let bash = json!({"name": "bash", "enabled": true, "permission_policy": ask});
    let tools = json!([{"type": "agent_toolset_20260401", "configs": [bash]}]);
    stage.platform.put_agent(AGENT, &json!({"tools": tools}));
    let said = stage.fails(QUESTION, "no_answer");
    assert!(
        said.contains("there is no answer: the session waits for somebody to allow a tool")
            && said.contains("`padel-ops up --execute` sets that"),
        "{said}"
    );
    all_are_archived(&stage, 1);
}

#[test]
fn an_answer_comes_although_the_stream_breaks() {
    for fault in [
        Fault::CutStream(1),
        Fault::EndStream(0),
        Fault::Status(500),
        Fault::Html,
        Fault::LostBefore,
    ] {
        let stage = deployed(|builder| {
            builder
                .model(Model::Assistant)
                .status_lag(Duration::from_millis(60))
        });
        stage.fault(fault, "GET /v1/sessions/", 1);
        let run = stage.fine(asked("-v"));
        assert!(run.stdout.contains("18:00 Court 1"), "{fault}: {run:?}");
        assert_eq!(
            run.stderr.matches("  bash      ").count(),
            1,
            "{fault}: {run:?}"
        );
        all_are_archived(&stage, 1);
    }
}

#[test]
fn a_session_whose_answer_was_lost_is_found_and_not_asked_for_again() {
    for (fault, requests) in [
        (Fault::LostAfter, 1),
        (Fault::ResetAfter, 1),
        (Fault::Truncated, 1),
        (Fault::Html, 1),
        (Fault::LostBefore, 2),
        (Fault::Reset, 2),
        (Fault::Status(500), 2),
        (Fault::Status(529), 2),
    ] {
        let stage = assistant();
        stage.fault(fault, "POST /v1/sessions", 1);
        let run = stage.fine(QUESTION);
        assert!(run.stdout.contains("18:00 Court 1"), "{fault}: {run:?}");
        let calls = stage.calls().into_iter();
        let sent = calls.filter(|call| call == "POST /v1/sessions").count();
        assert_eq!(sent, requests, "{fault}");
        all_are_archived(&stage, 1);
    }
    let stage = assistant();
    stage.fault(Fault::Final503, "POST /v1/sessions", 1);
    let said = stage.fails(QUESTION, "overloaded");
    assert!(said.contains("the session was not made"), "{said}");
    assert_eq!(creations(&stage).len(), 1);
}

#[test]
fn a_session_is_archived_after_failures_and_signals() {
    let stage = assistant();
    // The stream, and the list in its place.
    stage.fault(Fault::Status(403), "GET /v1/sessions/", 2);
    stage.fails(QUESTION, "permission_denied");
    all_are_archived(&stage, 1);

    for signal in ["-INT", "-TERM"] {
        let stage = deployed(|builder| builder.model(Model::Slow));
        stage.write("questions", b"One?\nTwo?\nThree?\nFour?\n");
        let mut child = stage
            .command("ask --file questions")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while stage.count("GET /v1/sessions/") < 6 {
            assert!(Instant::now() < end, "no sessions");
            thread::sleep(Duration::from_millis(10));
        }
        let id = child.id().to_string();
        let kill = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(kill.success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        all_are_archived(&stage, 3);
    }
}

#[test]
fn another_version_or_model_is_tried_without_changing_the_agent() {
    let stage = assistant();
    let before = stage.platform.agent(AGENT);
    let zip = answering("new").sealed().zip();
    let new = stage.platform.publish(NAME, &zip).1;
    let document = stage.json(asked(&format!("--version {new} --model claude-haiku-5-5")));
    let answer = &document["answers"][0];
    assert_eq!(
        (&answer["skill_version"], &answer["model"], &answer["cents"]),
        (&json!(new), &json!("claude-haiku-5-5"), &json!(2)),
        "{document}"
    );
    let body = &creations(&stage)[0];
    let xlsx = json!({"type": "anthropic", "skill_id": "xlsx", "version": "latest"});
    let ours = json!({"type": "custom", "skill_id": stage.skill, "version": new});
    assert_eq!(
        (&body["agent"]["type"], &body["agent"]["skills"]),
        (&json!("agent_with_overrides"), &json!([xlsx, ours]))
    );
    assert_eq!(stage.platform.agent(AGENT), before);
    let document = stage.json(QUESTION);
    assert_eq!(document["answers"][0]["skill_version"], stage.old.as_str());

    let calls = creations(&stage).len();
    for wrong in ["--version skver_01Gone", "--model claude-nothing-1"] {
        stage.fails(asked(wrong), "not_found");
    }
    assert_eq!(creations(&stage).len(), calls, "a mistake costs nothing");
}

#[test]
fn questions_of_a_file_become_a_table() {
    let stage = assistant();
    let questions = "# an evaluation\nIs a court free on Saturday?\n\nWhat | is \u{1b}[31mit?\n\
        Can you book it?\n";
    stage.write("questions", questions.as_bytes());
    let run = stage.fine("ask --file questions");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 5, "{run:?}");
    assert_eq!(
        lines[0],
        "| question | answer | seconds | cents | skill version | model |"
    );
    assert!(
        lines[2].starts_with("| Is a court free on Saturday? | **Saturday 28"),
        "{run:?}"
    );
    assert!(
        lines[3].starts_with("| What \\| is it? | I only look up"),
        "{run:?}"
    );
    assert!(
        lines[4].starts_with("| Can you book it? | I cannot book"),
        "{run:?}"
    );
    for line in &lines[2..] {
        assert!(line.contains(&format!(" | 2 | {} | ", stage.old)), "{line}");
    }
    let all = "asking `agent_01Padel` 3 questions, for at most $0.50 each, $1.50 in all\n";
    assert!(run.stderr.contains(all), "{run:?}");
    all_are_archived(&stage, 3);
}

#[test]
fn a_question_without_an_answer_keeps_its_row() {
    let stage = assistant();
    stage.write("questions", b"One court?\nTwo courts?\nThree courts?\n");
    stage.fault(Fault::Status(400), "POST /v1/sessions", 1);
    let said = stage.fails("ask --file questions", "refused");
    assert!(
        said.contains("1 of 3 questions have no answer; one: "),
        "{said}"
    );
    stage.fault(Fault::Status(400), "POST /v1/sessions", 1);
    let run = stage.run("ask --file questions --json");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let answers = document["answers"].as_array().unwrap();
    let lack = |key: &str| {
        answers
            .iter()
            .filter(|answer| answer[key].is_null())
            .count()
    };
    assert_eq!(
        (lack("answer"), lack("error"), lack("session")),
        (1, 2, 1),
        "{document}"
    );
    assert_eq!(run.code, 5);
    all_are_archived(&stage, 4);
}

#[test]
fn what_is_missing_is_told_before_anything_is_sent() {
    let stage = assistant();
    stage.write("empty", b"# nothing\n");
    for (args, words) in [
        (vec!["ask"], "QUESTION"),
        (vec!["ask", " "], "there is no question"),
        (vec!["ask", "--file", "empty"], "there is no question"),
        (vec!["ask", "--file", "gone"], "`gone` cannot be read"),
        (
            vec!["ask", "x", "--deployment", "gone.toml"],
            "`gone.toml` cannot be read",
        ),
        (vec!["ask", &"x".repeat(4_001)], "is too long"),
    ] {
        let said = stage.fails(&args, "usage");
        assert!(said.contains(words), "{args:?}: {said}");
    }
    write_lock(&stage, &json!({"platform": "https://api.anthropic.com"}));
    stage.fails(QUESTION, "conflict");
    write_lock(&stage, &json!({"agent_id": null}));
    let said = stage.fails(QUESTION, "not_found");
    assert!(said.contains("`padel-ops up --execute` first"), "{said}");
    assert_eq!(stage.calls(), Vec::<String>::new());
}

#[test]
fn an_answer_cannot_steer_the_terminal() {
    let mut skill = answering("old");
    skill.set(
        "scripts/padel",
        "#!/bin/sh\nprintf '**Sat\\033]0;x\\007\\033[2J**\\n- 18:00 \\342\\200\\256Court\\n'\n",
    );
    let stage = deployed_with(&skill, |builder| builder.model(Model::Assistant));
    let run = stage.fine(asked("-v"));
    assert!(run.stdout.contains("18:00 Court"), "{run:?}");
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }
}
