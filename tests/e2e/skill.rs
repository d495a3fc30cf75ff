//! The skill's words to a model: each command works through the launcher, each code is explained,
//! the layout is accepted.

#![cfg(unix)]

use std::path::Path;

use diagnostic::ErrorCode as _;
use padel::error::Code;

use crate::{
    harness::{club, member},
    launcher::Skill,
};

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("skill/pslc-padel")
        .join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// SKILL.md and what is below references/, which must not have directories.
fn documents() -> Vec<(String, String)> {
    let below = Path::new(env!("CARGO_MANIFEST_DIR")).join("skill/pslc-padel/references");
    let entries = std::fs::read_dir(below).expect("references/");
    let names = entries.map(|entry| {
        format!(
            "references/{}",
            entry.expect("an entry").file_name().display()
        )
    });
    let mut documents: Vec<_> = names
        .chain(["SKILL.md".to_owned()])
        .map(|name| (name.clone(), read(&name)))
        .collect();
    documents.sort();
    documents
}

/// The whole commands of a document: lines of their own, and those between backticks.
fn commands(text: &str) -> Vec<&str> {
    let inline = text
        .lines()
        .flat_map(|line| line.split('`').skip(1).step_by(2));
    let mut commands: Vec<&str> = text
        .lines()
        .chain(inline)
        .filter(|part| part.starts_with("sh scripts/padel "))
        .collect();
    // `sh scripts/padel …` stands for any command.
    commands.retain(|command| !command.contains('…'));
    commands.sort_unstable();
    commands.dedup();
    commands
}

#[test]
fn every_command_works_through_the_launcher() {
    let (skill, club) = (Skill::new("644"), club().start());
    let mut count = 0;
    for (name, text) in documents() {
        for command in commands(&text) {
            // A new member for each: nothing is left from the command before.
            let member = member(&club).env("SKILL", skill.root.to_str().expect("a plain path"));
            let outcome = member
                .shell(&format!("cd \"$SKILL\" && {command}"))
                .case(format!("{name}: {command}"));
            outcome.assert_quiet_success();
            assert!(!outcome.stdout.is_empty(), "{name}: {command}");
            assert!(
                !command.contains('$'),
                "{command}: shells keep no variables"
            );
            count += 1;
        }
    }
    assert!(count >= 18, "{count}");
}

#[test]
fn the_commonest_questions_have_a_command() {
    let text = read("SKILL.md");
    let (_, questions) = text
        .split_once("## The commonest questions")
        .expect("the section");
    let (questions, _) = questions.split_once("\n## ").expect("the next section");
    let rows = questions.lines().filter(|line| line.starts_with("| "));
    let asked = rows.filter(|row| {
        let question = row.trim_start_matches("| ").split(['(', '|']).next();
        question.is_some_and(|question| question.trim().ends_with('?'))
    });
    assert!(asked.count() >= 20);
    assert!(commands(questions).len() >= 10);
    for command in commands(questions) {
        assert!(
            command.ends_with("--format markdown"),
            "{command} is for a chat"
        );
    }
}

#[test]
fn every_code_has_its_exit_and_a_next_step() {
    let text = read("SKILL.md");
    for code in Code::ALL {
        let start = format!("| {} | `{}` | ", code.exit(), code.name());
        let step = text.lines().find_map(|line| line.strip_prefix(&start));
        assert!(step.is_some_and(|step| step.len() > 20), "{start}");
    }
    let (_, table) = text.split_once("## When it fails").expect("the section");
    let rows = table
        .lines()
        .filter(|line| line.starts_with("| ") && line.ends_with(" |"))
        .count();
    assert_eq!(
        rows,
        Code::ALL.len() + 2,
        "a head, success, and each code once"
    );
}

#[test]
fn the_front_matter_is_what_the_platform_accepts() {
    let text = read("SKILL.md");
    assert!(text.lines().count() < 200);
    let body = text
        .strip_prefix("---\n")
        .expect("an opening fence without a byte-order mark");
    let (matter, _) = body.split_once("\n---\n").expect("a closing fence");
    let version = concat!("metadata:\n  version: \"", env!("CARGO_PKG_VERSION"), "\"");
    let [name, description, rest] = matter.splitn(3, '\n').collect::<Vec<_>>()[..] else {
        panic!("{matter}")
    };
    assert_eq!((name, rest), ("name: pslc-padel", version));
    let quoted = description
        .strip_prefix("description: \"")
        .and_then(|text| text.strip_suffix('"'));
    let description = quoted.expect("a quoted description");
    assert!(
        (200..=1024).contains(&description.chars().count()),
        "{}",
        description.chars().count()
    );
    assert!(
        !description.contains(['<', '>', '"', '\\']),
        "{description}"
    );
    for word in ["anthropic", "claude"] {
        assert!(!description.to_lowercase().contains(word), "{word}");
    }
}

#[test]
fn references_are_one_level_deep_and_each_is_mentioned() {
    let text = read("SKILL.md");
    for (name, reference) in documents() {
        assert!(
            name == "SKILL.md" || text.contains(&format!("`{name}`")),
            "{name} is mentioned"
        );
        assert!(
            name == "SKILL.md" || !reference.contains("references/"),
            "{name} leads no further"
        );
        for mention in reference
            .split('`')
            .filter(|part| part.starts_with("references/"))
        {
            read(mention);
        }
    }
}

#[test]
fn the_skill_holds_no_secret() {
    let settings = read("config.toml");
    for line in settings
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (key, _) = line.split_once(" = ").expect("a setting");
        assert!(
            ["club", "timezone", "sport", "sites", "activities"].contains(&key),
            "{line}"
        );
    }
}

#[test]
fn the_licences_are_those_of_what_is_shipped() {
    let mut check = std::process::Command::new("scripts/licences");
    let output = check
        .arg("--check")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("python3");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
