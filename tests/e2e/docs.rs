//! README.md, `docs/`, CONTRIBUTING.md and SECURITY.md: each command works, each link leads
//! somewhere, each file and test that they name exists.

#![cfg(unix)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use diagnostic::ErrorCode as _;
use padel::error::Code;

use crate::{
    harness::{CONFIG, Member, binary, club, member},
    launcher::Skill,
    surface::works_in_a_shell,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The paths of all documents that people read.
fn documents() -> Vec<PathBuf> {
    let guides = fs::read_dir(root().join("docs")).expect("docs/");
    let mut paths: Vec<PathBuf> = guides
        .map(|entry| Path::new("docs").join(entry.expect("an entry").file_name()))
        .collect();
    paths.extend(
        [
            "README.md",
            "CONTRIBUTING.md",
            "SECURITY.md",
            "CHANGELOG.md",
            "deploy/aws/README.md",
            "deploy/github/README.md",
            "deploy/slack/README.md",
            "crates/aws-sim/README.md",
            "crates/claude-platform-sim/README.md",
            "crates/gladstone-sim/README.md",
            "crates/slack-sim/README.md",
        ]
        .map(PathBuf::from),
    );
    paths
}

/// The commands that a document shows at a prompt, without the remarks behind them.
pub(crate) fn shown_commands(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        // A block may stand in a list.
        .filter_map(|line| line.trim_start().strip_prefix("$ "))
        .map(|line| line.split("  #").next().unwrap_or(line).trim())
}

/// Who runs the commands of a program that a document shows, where `commands_in_the_docs_work` does
/// not: a test of this name, or a script of `.ci/run`. `*` stands for every program that no other line names.
const RUN_BY: [(&str, &str, &str); 15] = [
    ("README.md", "padel-ops", "scripts/demo-agent"),
    ("crates/aws-sim/README.md", "*", "scripts/conformance-aws"),
    (
        "crates/claude-platform-sim/README.md",
        "*",
        "scripts/check-simulators",
    ),
    (
        "crates/gladstone-sim/README.md",
        "*",
        "scripts/check-simulators",
    ),
    (
        "crates/slack-sim/README.md",
        "*",
        "scripts/check-simulators",
    ),
    ("deploy/aws/README.md", "aws", "scripts/conformance-aws"),
    ("deploy/github/README.md", "*", "scripts/rehearse-workflow"),
    ("deploy/github/README.md", "aws", "scripts/conformance-aws"),
    (
        "deploy/slack/README.md",
        "padel-slack",
        "the_guide_leads_to_an_answer",
    ),
    ("docs/install.md", "cargo", "scripts/conformance-binstall"),
    ("docs/install.md", "gh", "scripts/rehearse-workflow"),
    ("docs/install.md", "*", "commands_of_the_install_guide_work"),
    (
        "docs/operating.md",
        "padel-ops",
        "commands_of_the_operating_guide_work",
    ),
    (
        "docs/releasing.md",
        "padel-ops",
        "commands_of_the_release_guide_work",
    ),
    ("docs/skill.md", "cargo", "commands_of_the_skill_guide_work"),
];

/// Whether a program of this name is in the repository.
fn is_program(path: &str) -> bool {
    let about = root().join(path).metadata();
    about.is_ok_and(|about| {
        let mode = std::os::unix::fs::PermissionsExt::mode(&about.permissions());
        about.is_file() && mode & 0o111 != 0
    })
}

#[test]
fn commands_in_the_docs_work() {
    let (club, skill) = (club().start(), Skill::new("644"));
    let mut used = BTreeSet::new();
    let mut count = 0;
    for document in documents() {
        let text = read(&document);
        let name = document.to_str().expect("a plain path");
        for command in shown_commands(&text) {
            let (program, args) = command.split_once(' ').unwrap_or((command, ""));
            let run_by = |wanted: &str| {
                RUN_BY
                    .iter()
                    .find(|(place, program, _)| *place == name && *program == wanted)
            };
            match (run_by(program).or_else(|| run_by("*")), program) {
                (Some(line), _) => {
                    used.insert(line);
                }
                (None, "padel") => works_in_a_shell(command, &club),
                // As `pack` leaves it.
                (None, "sh") => {
                    let packed = skill.root.display().to_string();
                    let line = format!("sh {}", args.replace("dist/pslc-padel", &packed));
                    member(&club).shell(&line).assert_quiet_success();
                }
                (None, "cargo") => assert_shown_elsewhere(name, args),
                (None, "export" | "install") => {
                    Member::new().shell(command).assert_quiet_success();
                }
                (None, script) => assert!(is_program(script), "{name}: nobody runs {command}"),
            }
            count += 1;
        }
    }
    assert!(count > 60, "{count}");
    assert_eq!(used.len(), RUN_BY.len(), "{used:?}");
}

/// A guide may begin with the steps of another: `cargo run --package padel-ops -- STEP` is shown
/// there, as that or as `padel-ops STEP`, and what is built is of this workspace.
#[track_caller]
fn assert_shown_elsewhere(document: &str, args: &str) {
    let Some(step) = args.strip_prefix("run --package padel-ops -- ") else {
        let package = args.strip_prefix("build --release --package ");
        let crates = package.map(|package| root().join("crates").join(package));
        assert!(
            crates.is_some_and(|path| path.exists()),
            "{document}: {args}"
        );
        return;
    };
    // A plan there is carried out here.
    let step = step.trim_end_matches(" --execute");
    let guides = ["docs/skill.md", "docs/operating.md"].map(read).concat();
    let is_shown = shown_commands(&guides).any(|line| {
        line.strip_prefix("padel-ops ") == Some(step) || line.ends_with(&format!("-- {step}"))
    });
    assert!(is_shown, "{document}: {args}");
}

#[test]
fn who_runs_a_documents_commands_exists() {
    let (tests, ci) = (sources(), read(".ci/run"));
    for (document, program, by) in RUN_BY {
        let exists = if by.contains('/') {
            is_program(by) && ci.lines().any(|line| line.contains(by))
        } else {
            tests.contains(&format!("fn {by}("))
        };
        assert!(exists, "{document}, {program}: {by} is not run");
    }
}

/// The blocks of a document that are written in one of these languages.
fn blocks<'a>(text: &'a str, languages: &[&str]) -> Vec<&'a str> {
    let blocks = text.split("```").skip(1).step_by(2);
    blocks
        .filter_map(|block| block.split_once('\n'))
        .filter(|(language, _)| languages.contains(language))
        .map(|(_, block)| block)
        .collect()
}

