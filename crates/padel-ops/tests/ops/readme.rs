//! The commands that the README shows, one after the other: as plans, then carried out.

use std::fs;

use padel_ops::error::Code;

use crate::platform::Stage;

#[test]
fn the_commands_of_the_readme_work() {
    let readme =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let commands: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("$ padel-ops "))
        .collect();
    assert!(commands.len() > 3, "{commands:?}");
    let stage = Stage::new();
    for command in commands {
        let mut args: Vec<&str> = command.split_whitespace().collect();
        let sends = args[0] != "status";
        let reads = matches!(args[0], "status" | "rollback" | "prune");
        // This place has a zip, and no source to pack.
        if args[0] == "release" {
            args.extend(["--zip", "skill.zip"]);
        }
        let calls = stage.platform.calls().len();
        stage.fine(&args);
        let sent = &stage.calls()[calls..];
        assert_eq!(sent.is_empty(), !reads, "{command}: {sent:?}");
        assert!(
            sent.iter().all(|call| call.starts_with("GET ")),
            "{command}: {sent:?}"
        );
        if sends {
            args.push("--execute");
            stage.fine(&args);
        }
    }
    assert_eq!(
        stage.pinned(crate::platform::AGENT),
        stage.old,
        "released, and rolled back"
    );
}

#[test]
fn the_readme_says_what_to_do_for_every_code() {
    let readme =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    for code in Code::ALL {
        let row = readme.lines().find(|line| {
            line.starts_with(&format!("| {} | ", code.exit()))
                && line.contains(&format!("`{}`", code.name()))
        });
        assert!(row.is_some(), "{}", code.name());
    }
}
