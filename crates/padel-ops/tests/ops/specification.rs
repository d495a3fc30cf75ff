//! The Agent Skills specification and what uploads are known to be refused for: `check` and the
//! simulated platform, which share nothing, say the same of each front matter.

use std::fs;

use crate::{
    fixture::{Skill, stdout, tool},
    platform::Stage,
};

/// The directory, the front matter, and what `check` says of it: nothing where it is fine.
const CASES: &[(&str, &str, &str)] = &[
    ("my-skill", "name: my-skill\ndescription: A test skill", ""),
    (
        "my-skill",
        "name: my-skill\ndescription: A test skill\nlicense: MIT\nmetadata:\n  author: Test",
        "",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: A test skill\nallowed-tools: Bash(jq:*) Bash(git:*)",
        "",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: A test skill\ncompatibility: Requires Python 3.11+",
        "",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: >-\n  Two\n  lines: with a colon\nmetadata:\n  a: \"1\"\n  b: 'on'",
        "",
    ),
    (
        "my-skill",
        "name: 'my-skill'\ndescription: \"2026-11-23\"\nmetadata:\n  date: \"2026-11-23\"\n  v: 1.2.3",
        "",
    ),
    ("x", "name: x\ndescription: 12:30 or later", ""),
    // The official validator takes a number as it is written; `check` warns.
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  version: 1.0",
        "warning: SKILL.md: front-matter: put `1.0`",
    ),
    (
        "-my-skill",
        "name: -my-skill\ndescription: x",
        "name: write hyphens only between",
    ),
    (
        "my-skill-",
        "name: my-skill-\ndescription: x",
        "name: write hyphens only between",
    ),
    (
        "my--skill",
        "name: my--skill\ndescription: x",
        "name: write hyphens only between",
    ),
    (
        "my---skill",
        "name: my---skill\ndescription: x",
        "name: write hyphens only between",
    ),
    (
        "-",
        "name: '-'\ndescription: x",
        "name: write hyphens only between",
    ),
    (
        "MySkill",
        "name: MySkill\ndescription: x",
        "name: write 1 to 64",
    ),
    (
        "my_skill",
        "name: my_skill\ndescription: x",
        "name: write 1 to 64",
    ),
    (
        "навык",
        "name: навык\ndescription: x",
        "name: write 1 to 64",
    ),
    ("wrong", "name: right\ndescription: x", "top-directory: "),
    (
        "123",
        "name: 123\ndescription: x",
        "name: put `123` of `name` in quotes: YAML reads it as a number",
    ),
    (
        "on",
        "name: on\ndescription: x",
        "name: put `on` of `name` in quotes: YAML reads it as a truth value",
    ),
    (
        "my-skill",
        "name: my-skill",
        "description: add `description",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: ''",
        "description: write 1 to 1024",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription:",
        "description: give `description` a text",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: 12:30",
        "description: put `12:30`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: [a, b]",
        "description: write `description` as one text",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nunknown_field: y",
        "front-matter: remove `unknown_field`, or put it",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nversion: 1.0.0",
        "front-matter: remove `version`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nuser-invocable: true",
        "front-matter: remove `user-invocable`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nLicense: MIT",
        "front-matter: remove `License`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nyes: y",
        "front-matter: remove `yes`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\ndescription: y",
        "front-matter: correct the YAML",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\ncompatibility: ''",
        "front-matter: write `compatibility` in 1 to 500",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\ncompatibility: 3.12",
        "front-matter: put `3.12` of `compatibility`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\ncompatibility:\n  os: linux",
        "front-matter: write `compatibility` as one",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nlicense: 2026-11-23",
        "front-matter: put `2026-11-23` of `license`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nlicense:",
        "front-matter: give `license` a text",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nallowed-tools: [Read, Bash]",
        "front-matter: write `allowed-tools` as one",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nallowed-tools:\n- Read",
        "front-matter: write `allowed-tools` as one",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nallowed-tools: 123",
        "front-matter: put `123` of `allowed-tools`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata: text",
        "front-matter: write `metadata` as a map",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:",
        "front-matter: write `metadata` as a map",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n- a: b",
        "front-matter: write `metadata` as a map",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  tags: [a]",
        "front-matter: write `metadata.tags` as one",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  a:\n    b: c",
        "front-matter: write `metadata.a` as one",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  date: 2026-11-23",
        "front-matter: put `2026-11-23` of `metadata.date`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  at: 2026-11-23 09:00:00",
        "front-matter: put `2026-11-23 09:00:00`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  opens: 07:30",
        "front-matter: put `07:30`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  public: yes",
        "front-matter: put `yes` of `metadata.public`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  on: push",
        "front-matter: put `on` of `metadata` in quotes",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  mode: 0755",
        "front-matter: put `0755`",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  none: ~",
        "front-matter: give `metadata.none` a text",
    ),
    (
        "my-skill",
        "name: my-skill\ndescription: x\nmetadata:\n  big: 1_000",
        "front-matter: put `1_000`",
    ),
];

