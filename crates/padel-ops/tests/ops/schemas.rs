//! `schemas/` tells the truth about each step's document: planned, carried out, and when it fails.

use std::fs;

use claude_platform_sim::{Fault, Model};
use serde_json::{Value, json};

use crate::{
    declared::{everything, stage as stage_of},
    deployed::deployed,
    documents::check,
    fixture::{Skill, source},
    platform::{AGENT, OTHER_AGENT, Stage},
};

#[test]
fn every_document_is_as_its_schema_says_and_damage_is_noticed() {
    let stage = Stage::new();
    source(stage.place.path());
    let mut broken = Skill::ours();
    broken.add(".env", "x");
    stage.write("broken.zip", &broken.sealed().zip());
    let new = stage.publish("new");
    let documents = stage.place.path().join("documents");
    fs::create_dir(&documents).unwrap();
    let mut count = 0;
    let mut run = |stage: &Stage, line: &str, code: i32| {
        let words = line.replace("OLD", &stage.old).replace("NEW", &new);
        let args: Vec<&str> = words.split(' ').chain(["--json"]).collect();
        let run = stage.run(&args);
        assert_eq!(run.code, code, "{line}: {run:?}");
        for text in [run.stdout, run.stderr]
            .iter()
            .filter(|text| !text.is_empty())
        {
            count += 1;
            fs::write(documents.join(format!("{count:02}.json")), text).unwrap();
        }
    };
    for (line, code) in [
        ("check broken.zip", 3),
        ("pack --skill-dir skill --bin-dir bin", 0),
        ("publish broken.zip --skill pslc-padel", 3),
        ("publish skill.zip --skill pslc-padel --execute", 0),
        (
            "smoke --skill pslc-padel --version OLD --agent agent_01Padel --environment env_01Cloud --execute",
            0,
        ),
        (
            "pin --skill pslc-padel --version NEW --agent agent_01Padel --agent agent_01Second --execute",
            0,
        ),
        ("status --skill pslc-padel --agent agent_01Padel", 0),
        (
            "rollback --skill pslc-padel --agent agent_01Padel --execute",
            0,
        ),
        (
            "release --skill pslc-padel --zip skill.zip --agent agent_01Padel --environment env_01Cloud --execute",
            0,
        ),
        (
            "prune --skill pslc-padel --keep 1 --agent agent_01Padel --execute",
            0,
        ),
        ("prune --skill pslc-padel --keep 1", 0),
        (
            "release --skill pslc-padel --skill-dir skill --bin-dir bin --agent agent_01Padel --skip-smoke --execute",
            0,
        ),
        (
            "pin --skill pslc-padel --version skver_01Gone --agent agent_01Padel --execute",
            5,
        ),
    ] {
        run(&stage, line, code);
    }
    // An agent that lacks the skill, one that cannot be pinned, a trial in which nothing is seen,
    // too many requests.
    let faulty = Stage::with(|builder| builder.model(Model::Lazy));
    faulty.fault(
        Fault::Status(403),
        format!("POST /v1/agents/{AGENT}").as_str(),
        1,
    );
    faulty.platform.put_agent(OTHER_AGENT, &json!({}));
    run(
        &faulty,
        "pin --skill pslc-padel --version OLD --add --agent agent_01Second --execute",
        0,
    );
    run(
        &faulty,
        "release --skill pslc-padel --zip skill.zip --agent agent_01Padel --skip-smoke --execute",
        4,
    );
    run(
        &faulty,
        "smoke --skill pslc-padel --version OLD --agent agent_01Padel --environment env_01Cloud --execute",
        8,
    );
    faulty.fault(Fault::Millis429(20), 1, 9);
    run(&faulty, "status --skill pslc-padel", 7);

    let session = stage.platform.sessions()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    run(&stage, &format!("logs {session}"), 0);

    let asked = deployed(|builder| builder.model(Model::Assistant));
    run(&asked, "ask court?", 0);
    run(&asked, "tick", 0);
    run(&asked, "tick", 0);
    let newer = asked.publish("newer");
    run(&asked, &format!("pin --version {newer} --execute"), 0);
    run(&asked, "rollback --execute", 0);
    run(&asked, "release --zip skill.zip --skip-smoke --execute", 0);
    asked.fault(Fault::Status(500), "POST /v1/sessions", 9);
    run(&asked, "ask court?", 7);

    let declared = stage_of(&everything("vault"));
    run(&declared, "up", 0);
    declared.fault(Fault::Status(500), "POST /v1/agents", 9);
    run(&declared, "up --execute", 7);
    declared.platform.clear_faults();
    for line in [
        "status",
        "up --execute",
        "up --execute",
        "status",
        "rotate",
        "rotate --force --execute",
        "down",
    ] {
        run(&declared, line, 0);
    }
    fs::copy(
        declared.place.path().join("deploy/agent.lock.json"),
        documents.join("lock.json"),
    )
    .unwrap();
    run(&declared, "down --execute", 0);

    let Some(output) = check(&documents) else {
        return;
    };
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas")).unwrap() {
        let schema: Value =
            serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
        let name = schema["title"].as_str().unwrap().replace('/', ".");
        if schema["description"]
            .as_str()
            .unwrap()
            .contains("`padel-ops")
        {
            assert!(said.contains(&format!("{name} ")), "{name} in {said}");
        }
    }
}
