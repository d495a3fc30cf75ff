//! `publish`: one version for one content, whatever happens on the way.

use std::{
    fs,
    time::{Duration, Instant},
};

use claude_platform_sim::{Builder, Fault};
use serde_json::json;

use crate::{
    fixture::{Skill, VERSION, front_matter, sha256, source},
    platform::{AGENT, ENVIRONMENT, NAME, OTHER_AGENT, Run, Stage},
};

const PUBLISH: &str = "publish skill.zip --skill pslc-padel --execute";

#[test]
fn a_new_content_becomes_the_newest_version_with_its_modes() {
    let stage = Stage::new();
    let said = stage.fine(PUBLISH).stdout;
    let newest = stage.platform.versions(&stage.skill).remove(0);
    assert!(
        said.starts_with("plan of `publish`, on ")
            && said.contains(&format!("published {}", newest.id)),
        "{said}"
    );
    assert_eq!(stage.versions(), [newest.id, stage.old]);
    let modes: Vec<u32> = ["scripts/padel", "bin/padel-x86_64-linux", "SKILL.md"]
        .map(|path| newest.files[path].mode)
        .to_vec();
    assert_eq!(modes, [0o755, 0o755, 0o644]);
}

#[test]
fn an_unchanged_skill_takes_three_requests_and_makes_nothing() {
    let stage = Stage::new();
    stage.fine(PUBLISH);
    let (versions, before) = (stage.versions(), stage.platform.calls().len());
    let answer = stage.json(PUBLISH);
    assert_eq!(
        (answer["publish"]["skipped"].clone(), stage.versions()),
        (json!(true), versions.clone())
    );
    assert_eq!(answer["publish"]["version"], json!(versions[0]));

    // By its id; and the display name is ours when the tool made the skill.
    let before_id = stage.platform.calls().len();
    assert_eq!(
        stage.json(format!(
            "publish skill.zip --skill {} --execute",
            stage.skill
        ))["publish"]["skipped"],
        true
    );
    let counts = (before_id - before, stage.platform.calls().len() - before_id);
    assert!(
        counts.0 <= 4 && counts.1 == 2,
        "{counts:?}: {:?}",
        stage.calls()
    );
}

/// Publishes where the newest version is of that release.
fn after(release: &str) -> (Stage, String, Run) {
    let stage = Stage::new();
    let mut newest = Skill::speaking("newer");
    newest.set("SKILL.md", front_matter(release));
    let (_, newest) = stage.platform.publish(NAME, &newest.sealed().zip());
    let run = stage.run(PUBLISH);
    (stage, newest, run)
}

#[test]
fn a_newer_release_is_not_followed_by_an_older_one() {
    for release in ["99.0.0", "99.0.0-rc.1", "0.99.1+build"] {
        let is_pre = release != "99.0.0";
        let (stage, newest, run) = after(release);
        assert!(
            run.code == 5 && run.stderr.contains("[conflict]") && run.stderr.contains(&newest),
            "{run:?}"
        );
        let release = format!("--zip skill.zip --agent {AGENT} --environment {ENVIRONMENT}");
        stage.fails(
            format!("release --skill {NAME} --execute {release}"),
            "conflict",
        );
        stage.only_reads_after(0);

        if is_pre {
            assert!(
                run.stderr
                    .contains("hint: no agent pins that pre-release; to publish"),
                "{run:?}"
            );
            continue;
        }
        // The command that the hint shows, for an agent that has pinned the newer one.
        stage.fine(format!(
            "pin --skill {NAME} --version {newest} --agent {AGENT} --execute"
        ));
        let shown = run
            .stderr
            .split('`')
            .find(|part| part.starts_with("padel-ops rollback"))
            .unwrap();
        let shown = shown.replace("AGENT", AGENT);
        stage.fine(shown.trim_start_matches("padel-ops "));
        assert_eq!(stage.pinned(AGENT), stage.old);
    }
    for release in ["0.0.9", &format!("{VERSION}-rc.1"), "next"] {
        let (stage, _, run) = after(release);
        assert!(
            run.code == 0 && !run.stderr.contains("warning: ") && stage.versions().len() == 3,
            "{release}: {run:?}"
        );
    }
}

