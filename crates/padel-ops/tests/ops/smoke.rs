//! `smoke`: only what a tool in the session printed counts, and no session stays open.

use std::{
    io::Read as _,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use claude_platform_sim::{Builder, Fault, Model};
use serde_json::{Value, json};

use crate::{
    fixture::{Skill, VERSION, sha256},
    platform::{AGENT, ENVIRONMENT, NAME, Stage, agent},
};

fn smoke(stage: &Stage) -> String {
    let version = stage.old.as_str();
    format!(
        "smoke --skill {NAME} --version {version} --agent {AGENT} --environment {ENVIRONMENT} --execute"
    )
}

/// A platform with this skill only.
fn stage_of(skill: Skill, change: impl FnOnce(Builder) -> Builder) -> Stage {
    let stage = Stage::empty(change);
    let (id, version) = stage.platform.publish(NAME, &skill.sealed().zip());
    stage
        .platform
        .put_agent(AGENT, &agent(&id, "skver_01Other"));
    Stage {
        skill: id,
        old: version,
        ..stage
    }
}

fn sessions_are_archived(stage: &Stage) {
    let sessions = stage.platform.sessions();
    assert!(
        sessions.len() == 1 && sessions[0]["archived_at"].is_string(),
        "{sessions:?}"
    );
}

#[test]
fn smoke_reports_a_mount_without_executable_bits() {
    let mut skill = Skill::ours();
    skill.set(
        "scripts/padel",
        include_str!("../../../../skill/pslc-padel/scripts/padel"),
    );
    let stage = stage_of(skill, |builder| builder);
    let smoked = stage.json(smoke(&stage))["smoke"].clone();
    assert_eq!(
        smoked["launcher_version"],
        format!("padel {VERSION}"),
        "{smoked}"
    );
    assert_eq!(
        (&smoked["version"], &smoked["works"]),
        (&json!(stage.old), &json!(true))
    );
    assert_eq!(
        (
            &smoked["modes"]["scripts/padel"],
            &smoked["modes"]["bin/padel-x86_64-linux"]
        ),
        (&json!("0644"), &json!("0644"))
    );
    assert!(
        smoked["path"]
            .as_str()
            .unwrap()
            .ends_with("/workspace/skills/pslc-padel"),
        "{smoked}"
    );
    assert!(
        smoked["machine"].as_str().unwrap().starts_with("Linux "),
        "{smoked}"
    );
    assert!(
        smoked["writable"].is_boolean() && smoked["doctor"] == 0,
        "{smoked}"
    );
    let sums = &stage.platform.versions(&stage.skill)[0].files["SHA256SUMS"].bytes;
    assert_eq!(
        (&smoked["sums"], &smoked["intact"]),
        (&json!(sha256(sums)), &json!(true))
    );
    sessions_are_archived(&stage);
}

#[test]
fn smoke_keeps_the_agents_skills_and_sets_a_budget() {
    let stage = Stage::new();
    let before = stage.platform.agent(AGENT);
    stage.fine(format!("{} --max-cost 0.5", smoke(&stage)));
    let calls = stage.platform.calls();
    let create = calls
        .iter()
        .find(|call| call.method == "POST" && call.path == "/v1/sessions")
        .unwrap();
    let body: Value = serde_json::from_slice(&create.body).unwrap();
    let ours = json!({"type": "custom", "skill_id": stage.skill, "version": stage.old});
    let xlsx = json!({"type": "anthropic", "skill_id": "xlsx", "version": "latest"});
    assert_eq!(body["agent"]["skills"], json!([xlsx, ours]), "{body}");
    assert_eq!(
        (&body["agent"]["type"], &body["agent"]["version"]),
        (&json!("agent_with_overrides"), &before["version"])
    );
    assert_eq!(
        body["budget"]["max_list_cost"],
        json!({"amount": "50", "currency": "USD"})
    );
    assert_eq!(body["environment_id"], ENVIRONMENT);
    assert_eq!(stage.platform.agent(AGENT), before);
}

#[test]
fn a_model_that_runs_nothing_fails_the_trial_whatever_it_claims() {
    for (model, words) in [
        (
            Model::Lazy,
            "was not tried: the agent ended its turn without running the block",
        ),
        (
            Model::Liar,
            "was not tried: the agent ended its turn without running the block",
        ),
        (
            Model::Refuses,
            "was not tried: the model refused the request",
        ),
        (
            Model::Slow,
            "was not tried: the session was not done within 1 s",
        ),
    ] {
        let stage = Stage::with(|builder| builder.model(model));
        let args = format!("{} --timeout 1", smoke(&stage));
        let said = stage.fails(&args, "smoke_failed");
        assert!(said.contains(words), "{model:?}: {said}");
        let run = stage.run(&args);
        assert!(
            run.code == 8 && !run.stdout.contains('?') && run.stdout.contains("did not try "),
            "{run:?}"
        );
        assert!(!run.stderr.contains("does not work"), "{run:?}");
        let document = stage.run(format!("{args} --json")).stdout;
        let outcome = serde_json::from_str::<Value>(&document).unwrap()["smoke"]["outcome"].clone();
        let expected = match model {
            Model::Refuses => "refused",
            Model::Slow => "too_late",
            _ => "not_run",
        };
        assert_eq!(outcome, expected);
        let open = stage
            .platform
            .sessions()
            .into_iter()
            .filter(|session| session["archived_at"].is_null());
        assert_eq!(open.count(), 0, "{model:?}");
    }
}

/// A skill of the platform's rules that is not ours any more.
fn without_launcher() -> Skill {
    let mut skill = Skill::ours();
    skill.remove("scripts/padel");
    skill
}

/// Breaks the skill there in several ways and compares the sentences.
#[test]
fn a_version_that_does_not_run_there_fails_the_trial() {
    let launcher = |text: &str| {
        let mut skill = Skill::ours();
        skill.set("scripts/padel", format!("#!/bin/sh\n{text}\n"));
        skill
    };
    for (skill, words) in [
        (
            launcher("echo padel 9.9.9"),
            "says `padel 9.9.9`, not `padel 0.",
        ),
        (launcher("exit 0"), "`--version` says nothing"),
        (without_launcher(), "where there is no scripts/padel"),
        (
            launcher("exec \"${0%/*}/../bin/padel-x86_64-linux\""),
            "ermission denied",
        ),
        (
            launcher(&format!(
                "case $1 in doctor) kill -9 $$ ;; esac; echo padel {VERSION}"
            )),
            "`doctor` was killed by signal 9",
        ),
        (
            launcher(&format!(
                "case $1 in doctor) exit 127 ;; esac; echo padel {VERSION}"
            )),
            "`doctor` needs a command that is not there",
        ),
        (
            launcher(&format!(
                "case $1 in doctor) echo it broke; exit 1 ;; esac; echo padel {VERSION}"
            )),
            "`doctor` found a bug of padel (exit code 1); it said: it broke",
        ),
        (
            launcher(&format!(
                "case $1 in doctor) exit 2 ;; esac; echo padel {VERSION}"
            )),
            "`doctor` is a command that this padel does not know (exit code 2)",
        ),
        (
            launcher("printf 'padel \\033[31mred\\033[0m\\n'"),
            "says `padel red`",
        ),
    ] {
        let stage = stage_of(skill, |builder| builder);
        let said = stage.fails(smoke(&stage), "smoke_failed");
        assert!(
            said.contains(words) && !said.contains('\u{1b}'),
            "{words}: {said}"
        );
        sessions_are_archived(&stage);
    }
    // That no club is reachable there is no failure; neither is a version that is asked for.
    let stage = stage_of(
        launcher("echo padel 9.9.9; [ \"$1\" != doctor ] || exit 6"),
        |builder| builder,
    );
    let said = stage
        .fine(format!("{} --expect-version 9.9.9", smoke(&stage)))
        .stdout;
    assert!(
        said.contains("`doctor` runs, which is enough") && said.contains("no club can be reached"),
        "{said}"
    );
}

#[test]
fn smoke_fails_on_other_files_of_the_same_release() {
    let stage = Stage::with(Builder::stale_mounts);
    let zip = Skill::speaking("new").sealed().zip();
    let stage = Stage {
        old: stage.platform.publish(NAME, &zip).1,
        ..stage
    };
    let said = stage.fails(smoke(&stage), "smoke_failed");
    assert!(
        said.contains("other files are there: SHA256SUMS has the checksum `"),
        "{said}"
    );
    // In a release, what is published is what was packed.
    stage.write("skill.zip", &Skill::speaking("newest").sealed().zip());
    let release = format!("release --skill {NAME} --zip skill.zip --agent {AGENT} --execute");
    let said = stage.fails(
        format!("{release} --environment {ENVIRONMENT}"),
        "smoke_failed",
    );
    assert!(said.contains("other files are there"), "{said}");

    let mut skill = Skill::speaking("x").sealed();
    skill.entry("references/errors.md").data.push(b'x');
    let stage = Stage::empty(|builder| builder);
    let (id, version) = stage.platform.publish(NAME, &skill.zip());
    stage
        .platform
        .put_agent(AGENT, &agent(&id, "skver_01Other"));
    let stage = Stage {
        skill: id,
        old: version,
        ..stage
    };
    let said = stage.fails(smoke(&stage), "smoke_failed");
    assert!(
        said.contains("the files there are not as its SHA256SUMS says: `references/errors.md`"),
        "{said}"
    );
}

#[test]
fn smoke_archives_after_failures_and_signals() {
    let stage = Stage::new();
    stage.fault(Fault::Status(403), "GET /v1/sessions/", 1);
    stage.fails(smoke(&stage), "permission_denied");
    sessions_are_archived(&stage);

    for signal in ["-INT", "-TERM"] {
        let stage = Stage::with(|builder| builder.model(Model::Slow));
        let mut child = stage
            .command(smoke(&stage))
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + Duration::from_secs(20);
        while stage
            .calls()
            .iter()
            .filter(|call| call.ends_with("/events"))
            .count()
            < 2
        {
            assert!(Instant::now() < end, "no session");
            thread::sleep(Duration::from_millis(10));
        }
        let id = child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        sessions_are_archived(&stage);
    }
}

/// Starts the trial, and sends the signals once the session is about to be archived, or started.
fn stopped_at(stage: &Stage, call: &str, signals: &[&str]) -> (Option<i32>, String) {
    let mut child = stage
        .command(smoke(stage))
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    let calls = |suffix: &str| {
        stage
            .calls()
            .iter()
            .filter(|call| call.ends_with(suffix))
            .count()
    };
    for (number, signal) in signals.iter().enumerate() {
        while calls(call) < number + 1 {
            assert!(Instant::now() < end, "`{call}` was not sent");
            thread::sleep(Duration::from_millis(10));
        }
        assert!(
            Command::new("kill")
                .args([*signal, &child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
    }
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    (child.wait().unwrap().code(), said)
}

#[test]
fn a_signal_amid_the_archive_begins_it_again() {
    for signal in ["-INT", "-TERM"] {
        let stage = Stage::new();
        stage.fault(Fault::SlowUpload(30_000), "POST /v1/sessions/", 1);
        let (code, said) = stopped_at(&stage, "/archive", &[signal]);
        assert_eq!(code, Some(130), "{said}");
        assert!(
            said.contains("archiving the session `") && !said.contains("warning: "),
            "{said}"
        );
        sessions_are_archived(&stage);
    }
}

#[test]
fn a_session_that_a_stopped_step_leaves_open_is_told() {
    let stage = Stage::new();
    stage.fault(Fault::SlowUpload(30_000), "POST /v1/sessions/", 9);
    // The second signal does not wait for the platform.
    let (code, said) = stopped_at(&stage, "/archive", &["-INT", "-TERM"]);
    let id = stage.platform.sessions()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(code, Some(130), "{said}");
    for words in [
        format!("the session `{id}` may be open"),
        format!("`POST /v1/sessions/{id}/archive`"),
    ] {
        assert!(said.contains(&words), "{said}");
    }

    let stage = Stage::new();
    stage.fault(Fault::SlowUpload(30_000), "POST /v1/sessions", 1);
    let (code, said) = stopped_at(&stage, "/v1/sessions", &["-INT"]);
    assert_eq!(code, Some(130), "{said}");
    assert!(
        said.contains(&format!(
            "one titled `padel-ops smoke {}` may be left",
            stage.old
        )),
        "{said}"
    );
}

#[test]
fn smoke_names_a_session_whose_answer_was_lost() {
    for (fault, told) in [
        (Fault::LostAfter, true),
        (Fault::Status(500), true),
        (Fault::Status(400), false),
    ] {
        let stage = Stage::new();
        stage.fault(fault, "POST /v1/sessions", 1);
        let said = stage.run(smoke(&stage)).stderr;
        let hint = format!(
            "nothing was pinned: run the same command again; a session titled `padel-ops smoke {}`",
            stage.old
        );
        assert_eq!(said.contains(&hint), told, "{fault}: {said}");
        assert_eq!(
            stage.platform.sessions().len(),
            usize::from(fault == Fault::LostAfter),
            "{fault}"
        );
    }
}

#[test]
fn a_session_is_archived_although_answers_are_lost() {
    for fault in [
        Fault::LostBefore,
        Fault::LostAfter,
        Fault::Reset,
        Fault::Status(500),
    ] {
        let stage = Stage::new();
        stage.fault(fault, "POST /v1/sessions/", 2);
        let said = stage.fine(smoke(&stage)).stderr;
        assert!(!said.contains("warning: "), "{fault}: {said}");
        sessions_are_archived(&stage);
    }
}

#[test]
fn smoke_warns_of_a_session_that_stays_open() {
    for fault in [Fault::Status(403), Fault::Final503, Fault::Seconds503(90)] {
        let stage = Stage::new();
        stage.fault(fault, "POST /v1/sessions/", 1);
        assert!(
            stage
                .fine(smoke(&stage))
                .stderr
                .contains("warning: the session `"),
            "{fault}"
        );
        let tries = stage
            .calls()
            .iter()
            .filter(|call| call.ends_with("/archive"))
            .count();
        assert_eq!(tries, 1, "{fault}");
    }
}

#[test]
fn an_agent_without_the_skill_can_try_it() {
    let stage = Stage::new();
    stage.platform.put_agent(AGENT, &json!({"skills": []}));
    stage.fine(smoke(&stage));
    assert_eq!(stage.platform.agent(AGENT)["skills"], json!([]));
}
