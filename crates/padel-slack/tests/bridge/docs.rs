//! Commands and lists of the guide against what the program does.

use std::{fs, path::Path, process::Command};

use diagnostic::ErrorCode as _;
use padel_slack::machine::error::Code;

fn read(document: &str) -> String {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    fs::read_to_string(root.join(document)).unwrap()
}

#[test]
fn commands_of_the_guide_are_understood() {
    let guide = read("deploy/slack/README.md");
    let place = tempfile::tempdir().unwrap();
    let commands: Vec<Vec<&str>> = guide
        .lines()
        .filter_map(|line| line.trim().strip_prefix("$ padel-slack "))
        .map(|args| args.split_whitespace().collect())
        .collect();
    assert!(commands.len() >= 6, "{commands:?}");
    for args in commands {
        let output = Command::new(env!("CARGO_BIN_EXE_padel-slack"))
            .args(&args)
            .env_clear()
            .current_dir(place.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        // The files that the others name are the reader's.
        let is_fine = match args[0] {
            "manifest" => output.status.success(),
            "watch" => stderr.contains("`deploy/agent.toml` cannot be read"),
            _ => stderr.contains("`bridge.env` cannot be read"),
        };
        assert!(is_fine, "{args:?}: {stderr}");
    }
}

#[test]
fn every_setting_is_in_the_guide() {
    let guide = read("deploy/slack/README.md");
    let files = ["settings.rs", "machine/settings.rs"];
    let source = files.map(|file| read(&format!("crates/padel-slack/src/{file}")));
    let source = source.concat();
    let mut count = 0;
    for word in source.split('"').skip(1).step_by(2) {
        let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
        let is_setting = word.starts_with("SLACK_") || word.starts_with("PADEL_");
        if is_setting && word.chars().all(is_name) && word != "SLACK_API_URL" {
            assert!(guide.contains(&format!("`{word}`")), "{word}");
            count += 1;
        }
    }
    assert!(count > 15, "{count}");
}

#[test]
fn every_code_has_its_row_in_the_docs() {
    let document = read("docs/exit-codes.md");
    let (_, table) = document.split_once("\n## padel-slack\n").unwrap();
    for code in Code::ALL {
        let row = table.lines().find(|line| {
            line.starts_with(&format!("| {} | ", code.exit()))
                && line.contains(&format!("`{}`", code.name()))
        });
        assert!(row.is_some(), "{}", code.name());
    }
}