#[test]
fn other_files_of_the_same_release_are_pointed_out() {
    let stage = Stage::new();
    let said = stage.fine(PUBLISH).stderr;
    let warning = format!(
        "warning: `{}` holds other files of the same release {VERSION}: ",
        stage.old
    );
    assert!(said.contains(&warning), "{said}");
    assert!(!stage.fine(PUBLISH).stderr.contains("warning: "));
}

#[test]
fn the_same_files_without_executable_bits_are_there_already() {
    let stage = Stage::new();
    let mut flat = Skill::speaking("new").sealed();
    flat.0.iter_mut().for_each(|entry| entry.mode = 0o644);
    let (_, flat) = stage.platform.publish(NAME, &flat.zip());
    let said = stage.fine(PUBLISH).stderr;
    assert!(
        said.contains(&format!(
            "`{flat}` holds the same files; the platform gives them back with other"
        )),
        "{said}"
    );
    assert_eq!(stage.versions(), [flat, stage.old]);
}

#[test]
fn a_download_that_comes_back_normalised_is_there_already() {
    let stage = Stage::with(Builder::normalised_downloads);
    let first = stage.json(PUBLISH);
    let second = stage.json(PUBLISH);
    assert_eq!(
        (&first["publish"]["skipped"], &second["publish"]["skipped"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(
        (&second["publish"]["version"], stage.versions().len()),
        (&first["publish"]["version"], 2)
    );
    // One file more or less is another content, whatever the platform does.
    let mut other = Skill::speaking("new");
    other.add("references/more.md", "");
    stage.write("skill.zip", &other.sealed().zip());
    assert_eq!(
        (
            stage.json(PUBLISH)["publish"]["skipped"].clone(),
            stage.versions().len()
        ),
        (json!(false), 3)
    );
}

/// A skill that is not ours, so without sums.
fn strangers(text: &str) -> Vec<u8> {
    let mut skill = Skill(Vec::new());
    skill.add(
        "SKILL.md",
        format!("---\nname: court-finder\ndescription: Finds courts.\nmetadata:\n  {text}\n---\n"),
    );
    skill.0[0].path = "court-finder/SKILL.md".to_owned();
    skill.zip()
}

#[test]
fn what_an_agent_remembers_tells_where_the_download_does_not() {
    let stage = Stage::empty(Builder::normalised_downloads);
    stage.write("skill.zip", &strangers("a: b"));
    let publish = || {
        let args = "publish skill.zip --skill court-finder --create --add --execute --agent";
        stage.json(format!("{args} {AGENT}"))["publish"].clone()
    };
    let made = publish();
    let skill = made["skill_id"].as_str().unwrap().to_owned();
    // A file was added, and no sums say that it is not ours: only the agent can know.
    assert_eq!(publish()["skipped"], false);
    let release = format!("release --skill court-finder --zip skill.zip --agent {AGENT} --add");
    stage.fine(format!("{release} --skip-smoke --execute"));
    let count = stage.platform.versions(&skill).len();
    let (again, history) = (publish(), stage.platform.agent_history(AGENT));
    assert_eq!(
        (&again["skipped"], stage.platform.versions(&skill).len()),
        (&json!(true), count)
    );
    stage.fine(format!("{release} --skip-smoke --execute"));
    assert_eq!(
        (
            stage.platform.versions(&skill).len(),
            stage.platform.agent_history(AGENT)
        ),
        (count, history)
    );

    // Another tool pins another version and leaves the hash: it is not of that one.
    let (_, other) = stage.platform.publish("court-finder", &strangers("a: c"));
    stage.pin_beside(AGENT, &other);
    assert_eq!(publish()["skipped"], false);
    // Nor does another zip's hash count.
    stage.write("skill.zip", &strangers("a: d"));
    assert_eq!(publish()["skipped"], false);
}

#[test]
fn what_the_manifest_remembers_tells_where_no_agent_does() {
    let zip = strangers("a: b");
    let manifest = json!({"archive": {"sha256": sha256(&zip)}, "files": []}).to_string();
    let prepared = || {
        let stage = Stage::empty(Builder::normalised_downloads);
        stage.write("skill.zip", &zip);
        stage.write("skill.manifest.json", manifest.as_bytes());
        stage
    };
    let args = "publish skill.zip --skill court-finder --create --execute";
    let stage = prepared();
    let made = stage.json(args)["publish"].clone();
    let again = stage.json(args)["publish"].clone();
    assert_eq!(
        (&again["skipped"], &again["version"]),
        (&json!(true), &made["version"])
    );
    let written = stage.read("skill.manifest.json");
    let published: serde_json::Value = serde_json::from_str(&written).unwrap();
    let entry = json!({"platform": stage.platform.url(), "skill_id": made["skill_id"], "version": made["version"]});
    assert_eq!(published["published"], json!([entry]));

    // Another platform, with the same ids; and the manifest of another zip, which stays as it is.
    let other = prepared();
    other.write("skill.manifest.json", written.as_bytes());
    assert_eq!(other.json(args)["publish"]["skipped"], false);
    assert_eq!(other.json(args)["publish"]["skipped"], true);
    let stranger = prepared();
    let foreign = manifest.replace(&sha256(&zip), &sha256(b"other"));
    let path = stranger.write("skill.manifest.json", foreign.as_bytes());
    stranger.json(args);
    assert_eq!(stranger.json(args)["publish"]["skipped"], false);
    assert_eq!(fs::read_to_string(path).unwrap(), foreign);

    // Packing the same again keeps it, packing other files does not.
    let stage = Stage::empty(|builder| builder);
    source(stage.place.path());
    let pack = "pack --skill-dir skill --bin-dir bin";
    let manifest = || stage.read("dist/pslc-padel.manifest.json");
    stage.fine(pack);
    stage.fine(format!(
        "publish dist/pslc-padel.zip --skill {NAME} --create --execute"
    ));
    stage.fine(pack);
    assert!(manifest().contains("\"published\""), "{}", manifest());
    fs::write(
        stage.place.path().join("skill/references/errors.md"),
        "other",
    )
    .unwrap();
    stage.fine(pack);
    assert!(!manifest().contains("\"published\""), "{}", manifest());
}

#[test]
fn nothing_is_published_that_can_be_neither_tried_nor_pinned() {
    let stage = Stage::with(|builder| builder.archived_environment("env_01Gone"));
    stage.platform.put_agent(
        "agent_01Archived",
        &json!({"archived_at": "2026-01-01T00:00:00Z"}),
    );
    stage.platform.put_agent("agent_01Lacks", &json!({}));
    for (more, code) in [
        ("--agent ", "usage"),
        ("--agent ,", "usage"),
        ("--smoke-agent ", "usage"),
        ("--environment ", "usage"),
        ("--agent agent_01Padel,,agent_01Nobody", "not_found"),
        ("--agent agent_01Padel\nagent_01Archived", "conflict"),
        ("--agent agent_01Lacks", "not_found"),
        ("--smoke-agent agent_01Archived", "conflict"),
        ("--smoke-agent agent_01Nobody", "not_found"),
        ("--environment env_01Nowhere", "not_found"),
        ("--environment env_01Gone", "conflict"),
    ] {
        stage.fails(format!("{PUBLISH} {more}"), code);
    }
    stage.only_reads_after(0);
    let next = format!("--smoke-agent agent_01Lacks --environment {ENVIRONMENT}");
    stage.fine(format!("{PUBLISH} --agent {AGENT},{OTHER_AGENT}\n {next}"));
    assert_eq!(stage.versions().len(), 2);
    // Who may not look may still start sessions there.
    let stage = Stage::with(|builder| builder.deny("GetEnvironment"));
    let said = stage
        .fine(format!("{PUBLISH} --environment {ENVIRONMENT}"))
        .stderr;
    assert!(
        said.contains("warning: whether the environment `env_01Cloud` is there"),
        "{said}"
    );
}

#[test]
fn a_pre_release_is_published_and_never_pinned() {
    for release in ["1.0.0-rc.1", "v2.0.0-0", "1.0.0+build.5", "1.0.0"] {
        let stage = Stage::empty(|builder| builder);
        let text = format!("version: \"{release}\"");
        stage.write("skill.zip", &strangers(&text));
        let publish = "publish skill.zip --skill court-finder --create --execute";
        let made = stage.json(format!("{publish} --output-file outputs"))["publish"].clone();
        let is_pre = release != "1.0.0";
        let outputs = stage.read("outputs");
        assert!(
            made["pre_release"] == json!(is_pre)
                && outputs.contains(&format!("pre_release={is_pre}\n")),
            "{outputs}"
        );
        let (skill, version) = (
            made["skill_id"].as_str().unwrap(),
            made["version"].as_str().unwrap(),
        );
        let pin =
            format!("pin --skill {skill} --version {version} --agent {AGENT} --add --execute");
        let released = stage.run(format!(
            "release --skill {skill} --zip skill.zip --agent {AGENT} --add --skip-smoke --execute"
        ));
        assert_eq!(released.code, 0, "{released:?}");
        assert_eq!(
            stage.platform.agent(AGENT)["skills"]
                .as_array()
                .unwrap()
                .len(),
            usize::from(!is_pre)
        );
        if is_pre {
            assert!(stage.fails(&pin, "conflict").contains("is the pre-release"));
            assert!(
                released.stderr.contains("pin: skipped, for"),
                "{released:?}"
            );
        }
    }
}

#[test]
fn without_execute_nothing_is_sent() {
    let stage = Stage::new();
    let plan = PUBLISH.trim_end_matches(" --execute");
    let text = stage.fine(plan).stdout;
    assert!(
        text.ends_with("nothing was sent: add --execute to carry it out\n"),
        "{text}"
    );
    let document = stage.json(plan);
    assert_eq!(
        (&document["schema"], &document["publish"]),
        (&json!("padel.publish/v1"), &json!(null))
    );
    let plan = &document["plan"];
    assert_eq!(
        (&plan["schema"], &plan["execute"]),
        (&json!("padel.plan/v1"), &json!(false))
    );
    assert!(
        plan["platform"]
            .as_str()
            .unwrap()
            .starts_with(&stage.platform.url()),
        "{plan}"
    );
    assert_eq!(stage.platform.calls(), []);
}

#[test]
fn create_makes_the_skill_once_and_finds_it_again() {
    let stage = Stage::empty(|builder| builder);
    let said = stage.fails(PUBLISH, "not_found");
    assert!(
        said.contains("--create") && stage.platform.skills().is_empty(),
        "{said}"
    );

    let create = format!("{PUBLISH} --create");
    assert_eq!(stage.json(&create)["publish"]["created"], true);
    assert_eq!(stage.platform.skills()[0]["display_name"], NAME);
    let before = stage.platform.calls().len();
    assert_eq!(stage.json(&create)["publish"]["skipped"], true);
    assert_eq!(
        (
            stage.platform.skills().len(),
            stage.platform.calls().len() - before
        ),
        (1, 3)
    );
}

#[test]
fn a_skill_made_in_a_request_whose_answer_was_lost_is_adopted() {
    for fault in [
        Fault::LostAfter,
        Fault::LostBefore,
        Fault::Reset,
        Fault::Status(529),
        Fault::Malformed,
        Fault::Html,
    ] {
        let stage = Stage::empty(|builder| builder);
        stage.fault(fault, "POST /v1/skills", 1);
        stage.fine(format!("{PUBLISH} --create"));
        let skills = stage.platform.skills();
        assert_eq!(skills.len(), 1, "{fault}: {skills:?}");
        assert_eq!(
            stage
                .platform
                .versions(skills[0]["id"].as_str().unwrap())
                .len(),
            1,
            "{fault}"
        );
    }
}

#[test]
fn publish_uses_the_skill_that_another_run_made_first() {
    let create = format!("{PUBLISH} --create");
    let same = Skill::speaking("new").sealed().zip();
    let stage = Stage::empty(|builder| builder);
    let mut first = String::new();
    let run = stage.meanwhile(&create, "POST /v1/skills", || {
        first = stage.create(NAME, &same);
    });
    assert!(
        run.code == 0 && run.stderr.contains("made here, is deleted"),
        "{run:?}"
    );
    let ids = |stage: &Stage| {
        stage
            .platform
            .skills()
            .iter()
            .map(|skill| skill["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&stage), [first.as_str()]);
    assert_eq!(stage.json(&create)["publish"]["skill_id"], json!(first));

    // With other files, the next run makes a version of it.
    let stage = Stage::empty(|builder| builder);
    let other = Skill::speaking("other").sealed().zip();
    let mut first = String::new();
    let run = stage.meanwhile(&create, "POST /v1/skills", || {
        first = stage.create(NAME, &other);
    });
    assert!(
        run.code == 5 && run.stderr.contains("with other files at the same time"),
        "{run:?}"
    );
    assert_eq!(ids(&stage), [first.as_str()]);
    stage.fine(&create);
    assert_eq!(stage.platform.versions(&first).len(), 2);

    // Where that is not allowed, the warning says what works and what to send.
    let stage = Stage::empty(|builder| builder.deny("DeleteSkill"));
    let mut first = String::new();
    let run = stage.meanwhile(&create, "POST /v1/skills", || {
        first = stage.create(NAME, &same);
    });
    let [ours, theirs] = &ids(&stage)[..] else {
        panic!("{:?}", stage.platform.skills())
    };
    let ours = ours.as_str().unwrap();
    assert_eq!(*theirs, first.as_str());
    assert!(
        run.code == 0
            && run
                .stderr
                .contains(&format!("send `DELETE /v1/skills/{ours}`")),
        "{run:?}"
    );
    assert!(
        run.stderr.contains(&format!("use --skill {first}, ")),
        "{run:?}"
    );
    stage.fine(format!("publish skill.zip --skill {first} --execute"));
}

#[test]
fn a_version_made_in_a_request_whose_answer_was_lost_is_adopted() {
    for fault in [
        Fault::LostAfter,
        Fault::ResetAfter,
        Fault::Truncated,
        Fault::Malformed,
        Fault::Html,
    ] {
        let stage = Stage::new();
        stage.fault(
            fault,
            format!("POST /v1/skills/{}/versions", stage.skill).as_str(),
            1,
        );
        let said = stage.fine(PUBLISH).stderr;
        let sent = stage.count("POST");
        assert_eq!((stage.versions().len(), sent), (2, 1), "{fault}: {said}");
    }
}

#[test]
fn what_was_not_made_is_sent_again_three_times_in_all() {
    let stage = Stage::new();
    stage.fault(Fault::LostBefore, "POST /v1/skills", 2);
    stage.fine(PUBLISH);
    assert_eq!(stage.versions().len(), 2);

    let stage = Stage::new();
    stage.fault(Fault::Status(500), "POST /v1/skills", 9);
    let said = stage.fails(PUBLISH, "overloaded");
    let sent = stage.count("POST");
    assert_eq!((stage.versions().len(), sent), (1, 3), "{said}");
    assert!(
        said.contains("HTTP 500") && said.contains("request id"),
        "{said}"
    );
}

/// Counts the requests that sent the zip.
fn uploads(stage: &Stage) -> usize {
    stage.count("POST /v1/skills")
}

#[test]
fn the_platform_says_when_to_send_again_and_whether() {
    for (stage, args, at) in [
        (Stage::new(), PUBLISH.to_owned(), "POST /v1/skills/"),
        (
            Stage::empty(|builder| builder),
            format!("{PUBLISH} --create"),
            "POST /v1/skills",
        ),
    ] {
        stage.fault(Fault::Final503, at, 1);
        let said = stage.fails(&args, "overloaded");
        assert_eq!(uploads(&stage), 1, "{said}");

        stage.fault(Fault::Seconds503(90), at, 1);
        let started = Instant::now();
        let said = stage.fails(&args, "overloaded");
        assert_eq!(uploads(&stage), 2, "{said}");
        assert!(
            said.contains("hint: wait 90 s, as the platform asks, then run the same command again"),
            "{said}"
        );
        assert!(started.elapsed() < Duration::from_secs(30));

        stage.fault(Fault::Seconds429(61), at, 1);
        let said = stage.fails(&args, "rate_limited");
        assert_eq!(uploads(&stage), 3, "{said}");
        assert!(
            said.contains("hint: wait 61 s, as the platform asks, then run the same command again"),
            "{said}"
        );

        stage.fault(Fault::Seconds503(1), at, 1);
        let started = Instant::now();
        let said = stage.fine(&args).stderr;
        assert_eq!(uploads(&stage), 5, "{said}");
        assert!(
            started.elapsed() >= Duration::from_secs(1) && said.contains("looking in 1 s"),
            "{said}"
        );
    }
}

#[test]
fn a_zip_that_breaks_a_rule_or_is_another_skills_is_never_sent() {
    let stage = Stage::new();
    let mut broken = Skill::speaking("new");
    broken.add(".env", "x");
    stage.write("broken.zip", &broken.sealed().zip());
    stage.write("nothing.zip", b"no zip");
    fs::create_dir(stage.place.path().join("pslc-padel")).unwrap();
    for execute in [" --execute", ""] {
        for (zip, skill, code) in [
            ("broken.zip", NAME, "violations"),
            ("nothing.zip", NAME, "violations"),
            ("absent.zip", NAME, "usage"),
            ("pslc-padel", NAME, "usage"),
            ("skill.zip", "another-skill", "usage"),
        ] {
            stage.fails(format!("publish {zip} --skill {skill}{execute}"), code);
        }
    }
    let shown = stage
        .run(format!("publish broken.zip --skill {NAME} --execute"))
        .stdout;
    assert!(shown.contains(".env: "), "{shown}");
    assert_eq!(stage.platform.calls(), []);
}

#[test]
fn a_skill_of_another_name_is_refused_before_the_upload() {
    let stage = Stage::new();
    let mut other = Skill(Vec::new());
    other.add(
        "SKILL.md",
        "---\nname: court-finder\ndescription: Finds courts.\n---\n",
    );
    other.0[0].path = "court-finder/SKILL.md".to_owned();
    let zip = other.zip();
    let (id, _) = stage.platform.publish("court-finder", &zip);
    let said = stage.fails(
        format!("publish skill.zip --skill {id} --execute"),
        "conflict",
    );
    assert!(
        said.contains("`court-finder`") && stage.calls().iter().all(|call| call.starts_with("GET")),
        "{said}"
    );
}

#[test]
fn publish_finds_a_skill_by_display_name_then_by_name() {
    let stage = Stage::empty(|builder| builder);
    let zip = fs::read(stage.place.path().join("skill.zip")).unwrap();
    let first = stage.create("Padel courts", &zip);
    assert_eq!(stage.json(PUBLISH)["publish"]["skill_id"], json!(first));
    assert_eq!(
        stage.platform.calls().len(),
        1 + 4,
        "skills, a version to look at, newest version, content"
    );

    let second = stage.create("Padel courts, again", &zip);
    let said = stage.fails(PUBLISH, "conflict");
    assert!(said.contains(&first) && said.contains(&second), "{said}");

    let shown = stage.create(NAME, &zip);
    assert_eq!(stage.json(PUBLISH)["publish"]["skill_id"], json!(shown));
}

#[test]
fn results_are_appended_to_the_output_file_or_githubs() {
    let stage = Stage::new();
    let named = stage.write("named", b"before=1\n");
    stage.fine(format!("{PUBLISH} --output-file named"));
    let version = &stage.versions()[0];
    let lines = format!(
        "skill_id={}\nskill_version={version}\nskipped=false\npre_release=false\npinned=false\n",
        stage.skill
    );
    assert_eq!(
        fs::read_to_string(named).unwrap(),
        format!("before=1\n{lines}")
    );

    let github = stage.place.path().join("github");
    crate::platform::run(stage.command(PUBLISH).env("GITHUB_OUTPUT", &github));
    assert_eq!(
        fs::read_to_string(github).unwrap(),
        lines.replace("skipped=false", "skipped=true")
    );

    let open = stage.write("open", b"before=1");
    stage.fine(format!("{PUBLISH} --output-file open"));
    assert_eq!(
        fs::read_to_string(open).unwrap(),
        format!("before=1\n{lines}").replace("skipped=false", "skipped=true")
    );

    // CI tries no version that its agents use already.
    let pinned = |agents: &str| {
        stage.write("pinned", b"");
        stage.fine(format!("{PUBLISH} --agent {agents} --output-file pinned"));
        stage.read("pinned").contains("pinned=true\n")
    };
    let pin = |agent| format!("pin --skill {NAME} --version {version} --agent {agent} --execute");
    stage.fine(pin(AGENT));
    assert!(!pinned(AGENT), "its metadata does not say which zip");
    let release =
        format!("release --skill {NAME} --zip skill.zip --agent {AGENT} --skip-smoke --execute");
    stage.fine(&release);
    assert!(pinned(AGENT) && !pinned(&format!("{AGENT},{OTHER_AGENT}")));

    let before = stage.platform.calls().len();
    stage.fails(format!("{PUBLISH} --output-file no/such/place"), "usage");
    assert_eq!(stage.platform.calls().len(), before);
}