#[test]
fn settings_in_the_docs_are_understood() {
    let club = club().start();
    let mut count = 0;
    // Those of `agent.toml` stand in `deploy/`, and are padel-ops's to read.
    let guides = documents()
        .into_iter()
        .filter(|path| path.starts_with("docs"));
    for document in guides {
        for block in blocks(&read(&document), &["toml"]) {
            let settings = block.replace("\"brunelsport\"", &format!("\"{}\"", club.url()));
            let member = Member::of(&club)
                .env("SLACK_WEBHOOK", "https://hooks.example.org/x")
                .file(CONFIG, &settings);
            let outcome = member.run("watch --list").case(document.display());
            outcome.assert_success();
            for name in block
                .lines()
                .filter_map(|line| line.strip_prefix("name = \""))
            {
                let is_wish = block.contains("[[watch]]");
                let name = name.split('"').next().expect("a name");
                assert!(!is_wish || outcome.stdout.contains(name), "{outcome:?}");
            }
            count += 1;
        }
    }
    assert!(count > 1, "{count}");
    // `watch --list` asks no club, which is no fault here.
    club.never_called();
}

#[test]
fn timers_in_the_docs_run() {
    let club = club().start();
    let mut count = 0;
    for document in documents() {
        let text = read(&document);
        for line in blocks(&text, &["sh", "ini", "text", "yaml"])
            .into_iter()
            .flat_map(str::lines)
        {
            let Some((_, options)) = line.split_once("padel watch ") else {
                continue;
            };
            // A loop would not end.
            let once = if line.contains("--once") {
                ""
            } else {
                "--once "
            };
            let member = Member::of(&club)
                .env("PADEL", binary().to_str().expect("a plain path"))
                .file("watch.toml", "[[watch]]\nweekday = [\"sat\"]\n")
                .file(CONFIG, "[[watch]]\nweekday = [\"sun\"]\n");
            let command = format!("\"$PADEL\" watch {once}{options}");
            member.shell(&command).assert_quiet_success();
            count += 1;
        }
    }
    assert!(count > 3, "{count}");
}

/// A heading's anchor, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let mut text = heading.trim_start_matches('#').trim().to_lowercase();
    text.retain(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    text.replace(' ', "-")
}

#[test]
fn links_in_the_docs_lead_somewhere() {
    let mut count = 0;
    for document in documents() {
        // A link's text may be broken over two lines, its target is not.
        for part in read(&document).split("](").skip(1) {
            let (target, _) = part.split_once(')').expect("the end of a link");
            if target.contains("://") {
                continue;
            }
            let (path, wanted) = target.split_once('#').unwrap_or((target, ""));
            let file = match path {
                "" => document.clone(),
                path => document.parent().expect("a directory").join(path),
            };
            let text = read(&file);
            let is_there = wanted.is_empty()
                || text
                    .lines()
                    .any(|line| line.starts_with('#') && anchor(line) == wanted);
            assert!(is_there, "{}: {target}", document.display());
            count += 1;
        }
    }
    assert!(count > 15, "{count}");
}

