//! The commands that `docs/` shows, one after the other: as plans, then carried out.

use std::{fs, path::Path};

use claude_platform_sim::Model;
use diagnostic::ErrorCode as _;
use padel_ops::error::Code;

use crate::{
    declared::{assert_others_untouched, everything, sort_things, stage_with},
    deployed::answering,
    fixture::source,
    platform::{AGENT, Stage, bare, run},
};

fn read(document: &str) -> String {
    let docs = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs"));
    fs::read_to_string(docs.join(document)).unwrap()
}

fn shown_commands<'a>(document: &'a str, program: &str) -> Vec<Vec<&'a str>> {
    document
        .lines()
        .filter_map(|line| line.strip_prefix("$ ")?.strip_prefix(program))
        .map(|args| args.split_whitespace().collect())
        .collect()
}

#[test]
fn commands_of_the_release_guide_work() {
    let guide = read("releasing.md");
    let commands = shown_commands(&guide, "padel-ops ");
    assert!(commands.len() > 3, "{commands:?}");
    let stage = Stage::new();
    for mut args in commands {
        let sends = args[0] != "status";
        let reads = matches!(args[0], "status" | "rollback" | "prune");
        // This place has a zip, and no source to pack.
        if args[0] == "release" {
            args.extend(["--zip", "skill.zip"]);
        }
        let calls = stage.platform.calls().len();
        stage.fine(&args);
        let sent = &stage.calls()[calls..];
        assert_eq!(sent.is_empty(), !reads, "{args:?}: {sent:?}");
        assert!(
            sent.iter().all(|call| call.starts_with("GET ")),
            "{args:?}: {sent:?}"
        );
        if sends {
            args.push("--execute");
            stage.fine(&args);
        }
    }
    assert_eq!(stage.pinned(AGENT), stage.old, "released, and rolled back");
}

/// The words of a command line, with double quotes as a shell takes them.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in line.split('"').enumerate() {
        if place % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn commands_of_the_operating_guide_work() {
    let guide = read("operating.md");
    let commands = guide
        .lines()
        .filter_map(|line| line.strip_prefix("$ padel-ops "));
    let stage = stage_with(&everything("file"), |builder| {
        // Answers questions, and also runs what a trial asks for.
        builder.model(Model::Gullible)
    });
    fs::create_dir(stage.place.path().join("dist")).unwrap();
    let zip = answering("first").sealed().zip();
    stage.write("dist/pslc-padel.zip", &zip);
    stage.write(
        "questions.txt",
        b"Is a court free on Saturday?\nDo I play on Sunday?\n",
    );
    let mut seen = Vec::new();
    for line in commands {
        let line = line.replace("skver_01New", &stage.old);
        let tick = stage.platform.sessions().into_iter().last();
        let session = tick.map_or(String::new(), |tick| {
            tick["id"].as_str().unwrap().to_owned()
        });
        let mut args = shell_words(&line.replace("sesn_01Padel", &session));
        let step = args[0].clone();
        // This place has a zip, and no source to pack.
        if step == "release" {
            args.extend(["--zip", "skill.zip"].map(str::to_owned));
        }
        let before = stage.calls().len();
        let said = stage.fine(&args).stdout;
        assert!(!said.is_empty(), "{line}");
        if !["ask", "tick", "status", "logs"].contains(&step.as_str()) {
            stage.only_reads_after(before);
            args.push("--execute".to_owned());
            stage.fine(&args);
        }
        seen.push(step);
    }
    for step in [
        "up", "ask", "status", "rotate", "release", "rollback", "tick", "logs", "down",
    ] {
        assert!(
            seen.iter().any(|known| known == step),
            "{step} is not shown"
        );
    }
    let (ours, theirs) = sort_things(&stage);
    assert!(ours.agents.is_empty() && ours.files.is_empty(), "{ours:?}");
    assert_others_untouched(&theirs);
}

#[test]
fn commands_of_the_skill_guide_work() {
    let guide = read("skill.md");
    let commands = shown_commands(&guide, "cargo run --package padel-ops -- ");
    assert!(commands.len() > 1, "{commands:?}");
    let place = tempfile::tempdir().unwrap();
    source(place.path());
    for (from, to) in [("skill", "skill/pslc-padel"), ("bin", "target/skill-bin")] {
        let moved = place.path().join("moved");
        fs::rename(place.path().join(from), &moved).unwrap();
        let to = place.path().join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(moved, to).unwrap();
    }
    for args in commands {
        let done = run(&mut bare(place.path(), &args));
        assert_eq!(done.code, 0, "{args:?}: {done:?}");
    }
}

#[test]
fn every_code_has_its_row_in_the_docs() {
    let document = read("exit-codes.md");
    let (_, table) = document.split_once("\n## padel-ops\n").unwrap();
    for code in Code::ALL {
        let row = table.lines().find(|line| {
            line.starts_with(&format!("| {} | ", code.exit()))
                && line.contains(&format!("`{}`", code.name()))
        });
        assert!(row.is_some(), "{}", code.name());
    }
}
