//! `release`: whatever goes wrong at whichever request, the same command again ends with one
//! version and one pin.

use std::{
    fs,
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use claude_platform_sim::{At, Call, Fault, Model};
use serde_json::{Value, json};

use crate::{
    fixture::{Skill, VERSION, front_matter, source},
    platform::{AGENT, ENVIRONMENT, NAME, OTHER_AGENT, Stage, agent},
};

const RELEASE: &str = "release --skill pslc-padel --zip skill.zip --agent agent_01Padel --environment env_01Cloud --execute";

/// Lost before, lost after, 5xx, overloaded, conflict, too many, reset.
const FAULTS: [Fault; 7] = [
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::Status(500),
    Fault::Status(529),
    Fault::Status(409),
    Fault::Status(429),
    Fault::Reset,
];

/// Holds for the agent, whatever happened: everything stays but our entry and our metadata.
fn untouched(stage: &Stage, version: &str) {
    let (now, before) = (stage.platform.agent(AGENT), agent(&stage.skill, version));
    assert_eq!(now["skills"], before["skills"]);
    for key in ["name", "system"] {
        assert_eq!(now[key], before[key]);
    }
    assert_eq!(now["tools"].as_array().map(Vec::len), Some(1));
    assert_eq!(now["metadata"]["team"], "racket");
}

/// Whether one fault at this call may end the first run: the trial's session is sent once, and a
/// refusal of a version for a conflict is believed. Every other one is got over.
fn may_end(fault: Fault, call: &Call) -> bool {
    let post = call.method == "POST";
    match fault {
        Fault::Status(429) => false,
        Fault::Status(409) => {
            post && (call.path == "/v1/sessions" || call.path.ends_with("/versions"))
        }
        _ => post && call.path == "/v1/sessions",
    }
}

/// One fault at one request, once or until the client has given up, then the same command again.
fn strike(fault: Fault, at: &At, times: u32) {
    let case = format!("{fault} at {at:?}, {times} times");
    let stage = Stage::new();
    stage.fault(fault, at.clone(), times);
    let first = stage.run(RELEASE);
    stage.platform.clear_faults();
    // The number of looks at the events varies, so the last numbers may be of no request; paths are
    // always met.
    let struck = stage
        .platform
        .calls()
        .into_iter()
        .find(|call| call.fault.is_some());
    assert!(
        struck.is_some() || matches!(at, At::Request(_)),
        "{case}: {:?}",
        stage.calls()
    );
    if first.code == 0 {
        assert!(!first.stderr.contains("error: "), "{case}: {first:?}");
    } else {
        assert!(
            times > 1 || struck.as_ref().is_some_and(|call| may_end(fault, call)),
            "{case} ended it: {first:?}"
        );
        assert!(first.stderr.contains("\nhint: "), "{case}: {first:?}");
        assert!((4..=7).contains(&first.code), "{case}: {first:?}");
        let pinned = stage.pinned(AGENT);
        assert!(stage.platform.agent_history(AGENT).len() <= 2, "{case}");
        assert!(
            pinned == stage.old || pinned == stage.versions()[0],
            "{case}"
        );
    }
    let second = stage.run(RELEASE);
    assert_eq!(second.code, 0, "{case}: {first:?}, then {second:?}");
    let versions = stage.versions();
    assert_eq!(
        versions.len(),
        2,
        "{case}: exactly one new version: {first:?}, then {second:?}"
    );
    assert_eq!(stage.pinned(AGENT), versions[0], "{case}");
    assert_eq!(
        stage.platform.agent_history(AGENT).len(),
        2,
        "{case}: exactly one pin"
    );
    untouched(&stage, &versions[0]);
    let open = stage
        .platform
        .sessions()
        .iter()
        .filter(|session| session["archived_at"].is_null())
        .count();
    // A session whose id was never learnt cannot be archived, and one that refuses it four times is
    // left.
    let unknown = times > 1 || struck.is_some_and(|call| call.path == "/v1/sessions");
    assert!(
        open <= usize::from(unknown),
        "{case}: {open} sessions are open: {first:?}"
    );
}

#[test]
fn release_again_after_a_fault_at_any_request_pins_once() {
    let stage = Stage::new();
    stage.fine(RELEASE);
    let requests = u32::try_from(stage.platform.calls().len()).unwrap();
    assert!((12..=30).contains(&requests), "{:?}", stage.calls());

    let after = ["POST /v1/sessions/", "POST /v1/agents/"].map(At::from);
    let mut cases = Vec::new();
    for at in (1..=requests).map(At::Request).chain(after) {
        for fault in FAULTS {
            cases.push((fault, at.clone(), 1));
        }
        // More often than the client sends anything again.
        cases.push((Fault::LostAfter, at, 4));
    }
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((fault, at, times)) = cases.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let outcome = std::panic::catch_unwind(|| strike(*fault, at, *times));
                    if outcome.is_err() {
                        failures
                            .lock()
                            .unwrap()
                            .push(format!("{fault} at {at:?}, {times} times"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {} cases failed: {failures:?}",
        failures.len(),
        cases.len()
    );
}

#[test]
fn first_release_again_after_a_lost_answer_makes_one_skill() {
    let args = format!("{RELEASE} --create --add");
    let stage = Stage::empty(|builder| builder);
    stage.fine(&args);
    let requests = u32::try_from(stage.platform.calls().len()).unwrap();
    for request in 1..=requests {
        let stage = Stage::empty(|builder| builder);
        stage.fault(Fault::LostAfter, request, 1);
        let first = stage.run(&args);
        let second = stage.run(&args);
        assert_eq!(
            second.code, 0,
            "lost after request {request}: {first:?}, then {second:?}"
        );
        let skills = stage.platform.skills();
        assert_eq!(skills.len(), 1, "lost after request {request}: {first:?}");
        assert_eq!(
            stage
                .platform
                .versions(skills[0]["id"].as_str().unwrap())
                .len(),
            1,
            "lost after request {request}"
        );
        assert_eq!(
            stage.pinned(AGENT),
            skills[0]["latest_version_id"],
            "lost after request {request}"
        );
    }
}

#[test]
fn two_releases_at_once_end_with_one_version_pinned() {
    for (other, look_first) in [
        ("skill.zip", false),
        ("skill.zip", true),
        ("other.zip", false),
        ("other.zip", true),
    ] {
        let stage = Stage::new();
        stage.write(
            "other.zip",
            &Skill::speaking("of the other run").sealed().zip(),
        );
        // Both look before either has arrived.
        let before = look_first.then(|| stage.hold("POST /v1/skills", 2));
        let start = |zip| {
            stage
                .command(RELEASE.replace("skill.zip", zip))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let runs = [start("skill.zip"), start(other)];
        if let Some(before) = before {
            stage.await_held("POST /v1/skills", before, 2);
            stage.platform.release_held();
        }
        let runs = runs.map(|child| child.wait_with_output().unwrap());
        // With other files, the one that comes second may notice, and does not overwrite what the
        // first one pinned.
        let noticed = |run: &std::process::Output| {
            other != "skill.zip"
                && String::from_utf8_lossy(&run.stderr).contains("somebody else changed the skill")
        };
        assert!(
            runs.iter().all(|run| run.status.success() || noticed(run)),
            "{runs:?}"
        );
        assert!(runs.iter().any(|run| run.status.success()), "{runs:?}");
        let pinned = stage.pinned(AGENT);
        untouched(&stage, &pinned);
        let versions = stage.platform.versions(&stage.skill);
        let zip = if versions
            .iter()
            .find(|version| version.id == pinned)
            .unwrap()
            .files["references/errors.md"]
            .bytes
            == b"new"
        {
            "skill.zip"
        } else {
            other
        };
        assert_ne!(pinned, stage.old);
        // Pin and metadata are of one run, not mixed.
        let hash = crate::fixture::sha256(&fs::read(stage.place.path().join(zip)).unwrap());
        assert_eq!(
            stage.platform.agent(AGENT)["metadata"]["padel_zip_sha256"],
            hash
        );
        if other == "skill.zip" {
            // Of twins each run took its own away, but for the older one, which both use.
            let ids: Vec<&String> = versions.iter().map(|version| &version.id).collect();
            assert_eq!(ids, [&pinned, &stage.old]);
            assert!(stage.platform.agent_history(AGENT).len() == 2, "one pin");
        }
        // The next run settles on the newest and is quiet.
        stage.fine(RELEASE);
    }
}

#[test]
fn a_twin_that_was_left_is_no_drift_and_never_pinned() {
    for normalise in [false, true] {
        let stage = Stage::with(|builder| {
            if normalise {
                builder.normalised_downloads()
            } else {
                builder
            }
        });
        stage.fine(RELEASE);
        let first = stage.pinned(AGENT);
        // As a run leaves it whose answer was lost while another one published.
        let (_, twin) = stage.platform.publish(
            NAME,
            &fs::read(stage.place.path().join("skill.zip")).unwrap(),
        );
        let status = format!("status --skill {NAME} --agent {AGENT}");
        let said = stage.fine(&status).stdout;
        assert!(
            !said.contains("drift")
                && said.contains(&format!("`{twin}` holds the same files as `{first}`")),
            "{said}"
        );
        assert_eq!(stage.json(&status)["agents"][0]["follows"], "newest");
        let (sessions, history) = (
            stage.platform.sessions().len(),
            stage.platform.agent_history(AGENT),
        );
        stage.fine(RELEASE);
        assert_eq!(
            (
                stage.platform.sessions().len(),
                stage.platform.agent_history(AGENT)
            ),
            (sessions, history)
        );

        // Pinned by hand, one after the other: going back is to other files.
        stage.fine(format!(
            "pin --skill {NAME} --version {twin} --agent {AGENT} --execute"
        ));
        let rollback = format!("rollback --skill {NAME} --agent {AGENT}");
        let plan = stage.fine(&rollback).stdout;
        assert!(
            plan.contains(&format!("pin `{}`", stage.old))
                && plan.contains(&format!("it pins `{twin}`")),
            "{plan}"
        );
        stage.fine(format!("{rollback} --execute"));
        assert_eq!(stage.pinned(AGENT), stage.old);
    }
}

#[test]
fn a_twin_that_another_run_pinned_meanwhile_is_done_already() {
    let release = format!("{RELEASE} --json");
    for (args, call) in [
        (&release, "POST /v1/sessions"),
        (&release, "POST /v1/agents/"),
    ] {
        let stage = Stage::new();
        let zip = fs::read(stage.place.path().join("skill.zip")).unwrap();
        let mut twin = String::new();
        let run = stage.meanwhile(args, call, || {
            twin = stage.platform.publish(NAME, &zip).1;
            stage.pin_beside(AGENT, &twin);
        });
        assert_eq!(
            (run.code, stage.pinned(AGENT)),
            (0, twin.clone()),
            "{call}: {run:?}"
        );
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let told = &document["pin"]["agents"][0];
        assert_eq!(
            (&told["version"], &told["changed"], &told["error"]),
            (&json!(twin), &json!(false), &Value::Null),
            "{call}: {run:?}"
        );
    }
    // A twin that its own run took away is no pin to keep.
    let stage = Stage::new();
    let zip = fs::read(stage.place.path().join("skill.zip")).unwrap();
    let run = stage.meanwhile(&release, "POST /v1/sessions", || {
        let twin = stage.platform.publish(NAME, &zip).1;
        stage.pin_beside(AGENT, &twin);
        stage.delete_beside(&twin);
    });
    assert_eq!(
        (run.code, stage.pinned(AGENT)),
        (0, stage.versions()[0].clone()),
        "{run:?}"
    );
}

#[test]
fn where_only_twins_were_pinned_there_is_nothing_to_go_back_to() {
    let stage = Stage::empty(|builder| builder);
    let zip = fs::read(stage.place.path().join("skill.zip")).unwrap();
    let (skill, first) = stage.platform.publish(NAME, &zip);
    let (_, second) = stage.platform.publish(NAME, &zip);
    stage.platform.put_agent(AGENT, &agent(&skill, &first));
    stage.fine(format!(
        "pin --skill {NAME} --version {second} --agent {AGENT} --execute"
    ));
    let rollback = format!("rollback --skill {NAME} --agent {AGENT} --execute");
    let said = stage.fails(&rollback, "not_found");
    assert!(
        said.contains(&format!("`{first}` holds the same files as what it pins")),
        "{said}"
    );
    assert_eq!(stage.pinned(AGENT), second);
    // To a version that is named it goes, and says so.
    let said = stage.fine(format!("{rollback} --to {first}")).stderr;
    assert!(
        said.contains("warning: ") && stage.pinned(AGENT) == first,
        "{said}"
    );
}

#[test]
fn a_release_on_a_platform_that_normalises_is_made_once() {
    let stage = Stage::with(claude_platform_sim::Builder::normalised_downloads);
    stage.fine(RELEASE);
    let before = (
        stage.versions(),
        stage.platform.sessions().len(),
        stage.platform.agent_history(AGENT),
    );
    stage.fine(RELEASE);
    assert_eq!(
        (
            stage.versions(),
            stage.platform.sessions().len(),
            stage.platform.agent_history(AGENT)
        ),
        before
    );
    // Step by step, too: the session has the files that were sent, not those of the download.
    let newest = &before.0[0];
    let smoke = format!(
        "smoke --skill {NAME} --version {newest} --agent {AGENT} --environment {ENVIRONMENT}"
    );
    stage.fine(format!("{smoke} --execute"));
    let files: Vec<Value> = stage.platform.versions(&stage.skill)[0]
        .files
        .iter()
        .map(|(path, file)| json!({"path": path, "sha256": crate::fixture::sha256(&file.bytes)}))
        .collect();
    let manifest = json!({"commit": "c0ffee", "archive": {"sha256": "5eed"}, "files": files});
    stage.write("manifest.json", manifest.to_string().as_bytes());
    let pin =
        format!("pin --skill {NAME} --version {newest} --agent {AGENT} --manifest manifest.json");
    stage.fine(format!("{pin} --execute"));
    assert_eq!(
        stage.platform.agent(AGENT)["metadata"]["padel_commit"],
        "c0ffee"
    );
}

#[test]
fn two_first_releases_at_once_use_one_skill() {
    let stage = Stage::empty(|builder| builder);
    // Both look before either has arrived.
    let before = stage.hold("POST /v1/skills", 2);
    let args = format!("{RELEASE} --create --add");
    let start = || {
        stage
            .command(&args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let runs = [start(), start()];
    stage.await_held("POST /v1/skills", before, 2);
    stage.platform.release_held();
    let runs = runs.map(|child| child.wait_with_output().unwrap());
    assert!(runs.iter().all(|run| run.status.success()), "{runs:?}");
    let skills = stage.platform.skills();
    let oldest = &skills.last().unwrap()["latest_version_id"];
    assert_eq!(
        *oldest,
        stage.pinned(AGENT),
        "the older skill, and one entry: {skills:?}"
    );
    let said = runs
        .iter()
        .map(|run| String::from_utf8_lossy(&run.stderr))
        .collect::<String>();
    assert!(
        skills.len() == 1 && said.contains("another run made "),
        "{said}"
    );
    stage.fine(&args);
}

#[test]
fn release_from_source_is_quick_and_a_repeat_sends_nothing() {
    let stage = Stage::new();
    source(stage.place.path());
    // So that the launcher says something.
    fs::write(
        stage.place.path().join("skill/scripts/padel"),
        format!("#!/bin/sh\necho padel {VERSION}\n"),
    )
    .unwrap();
    let args = format!(
        "release --skill {NAME} --skill-dir skill --bin-dir bin --agent {AGENT} --agent {OTHER_AGENT} --environment {ENVIRONMENT} --execute"
    );
    let plan = stage.fine(args.trim_end_matches(" --execute")).stdout;
    assert!(
        plan.contains("1. pack: ") && !stage.place.path().join("dist").exists(),
        "{plan}"
    );
    assert_eq!(stage.platform.calls(), []);

    let start = Instant::now();
    let document = stage.json(format!("{args} --output-file outputs"));
    let took = start.elapsed();
    assert!(
        took < Duration::from_secs(3),
        "{took:?} in a debug build beside other tests"
    );
    let version = stage.versions()[0].clone();
    assert_eq!(
        (stage.pinned(AGENT), stage.pinned(OTHER_AGENT)),
        (version.clone(), version.clone())
    );
    assert_eq!(document["schema"], "padel.release/v1");
    assert_eq!(document["pack"]["manifest"]["version"], VERSION);
    assert_eq!(
        document["smoke"]["launcher_version"],
        format!("padel {VERSION}")
    );
    assert_eq!(document["plan"]["execute"], true);
    let hash = &document["pack"]["manifest"]["archive"]["sha256"];
    let metadata = &stage.platform.agent(AGENT)["metadata"];
    assert_eq!(
        (&metadata["padel_zip_sha256"], &metadata["padel_ops"]),
        (hash, &json!(VERSION))
    );
    let outputs = stage.read("outputs");
    let wanted = format!(
        "skill_id={}\nskill_version={version}\nskipped=false\npre_release=false\nagents_pinned={AGENT},{OTHER_AGENT}\n",
        stage.skill
    );
    assert_eq!(outputs, wanted);

    let (before, agents) = (
        stage.platform.calls().len(),
        stage.platform.agent_history(AGENT),
    );
    let repeat = stage.fine(&args);
    assert!(
        repeat.stdout.contains(&format!("unchanged: {version}")),
        "{repeat:?}"
    );
    assert!(
        repeat
            .stdout
            .ends_with(&format!("{OTHER_AGENT} pins {version} already\n")),
        "{repeat:?}"
    );
    let calls = &stage.calls()[before..];
    assert!(
        calls.len() == 6 && calls.iter().all(|call| call.starts_with("GET")),
        "{calls:?}"
    );
    assert_eq!(stage.platform.agent_history(AGENT), agents);
}

#[test]
fn a_failed_trial_leaves_the_pin_and_tells_ci_the_version() {
    let stage = Stage::with(|builder| builder.model(Model::Liar));
    let run = stage.run(format!("{RELEASE} --json --output-file outputs"));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (run.code, stage.pinned(AGENT)),
        (8, stage.old.clone()),
        "{run:?}"
    );
    assert_eq!(
        (&document["publish"]["version"], &document["pin"]),
        (&json!(stage.versions()[0]), &Value::Null)
    );
    assert_eq!(document["smoke"]["works"], false);
    let outputs = stage.read("outputs");
    assert!(
        outputs.contains("skill_version=skver_") && !outputs.contains("agents_pinned"),
        "{outputs}"
    );

    let args =
        format!("release --skill {NAME} --zip skill.zip --agent {AGENT} --skip-smoke --execute");
    stage.fine(&args);
    assert_eq!(
        (stage.pinned(AGENT), stage.versions().len()),
        (stage.versions()[0].clone(), 2)
    );
}

#[test]
fn release_reads_agents_again_after_the_trial() {
    let stage = Stage::new();
    let updates = stage.disturbed(RELEASE, "POST /v1/sessions", AGENT);
    assert_eq!(
        (updates, stage.pinned(AGENT)),
        (vec![Some(200), Some(200)], stage.versions()[0].clone())
    );
}

#[test]
fn release_points_out_followers_though_the_trial_fails() {
    let stage = Stage::with(|builder| builder.model(Model::Lazy));
    stage
        .platform
        .put_agent(OTHER_AGENT, &agent(&stage.skill, "latest"));
    let run = stage.run(format!("{RELEASE} --agent {OTHER_AGENT}"));
    let warning = format!(
        "warning: the agent `{OTHER_AGENT}` follows `latest`: each publish changes it at once"
    );
    assert_eq!(
        (run.code, run.stderr.matches(&warning).count()),
        (8, 1),
        "{run:?}"
    );
}

#[test]
fn nothing_is_published_for_agents_that_cannot_be_pinned() {
    let stage = Stage::new();
    stage.platform.put_agent("agent_01Lacks", &json!({}));
    stage.platform.put_agent(
        "agent_01Archived",
        &json!({"archived_at": "2026-01-01T00:00:00Z"}),
    );
    for (agent, code) in [
        ("agent_01Lacks", "not_found"),
        ("agent_01Archived", "conflict"),
        ("agent_01Nobody", "not_found"),
    ] {
        stage.fails(format!("{RELEASE} --agent {agent}"), code);
    }
    for (name, id, code) in [
        ("--environment", "env_01Nowhere", "not_found"),
        ("--smoke-agent", "agent_01Archived", "conflict"),
        ("--smoke-agent", "agent_01Nobody", "not_found"),
    ] {
        let environment = format!(" --environment {ENVIRONMENT}");
        let args = match name {
            "--environment" => RELEASE.replace(&environment, ""),
            _ => RELEASE.to_owned(),
        };
        stage.fails(format!("{args} {name} {id}"), code);
    }
    stage.only_reads_after(0);
    let mut broken = Skill::speaking("new");
    broken.set("SKILL.md", front_matter("9.9.9"));
    stage.write("skill.zip", &broken.sealed().zip());
    stage.fails(RELEASE, "violations");
    assert_eq!(
        (stage.versions().len(), stage.platform.sessions().len()),
        (1, 0)
    );
}
