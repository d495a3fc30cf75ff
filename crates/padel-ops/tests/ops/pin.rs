//! `pin`: one entry changes, everything else of an agent stays.

use std::{
    fs,
    time::{Duration, Instant},
};

use claude_platform_sim::Fault;
use serde_json::{Value, json};

use crate::{
    fixture::{VERSION, sha256, source, tool},
    platform::{AGENT, NAME, OTHER_AGENT, Stage, agent},
};

/// A stage with a second, newer version, and its id.
fn stage() -> (Stage, String) {
    let stage = Stage::new();
    let new = stage.publish("new");
    (stage, new)
}

fn pin(version: &str, more: &str) -> String {
    format!("pin --skill {NAME} --version {version} --execute {more}")
}

/// The agent but for what a pin may change.
fn rest(agent: &Value) -> Value {
    let mut rest = agent.clone();
    rest["skills"]
        .as_array_mut()
        .unwrap()
        .retain(|entry| entry["type"] != "custom");
    let metadata = rest["metadata"].as_object_mut().unwrap();
    metadata.retain(|key, _| !key.starts_with("padel_"));
    for key in ["version", "updated_at"] {
        rest.as_object_mut().unwrap().remove(key);
    }
    rest
}

#[test]
fn pin_replaces_one_entry_and_tells_its_origin() {
    let (stage, new) = stage();
    let before = stage.platform.agent(AGENT);
    let said = stage.fine(pin(&new, &format!("--agent {AGENT}"))).stdout;
    assert!(
        said.ends_with(&format!("{AGENT} pins {new}, before: {}\n", stage.old)),
        "{said}"
    );
    let after = stage.platform.agent(AGENT);
    assert_eq!(
        (stage.pinned(AGENT), rest(&after)),
        (new.clone(), rest(&before))
    );
    assert_eq!(after["skills"][0], before["skills"][0], "order kept");
    // The version says its release; a commit that is not known any more is not left standing.
    assert_eq!(
        after["metadata"],
        json!({"team": "racket", "padel_ops": VERSION})
    );
    assert_eq!(stage.pinned(OTHER_AGENT), stage.old);

    let before = stage.platform.calls().len();
    let answer = stage.json(pin(&new, &format!("--agent {AGENT}")));
    assert_eq!(answer["pin"]["agents"][0]["changed"], false, "{answer}");
    stage.only_reads_after(before);
    assert_eq!(stage.platform.agent_history(AGENT).len(), 2);
}

