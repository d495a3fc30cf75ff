//! The Agent Skills specification and what uploads are known to be refused for: `check` and the
//! simulated platform, which share nothing, say the same of each front matter.

use std::fs;

use crate::{
    fixture::{Skill, stdout, tool},
    platform::Stage,
};

/// A case on each line: the directory (`my-skill` where it is left out), the front matter (`+` for
/// a right name and description), and what `check` says of it: nothing where it is fine.
const CASES: &str = r##"
name: my-skill\ndescription: A test skill |
name: my-skill\ndescription: A test skill\nlicense: MIT\nmetadata:\n  author: Test |
name: my-skill\ndescription: A test skill\nallowed-tools: Bash(jq:*) Bash(git:*) |
name: my-skill\ndescription: A test skill\ncompatibility: Requires Python 3.11+ |
name: my-skill\ndescription: >-\n  Two\n  lines: with a colon\nmetadata:\n  a: "1"\n  b: 'on' |
name: 'my-skill'\ndescription: "2026-11-23"\nmetadata:\n  date: "2026-11-23"\n  v: 1.2.3 |
x | name: x\ndescription: 12:30 or later |
# The official validator takes a number as it is written; `check` warns.
+ metadata:\n  version: 1.0 | warning: SKILL.md: front-matter: put `1.0`
-my-skill | name: -my-skill\ndescription: x | name: write hyphens only between
my-skill- | name: my-skill-\ndescription: x | name: write hyphens only between
my--skill | name: my--skill\ndescription: x | name: write hyphens only between
my---skill | name: my---skill\ndescription: x | name: write hyphens only between
- | name: '-'\ndescription: x | name: write hyphens only between
MySkill | name: MySkill\ndescription: x | name: write 1 to 64
my_skill | name: my_skill\ndescription: x | name: write 1 to 64
навык | name: навык\ndescription: x | name: write 1 to 64
wrong | name: right\ndescription: x | top-directory:
123 | name: 123\ndescription: x | name: put `123` of `name` in quotes: YAML reads it as a number
on | name: on\ndescription: x | name: put `on` of `name` in quotes: YAML reads it as a truth value
name: my-skill | description: add `description
name: my-skill\ndescription: '' | description: write 1 to 1024
name: my-skill\ndescription: | description: give `description` a text
name: my-skill\ndescription: 12:30 | description: put `12:30`
name: my-skill\ndescription: [a, b] | description: write `description` as one text
+ unknown_field: y | front-matter: remove `unknown_field`, or put it
+ version: 1.0.0 | front-matter: remove `version`
+ user-invocable: true | front-matter: remove `user-invocable`
+ License: MIT | front-matter: remove `License`
+ yes: y | front-matter: remove `yes`
+ description: y | front-matter: correct the YAML
+ compatibility: '' | front-matter: write `compatibility` in 1 to 500
+ compatibility: 3.12 | front-matter: put `3.12` of `compatibility`
+ compatibility:\n  os: linux | front-matter: write `compatibility` as one
+ license: 2026-11-23 | front-matter: put `2026-11-23` of `license`
+ license: | front-matter: give `license` a text
+ allowed-tools: [Read, Bash] | front-matter: write `allowed-tools` as one
+ allowed-tools:\n- Read | front-matter: write `allowed-tools` as one
+ allowed-tools: 123 | front-matter: put `123` of `allowed-tools`
+ metadata: text | front-matter: write `metadata` as a map
+ metadata: | front-matter: write `metadata` as a map
+ metadata:\n- a: b | front-matter: write `metadata` as a map
+ metadata:\n  tags: [a] | front-matter: write `metadata.tags` as one
+ metadata:\n  a:\n    b: c | front-matter: write `metadata.a` as one
+ metadata:\n  date: 2026-11-23 | front-matter: put `2026-11-23` of `metadata.date`
+ metadata:\n  at: 2026-11-23 09:00:00 | front-matter: put `2026-11-23 09:00:00`
+ metadata:\n  opens: 07:30 | front-matter: put `07:30`
+ metadata:\n  public: yes | front-matter: put `yes` of `metadata.public`
+ metadata:\n  on: push | front-matter: put `on` of `metadata` in quotes
+ metadata:\n  mode: 0755 | front-matter: put `0755`
+ metadata:\n  none: ~ | front-matter: give `metadata.none` a text
+ metadata:\n  big: 1_000 | front-matter: put `1_000`
"##;

fn cases() -> Vec<(String, String, String)> {
    let lines = CASES.lines().filter(|line| line.contains('|'));
    let cases = lines.map(|line| {
        let mut fields: Vec<&str> = line.split('|').map(str::trim).collect();
        if fields.len() == 2 {
            fields.insert(0, "my-skill");
        }
        let text = fields[1].replace("+ ", "name: my-skill\\ndescription: x\\n");
        let text = text.replace("\\n", "\n").replace("\\t", "\t");
        (fields[0].to_owned(), text, fields[2].to_owned())
    });
    cases.collect()
}

#[test]
fn check_and_platform_follow_the_specification() {
    let long = "x".repeat(501);
    let matter = "name: my-skill\ndescription: x\ncompatibility: ";
    let mut cases = cases();
    for (text, says) in [
        (&long[..], "in 1 to 500 characters, not 501"),
        (&long[1..], ""),
    ] {
        cases.push((
            "my-skill".to_owned(),
            format!("{matter}{text}"),
            says.to_owned(),
        ));
    }
    assert_eq!(cases.len(), 53);
    let stage = Stage::empty(|builder| builder);
    let place = tempfile::tempdir().unwrap();
    for (top, text, says) in cases {
        let directory = place.path().join("skills").join(&top);
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
            lines.contains(&says) && (says.is_empty() || !is_fine || lines.starts_with(&says)),
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
    for (says, texts) in [
        (
            "lists in brackets and maps in braces",
            &["+metadata: {a: b}", "{name: my-skill, description: x}"][..],
        ),
        ("tags", &["name: my-skill\ndescription: !!str x"]),
        (
            "tabs outside quotes",
            &[
                "name: my-skill\ndescription: a\tb",
                "name:\tmy-skill\ndescription: x",
                "name: my-skill\t\ndescription: x",
                "name: my-skill\ndescription: x\t# y",
                "name: my-skill\n\t\ndescription: x",
            ],
        ),
        (
            "anchors and aliases",
            &[
                "name: my-skill\ndescription: &a x",
                "name: my-skill\ndescription: &a x\nlicense: *a",
            ],
        ),
    ] {
        for text in texts {
            let text = text.replace('+', "name: my-skill\ndescription: x\n");
            let path = place.path().join("my-skill/SKILL.md");
            fs::write(path, format!("---\n{text}\n---\n")).unwrap();
            let lines = stdout(&tool(place.path(), "check my-skill"));
            let says = format!("SKILL.md: front-matter: write it without {says}");
            assert!(lines.contains(&says), "{text}: {lines}");
        }
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