#[test]
fn every_code_has_its_row_in_the_docs() {
    let text = read("docs/exit-codes.md");
    let (_, table) = text.split_once("\n## padel\n").expect("padel's table");
    let (table, _) = table.split_once("\n## ").expect("the next section");
    for code in Code::ALL {
        let row = table.lines().find(|line| {
            line.starts_with(&format!("| {} | ", code.exit()))
                && line.contains(&format!("`{}`", code.name()))
        });
        assert!(row.is_some(), "{}", code.name());
    }
}

/// The rows of the table in a section of CONTRIBUTING.md, cell by cell.
fn rows(contributing: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, section) = contributing.split_once(heading).expect("the section");
    let (section, _) = section.split_once("\n## ").expect("the next section");
    let rows = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    // The first row is the head.
    rows.skip(1)
        .map(|row| row.split(" | ").map(str::to_owned).collect())
        .collect()
}

/// Adds the paths of all files and directories below a place, the latter with a slash at their end.
fn list(place: &Path, paths: &mut String) {
    let Ok(entries) = fs::read_dir(place) else {
        return;
    };
    for entry in entries.flatten() {
        let slash = if entry.path().is_dir() { "/" } else { "" };
        paths.push_str(&format!("{}{slash}\n", entry.path().display()));
        list(&entry.path(), paths);
    }
}

fn ticked(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_map_of_the_source_is_that_of_the_tree() {
    let contributing = read("CONTRIBUTING.md");
    let mut named = Vec::new();
    for row in rows(&contributing, "## The map") {
        let places = ticked(&row[0]);
        for place in &places {
            assert!(root().join(place).exists(), "there is no {place}");
        }
        let mut below = String::new();
        for place in &places {
            list(&root().join(place), &mut below);
        }
        for file in ticked(&row[1]) {
            // What begins with a slash is a path in an address.
            let is_path = !file.starts_with('/') && (file.ends_with('/') || file.contains('.'));
            let is_there = below.contains(&format!("/{file}"));
            assert!(is_there || !is_path, "there is no {file} in {places:?}");
        }
        named.extend(
            places
                .iter()
                .map(|place| place.trim_end_matches('/').to_owned()),
        );
    }
    for dir in ["src", "crates"] {
        for entry in fs::read_dir(root().join(dir))
            .expect("a directory")
            .flatten()
        {
            let place = format!("{dir}/{}", entry.file_name().display());
            assert!(named.contains(&place), "{place} is not on the map");
        }
    }
}

#[test]
fn a_change_belongs_into_at_most_four_files_that_exist() {
    let contributing = read("CONTRIBUTING.md");
    let changes = rows(&contributing, "## Where a change belongs");
    assert!(changes.len() > 8, "{changes:?}");
    for change in changes {
        let mut count = 0;
        for name in ticked(&change[1]) {
            count += 1;
            let is_there = root().join(name).exists() || !name.contains('/') || name.contains(' ');
            assert!(is_there, "{}: there is no {name}", change[0]);
        }
        assert!((1..=4).contains(&count), "{change:?}");
    }
}

/// All of the project's Rust.
fn sources() -> String {
    fn add(dir: &Path, all: &mut String) {
        for entry in fs::read_dir(dir).expect("a directory").flatten() {
            let path = entry.path();
            if path.is_dir() {
                add(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&fs::read_to_string(&path).expect("text"));
            }
        }
    }
    let mut all = String::new();
    for dir in ["src", "tests", "crates"] {
        add(&root().join(dir), &mut all);
    }
    all
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let all = sources();
    let security = read("SECURITY.md");
    let threats: Vec<&str> = security
        .lines()
        .filter(|line| line.starts_with("| **"))
        .collect();
    assert!(threats.len() > 8, "{threats:?}");
    for threat in threats {
        let cell = threat
            .trim_end_matches(" |")
            .rsplit(" | ")
            .next()
            .expect("a cell");
        let named: Vec<&str> = cell
            .split(", ")
            .map(|name| name.trim_matches('`'))
            .collect();
        assert!(named.len() > 2, "{cell}");
        for name in named {
            assert!(
                all.contains(&format!("fn {name}(")),
                "there is no test `{name}`"
            );
        }
    }
}