#[test]
fn pin_takes_commit_and_hash_from_the_right_manifest() {
    let stage = Stage::new();
    source(stage.place.path());
    let packed = tool(stage.place.path(), "pack --skill-dir skill --bin-dir bin");
    assert!(packed.status.success());
    let zip = fs::read(stage.place.path().join("dist/pslc-padel.zip")).unwrap();
    let manifest = stage.place.path().join("dist/pslc-padel.manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let mut named: Value = serde_json::from_str(&text).unwrap();
    named["commit"] = json!("c0ffee");
    fs::write(&manifest, named.to_string()).unwrap();
    let (_, new) = stage.platform.publish(NAME, &zip);
    stage.fine(pin(&new, &format!("--agent {AGENT}")));
    let metadata = json!({"team": "racket", "padel_ops": VERSION, "padel_commit": "c0ffee", "padel_zip_sha256": sha256(&zip)});
    assert_eq!(stage.platform.agent(AGENT)["metadata"], metadata);

    // The same version again without its manifest: what is known of it stays, and nothing is sent.
    fs::rename(&manifest, stage.place.path().join("kept.json")).unwrap();
    let said = stage.fine(pin(&new, &format!("--agent {AGENT}"))).stdout;
    assert!(
        said.ends_with(&format!("{AGENT} pins {new} already\n")),
        "{said}"
    );
    assert_eq!(stage.platform.agent(AGENT)["metadata"], metadata);
    // Told of another version, as the release shows, it does not.
    stage.platform.put_agent(AGENT, &agent(&stage.skill, &new));
    stage.fine(pin(&new, &format!("--agent {AGENT}")));
    assert_eq!(
        stage.platform.agent(AGENT)["metadata"],
        json!({"team": "racket", "padel_ops": VERSION})
    );
    fs::rename(stage.place.path().join("kept.json"), &manifest).unwrap();

    // Of another version: not by chance, and not when told so.
    stage.fine(pin(&stage.old, &format!("--agent {AGENT}")));
    assert_eq!(
        stage.platform.agent(AGENT)["metadata"],
        json!({"team": "racket", "padel_ops": VERSION})
    );
    let told = format!("--agent {AGENT} --manifest dist/pslc-padel.manifest.json");
    let said = stage.fails(pin(&stage.old, &told), "usage");
    assert!(said.contains("lists other files"), "{said}");
    // Read whole, it would take all memory.
    let endless = stage.fails(
        pin(&stage.old, &format!("--agent {AGENT} --manifest /dev/zero")),
        "usage",
    );
    assert!(endless.contains("`/dev/zero` cannot be read"), "{endless}");
}

#[test]
fn an_agent_gets_the_skill_only_when_told_to() {
    let (stage, new) = stage();
    stage.platform.put_agent(
        AGENT,
        &json!({"skills": [{"type": "anthropic", "skill_id": "xlsx", "version": "latest"}]}),
    );
    let said = stage.fails(
        pin(&new, &format!("--agent {OTHER_AGENT} --agent {AGENT}")),
        "not_found",
    );
    assert!(said.contains(AGENT) && said.contains("--add"), "{said}");
    assert_eq!(stage.pinned(OTHER_AGENT), stage.old, "nobody was changed");
    stage.fine(pin(
        &new,
        &format!("--agent {OTHER_AGENT} --agent {AGENT} --add"),
    ));
    assert_eq!(
        (stage.pinned(OTHER_AGENT), stage.pinned(AGENT)),
        (new.clone(), new)
    );
    assert_eq!(
        stage.platform.agent(AGENT)["skills"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn an_agent_that_follows_latest_is_pointed_out() {
    let (stage, new) = stage();
    stage
        .platform
        .put_agent(AGENT, &agent(&stage.skill, "latest"));
    let said = stage.fine(pin(&new, &format!("--agent {AGENT}"))).stderr;
    assert!(
        said.contains("warning: the agent `agent_01Padel` follows `latest`"),
        "{said}"
    );
    assert_eq!(stage.pinned(AGENT), new);
    assert!(
        !stage
            .fine(pin(&new, &format!("--agent {AGENT}")))
            .stderr
            .contains("follows"),
        "not any more"
    );
}

#[test]
fn somebody_elses_change_at_the_same_time_is_kept() {
    let (stage, new) = stage();
    // Changed after our look, and before ours is taken in: the lock refuses it, and only another
    // look helps.
    let updates = stage.disturbed(
        pin(&new, &format!("--agent {AGENT}")),
        "POST /v1/agents/",
        AGENT,
    );
    assert_eq!(
        (updates, stage.pinned(AGENT)),
        (vec![Some(409), Some(200), Some(200)], new)
    );

    let (stage, new) = self::stage();
    stage.fault(Fault::Status(409), "POST /v1/agents", 1);
    stage.fine(pin(&new, &format!("--agent {AGENT}")));
    assert_eq!(stage.pinned(AGENT), new);
    let reads = stage
        .calls()
        .iter()
        .filter(|call| **call == format!("GET /v1/agents/{AGENT}"))
        .count();
    assert_eq!(reads, 2, "read again after the conflict");

    let (stage, new) = self::stage();
    stage.fault(Fault::Status(409), "POST /v1/agents", 2);
    stage.fails(pin(&new, &format!("--agent {AGENT}")), "conflict");
    assert_eq!(stage.pinned(AGENT), stage.old);
}

/// The commands in a hint: they must work as they are.
fn hinted(stage: &Stage, said: &str) {
    let hint = said
        .lines()
        .find(|line| line.starts_with("hint: "))
        .unwrap();
    let commands: Vec<&str> = hint
        .split('`')
        .filter_map(|text| text.strip_prefix("padel-ops "))
        .collect();
    assert!(!commands.is_empty(), "{hint}");
    for command in commands {
        stage.fine(command);
    }
}

#[test]
fn somebody_elses_pin_at_the_same_time_is_not_overwritten() {
    for step in ["pin", "rollback", "release"] {
        let (stage, second) = stage();
        let third = stage.publish("third");
        let (args, call) = match step {
            "pin" => (
                pin(&second, &format!("--agent {AGENT}")),
                "POST /v1/agents/",
            ),
            "rollback" => {
                stage.fine(pin(&second, &format!("--agent {AGENT}")));
                (
                    format!("rollback --skill {NAME} --agent {AGENT} --execute"),
                    "POST /v1/agents/",
                )
            }
            _ => {
                let line = "release --skill pslc-padel --zip skill.zip --agent agent_01Padel --environment env_01Cloud --execute";
                (line.to_owned(), "POST /v1/sessions")
            }
        };
        let run = stage.meanwhile(&args, call, || stage.pin_beside(AGENT, &third));
        assert_eq!(
            (run.code, stage.pinned(AGENT)),
            (5, third.clone()),
            "{step}: {run:?}"
        );
        assert!(
            run.stderr.contains(&format!(
                "somebody else changed the skill of the agent `{AGENT}`: `{third}` now"
            )),
            "{step}: {run:?}"
        );
        assert!(
            run.stderr.contains("[conflict]") && !run.stdout.contains("before:"),
            "{step}: {run:?}"
        );
        hinted(&stage, &run.stderr);
        // Told again, and now knowingly.
        stage.fine(&args);
        assert_ne!(stage.pinned(AGENT), third, "{step}");
    }
}

#[test]
fn an_agent_that_loses_the_skill_meanwhile_does_not_get_it_back() {
    let (stage, new) = stage();
    let run = stage.meanwhile(
        pin(&new, &format!("--agent {AGENT} --add")),
        "POST /v1/agents/",
        || stage.drop_skills(AGENT),
    );
    assert!(
        run.code == 5 && run.stderr.contains("`nothing` now"),
        "{run:?}"
    );
    assert_eq!(stage.platform.agent(AGENT)["skills"], json!([]));
}

#[test]
fn rollback_ignores_pins_after_its_first_look() {
    let (stage, second) = stage();
    let third = stage.publish("third");
    stage.fine(pin(&second, &format!("--agent {AGENT}")));
    let args = format!("rollback --skill {NAME} --agent {AGENT} --execute");
    let history = format!("GET /v1/agents/{AGENT}/versions");
    let run = stage.meanwhile(&args, &history, || stage.pin_beside(AGENT, &third));
    assert!(
        run.code == 5
            && run.stderr.contains("somebody else changed the skill")
            && stage.pinned(AGENT) == third,
        "{run:?}"
    );
}

/// The agent has what is wanted, facts and another's metadata included.
fn told_as_wanted(stage: &Stage, version: &str) {
    let mut told = agent(&stage.skill, version);
    told["metadata"] = json!({"padel_ops": VERSION, "team": "racket"});
    told["version"] = json!(2);
    stage.platform.put_agent(AGENT, &told);
}

#[test]
fn who_wanted_the_same_was_first_and_we_changed_nothing() {
    let (stage, new) = stage();
    let args = pin(&new, &format!("--agent {AGENT} --json"));
    let run = stage.meanwhile(&args, "POST /v1/agents/", || told_as_wanted(&stage, &new));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let told = &document["pin"]["agents"][0];
    assert_eq!(
        (&told["before"], &told["changed"], run.code),
        (&json!(new), &json!(false), 0),
        "{run:?}"
    );
}

#[test]
fn pin_tells_when_it_is_uncertain() {
    let (stage, new) = stage();
    stage.fine(pin(&new, &format!("--agent {AGENT}")));
    let update = stage
        .calls()
        .iter()
        .position(|call| call.starts_with("POST"))
        .unwrap();
    for json in [false, true] {
        let (stage, new) = self::stage();
        stage.fault(Fault::LostAfter, "POST /v1/agents", 1);
        stage.fault(Fault::Status(429), u32::try_from(update + 2).unwrap(), 3);
        let format = if json { " --json" } else { "" };
        let run = stage.run(pin(&new, &format!("--agent {AGENT}{format}")));
        assert_eq!((run.code, stage.pinned(AGENT)), (7, new.clone()), "{run:?}");
        if json {
            let document: Value = serde_json::from_str(&run.stdout).unwrap();
            let told = &document["pin"]["agents"][0];
            assert!(
                told["uncertain"] == true && told["error"].is_string() && told["changed"] == false,
                "{told}"
            );
        } else {
            assert!(
                run.stdout.ends_with(&format!(
                    "{AGENT} may pin {new} by now, before: {}\n",
                    stage.old
                )),
                "{run:?}"
            );
        }
        stage.fine(pin(&new, &format!("--agent {AGENT}")));
    }
}

#[test]
fn a_change_whose_answer_was_lost_is_seen_and_not_sent_again() {
    for fault in [
        Fault::LostAfter,
        Fault::ResetAfter,
        Fault::Truncated,
        Fault::Malformed,
        Fault::Html,
    ] {
        let (stage, new) = stage();
        stage.fault(fault, "POST /v1/agents", 1);
        stage.fine(pin(&new, &format!("--agent {AGENT}")));
        let sent = stage.count("POST");
        assert_eq!((stage.pinned(AGENT), sent), (new, 1), "{fault}");
    }
    for fault in [
        Fault::LostBefore,
        Fault::Reset,
        Fault::Status(503),
        Fault::Status(429),
    ] {
        let (stage, new) = stage();
        stage.fault(fault, "POST /v1/agents", 1);
        stage.fine(pin(&new, &format!("--agent {AGENT}")));
        assert_eq!(
            (
                stage.pinned(AGENT),
                stage.platform.agent_history(AGENT).len()
            ),
            (new, 2),
            "{fault}"
        );
    }
}

#[test]
fn pin_keeps_a_stated_wait_unless_it_is_too_long() {
    let (stage, new) = stage();
    stage.fault(Fault::Seconds503(1), "POST /v1/agents", 1);
    let start = Instant::now();
    stage.fine(pin(&new, &format!("--agent {AGENT}")));
    assert!(
        start.elapsed() >= Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );

    let (stage, new) = self::stage();
    stage.fault(Fault::Seconds503(61), "POST /v1/agents", 1);
    let run = stage.run(pin(&new, &format!("--agent {AGENT}")));
    assert!(
        run.code == 7
            && run.stdout.contains("may pin")
            && stage.calls().last().unwrap().starts_with("POST")
    );
}

#[test]
fn pin_sends_nothing_again_when_told_not_to() {
    let (stage, new) = stage();
    stage.fault(Fault::Final503, "POST /v1/agents", 1);
    let run = stage.run(pin(&new, &format!("--agent {AGENT}")));
    assert!(
        run.code == 7 && run.stdout.ends_with(&format!("{AGENT} was not pinned\n")),
        "{run:?}"
    );
    assert_eq!(stage.count("POST"), 1);
    assert_eq!(
        stage.calls().last().unwrap(),
        &format!("GET /v1/agents/{AGENT}")
    );
}

#[test]
fn a_lost_change_that_is_seen_only_after_a_conflict_was_ours() {
    let (stage, new) = stage();
    stage.fault(Fault::LostBefore, "POST /v1/agents", 1);
    let args = pin(&new, &format!("--agent {AGENT} --json"));
    // As if the first one had arrived while the second one was on its way.
    let run = stage.meanwhile(&args, "POST /v1/agents", || {
        while stage.count("POST") < 2 {
            std::thread::sleep(Duration::from_millis(2));
        }
        told_as_wanted(&stage, &new);
    });
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let told = &document["pin"]["agents"][0];
    assert_eq!(
        (&told["before"], &told["changed"], run.code),
        (&json!(stage.old), &json!(true), 0),
        "{run:?}"
    );
}

#[test]
fn of_several_agents_each_failure_is_told() {
    let (stage, new) = stage();
    stage.fault(
        Fault::Status(403),
        format!("POST /v1/agents/{AGENT}").as_str(),
        1,
    );
    let run = stage.run(pin(
        &new,
        &format!("--agent {AGENT} --agent {OTHER_AGENT} --json"),
    ));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let error: Value = serde_json::from_str(&run.stderr).unwrap();
    assert_eq!(document["pin"]["agents"][0]["agent"], AGENT);
    assert!(
        document["pin"]["agents"][0]["error"].is_string()
            && document["pin"]["agents"][1]["error"].is_null()
    );
    assert_eq!(run.code, 4, "{error}");
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("1 of 2 agents"),
        "{error}"
    );
    assert_eq!(error["error"]["details"]["status"], 403, "{error}");
    assert_eq!(
        (stage.pinned(AGENT), stage.pinned(OTHER_AGENT)),
        (stage.old, new)
    );
}

#[test]
fn what_cannot_be_pinned_is_refused_before_anything_changes() {
    let (stage, new) = stage();
    let full: serde_json::Map<_, _> = (0..15)
        .map(|number| (format!("key{number}"), json!("x")))
        .collect();
    let twice = json!({"type": "custom", "skill_id": stage.skill, "version": stage.old});
    for (fields, code, words) in [
        (
            json!({"archived_at": "2026-01-01T00:00:00Z"}),
            "conflict",
            "is archived",
        ),
        (json!({"metadata": full}), "conflict", "no room"),
        (
            json!({"skills": [twice, twice]}),
            "conflict",
            "more than once",
        ),
    ] {
        let mut told = agent(&stage.skill, &stage.old);
        fields
            .as_object()
            .unwrap()
            .iter()
            .for_each(|(key, value)| told[key] = value.clone());
        if words == "no room" {
            told["metadata"]["key15"] = json!("x");
        }
        stage.platform.put_agent(AGENT, &told);
        let said = stage.fails(
            pin(&new, &format!("--agent {OTHER_AGENT} --agent {AGENT}")),
            code,
        );
        assert!(said.contains(words), "{said}");
    }
    let said = stage.fails(
        pin(
            &new,
            &format!("--agent {OTHER_AGENT} --agent agent_01Nobody"),
        ),
        "not_found",
    );
    assert!(said.contains("agent_01Nobody"), "{said}");
    stage.fails(
        pin("skver_01Nothing", &format!("--agent {OTHER_AGENT}")),
        "not_found",
    );
    assert_eq!(stage.pinned(OTHER_AGENT), stage.old);
    stage.only_reads_after(0);
}