#[test]
fn check_and_platform_hold_a_front_matter_against_the_specification() {
    let long = "x".repeat(501);
    let more = [
        (
            "my-skill",
            format!("name: my-skill\ndescription: x\ncompatibility: {long}"),
            "in 1 to 500 characters, not 501",
        ),
        (
            "my-skill",
            format!(
                "name: my-skill\ndescription: x\ncompatibility: {}",
                &long[1..]
            ),
            "",
        ),
    ];
    let cases = CASES
        .iter()
        .map(|(top, text, says)| (*top, (*text).to_owned(), *says))
        .chain(more);
    let stage = Stage::empty(|builder| builder);
    let place = tempfile::tempdir().unwrap();
    for (top, text, says) in cases {
        let directory = place.path().join("skills").join(top);
        fs::create_dir_all(&directory).unwrap();
        let content = format!("---\n{text}\n---\n# A skill\n");
        fs::write(directory.join("SKILL.md"), &content).unwrap();
        let output = tool(place.path(), ["check", &format!("skills/{top}")]);
        let lines = stdout(&output);
        let is_fine = says.is_empty() || says.starts_with("warning: ");
        assert_eq!(
            output.status.code(),
            Some(if is_fine { 0 } else { 3 }),
            "{text}: {lines}"
        );
        assert!(
            lines.contains(says) && (says.is_empty() || !is_fine || lines.starts_with(says)),
            "{text}: {lines}"
        );

        let mut skill = Skill(Vec::new());
        skill.add("SKILL.md", content);
        skill.0[0].path = format!("{top}/SKILL.md");
        assert_eq!(stage.takes(&skill.zip()), is_fine, "{text}");
    }
}

#[test]
fn a_tab_within_quotes_blocks_and_comments_is_text() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("my-skill")).unwrap();
    for description in [
        "\"a\tb\"",
        "'a\t'",
        ">\n  a\t\n  b\tc\n  \td",
        "|\n  \ta",
        "x # y\tz",
        "x\n# y\tz",
        "ü \"\n#\t",
    ] {
        let text = format!("---\nname: my-skill\ndescription: {description}\nlicense: MIT\n---\n");
        fs::write(place.path().join("my-skill/SKILL.md"), &text).unwrap();
        let output = tool(place.path(), "check my-skill");
        assert_eq!(output.status.code(), Some(0), "{text}: {}", stdout(&output));
    }
}

/// The official validator refuses these; nothing says that the platform does.
#[test]
fn yaml_that_the_official_validator_does_not_read_is_refused() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("my-skill")).unwrap();
    for (text, says) in [
        (
            "name: my-skill\ndescription: x\nmetadata: {a: b}",
            "write it without lists in brackets and maps in braces",
        ),
        (
            "{name: my-skill, description: x}",
            "write it without lists in brackets and maps in braces",
        ),
        (
            "name: my-skill\ndescription: !!str x",
            "write it without tags",
        ),
        (
            "name: my-skill\ndescription: a\tb",
            "write it without tabs outside quotes",
        ),
        (
            "name:\tmy-skill\ndescription: x",
            "write it without tabs outside quotes",
        ),
        (
            "name: my-skill\t\ndescription: x",
            "write it without tabs outside quotes",
        ),
        (
            "name: my-skill\ndescription: x\t# y",
            "write it without tabs outside quotes",
        ),
        (
            "name: my-skill\n\t\ndescription: x",
            "write it without tabs outside quotes",
        ),
        (
            "name: my-skill\ndescription: &a x",
            "write it without anchors and aliases",
        ),
        (
            "name: my-skill\ndescription: &a x\nlicense: *a",
            "write it without anchors and aliases",
        ),
    ] {
        fs::write(
            place.path().join("my-skill/SKILL.md"),
            format!("---\n{text}\n---\n"),
        )
        .unwrap();
        let lines = stdout(&tool(place.path(), "check my-skill"));
        assert!(
            lines.contains(&format!("SKILL.md: front-matter: {says}")),
            "{text}: {lines}"
        );
    }
}

#[test]
fn a_skill_of_more_than_200_files_is_refused() {
    for (count, code) in [(200, 0), (201, 3)] {
        let place = tempfile::tempdir().unwrap();
        let mut skill = Skill(Vec::new());
        skill.add("SKILL.md", "---\nname: many\ndescription: x\n---\n");
        (1..count).for_each(|number| skill.add(&format!("references/{number}.md"), "x"));
        skill
            .0
            .iter_mut()
            .for_each(|entry| entry.path = entry.path.replace("pslc-padel/", "many/"));
        fs::write(place.path().join("many.zip"), skill.zip()).unwrap();
        skill.unpack(place.path());
        for path in ["many.zip", "many"] {
            let output = tool(place.path(), format!("check {path}"));
            let said = stdout(&output).contains("(skill): size: pack at most 200 files, not 201");
            assert_eq!(
                (output.status.code(), said),
                (Some(code), code == 3),
                "{path}"
            );
        }
        assert_eq!(
            Stage::empty(|builder| builder).takes(&skill.zip()),
            code == 0
        );
    }
}
