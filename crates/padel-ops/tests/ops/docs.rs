//! The commands that `docs/` shows, one after the other: as plans, then carried out.

use std::{fs, path::Path};

use diagnostic::ErrorCode as _;
use padel_ops::error::Code;

use crate::{
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
