//! The whole command line as one golden file, and the table of exit codes.

use padel::error::Code;

use crate::harness::{Member, binary};

const COMMANDS: [&[&str]; 12] = [
    &[],
    &["availability"],
    &["bookings"],
    &["login"],
    &["logout"],
    &["setup"],
    &["activities"],
    &["portal"],
    &["portal", "learn"],
    &["doctor"],
    &["completions"],
    &["man"],
];

#[test]
fn every_help_is_as_committed() {
    let member = Member::new().env("COLUMNS", "100");
    let mut surface = String::new();
    for command in COMMANDS {
        let outcome = member.run(&[command, &["--help"]].concat());
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
        assert_eq!(
            outcome.stdout,
            member.run(&[command, &["-h"]].concat()).stdout,
            "-h is --help"
        );
        assert!(
            outcome.stdout.lines().count() <= 50,
            "{command:?} fits a screen"
        );
        surface.push_str(&format!(
            "$ padel {}\n{}\n",
            [command, &["--help"]].concat().join(" "),
            outcome.stdout
        ));
    }
    insta::assert_snapshot!("surface", surface);
}

/// Runs a line as a shell would, with `padel` on the path and the simulated club in place of a real
/// one.
fn works_in_a_shell(line: &str, club: &gladstone_sim::Club) {
    let member =
        crate::harness::member(club).env("PADEL", binary().to_str().expect("a plain path"));
    let member = member.file("club.har", &club.har(crate::harness::EMAIL).to_string());
    let line = line
        .replace("--club brunelsport", &format!("--club {}", club.url()))
        .replace("Armley", "UB");
    let output = member.shell(&format!("padel() {{ \"$PADEL\" \"$@\"; }}\n{line}"));
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{line}");
    assert!(!output.stdout.is_empty(), "{line}");
}

#[test]
fn help_leads_with_examples_that_work() {
    let club = crate::harness::club().start();
    for command in COMMANDS {
        let help = Member::new().run(&[command, &["--help"]].concat()).stdout;
        let (start, _) = help.split_once("Usage:").expect("a usage line");
        for line in start.lines().filter(|line| line.starts_with("  padel ")) {
            // What follows two spaces is a remark.
            works_in_a_shell(line.trim().split("  ").next().expect("a command"), &club);
        }
    }
}

#[test]
fn the_commands_of_the_readme_work() {
    let club = crate::harness::club().start();
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"))
        .expect("README.md");
    let commands: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("$ "))
        .collect();
    let commands: Vec<&str> = commands
        .into_iter()
        .filter(|line| line.starts_with("padel "))
        .collect();
    assert!(commands.len() > 12, "{commands:?}");
    for command in commands {
        works_in_a_shell(command, &club);
    }
}

#[test]
fn the_version_is_the_crates() {
    assert_eq!(
        Member::new().run(&["--version"]).stdout,
        concat!("padel ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn completions_and_manual_are_generated() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let outcome = Member::new().run(&["completions", shell]);
        assert!(
            outcome.code == 0 && outcome.stdout.contains("availability"),
            "{shell}"
        );
    }
    let man = Member::new().run(&["man"]).stdout;
    for word in [
        ".TH padel 1",
        "availability",
        "\\-\\-duration",
        "Exit codes",
        "brunelsport",
    ] {
        assert!(man.contains(word), "{word}");
    }
}

/// The exit codes as the contract has them; the other tests reach each of them.
#[test]
fn every_code_has_its_exit_and_the_help_names_it() {
    let table = [
        ("internal", 1),
        ("usage", 2),
        ("not_found", 3),
        ("login_rejected", 4),
        ("login_required", 4),
        ("account_locked", 4),
        ("portal_refused", 5),
        ("portal_changed", 5),
        ("profile_unverified", 5),
        ("network", 6),
        ("timeout", 6),
        ("rate_limited", 7),
        ("credentials_not_found", 8),
        ("credentials_unreadable", 8),
        ("config_invalid", 8),
        ("club_missing", 8),
        ("interrupted", 130),
    ];
    assert_eq!(Code::ALL.map(|code| (code.name(), code.exit())), table);
    let help = Member::new().run(&["--help"]).stdout;
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"))
        .expect("README.md");
    for (code, exit) in table {
        assert!(help.contains(&format!(" {exit}  ")), "--help has {exit}");
        assert!(
            readme.contains(&format!("`{code}`")),
            "README.md has {code}"
        );
    }
    assert!(binary().exists());
}

#[test]
fn the_map_of_the_source_is_that_of_the_tree() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let contributing =
        std::fs::read_to_string(root.join("CONTRIBUTING.md")).expect("CONTRIBUTING.md");
    let map: Vec<&str> = contributing
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let ticked = |cell: &str| {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut named = Vec::new();
    for row in map {
        let (places, what) = row[2..].split_once(" | ").expect("two cells");
        let places = ticked(places);
        for place in &places {
            assert!(root.join(place).exists(), "there is no {place}");
        }
        // A crate's files are below its `src`.
        let is_there = |file: &str| {
            let mut dirs = places
                .iter()
                .flat_map(|place| [root.join(place), root.join(place).join("src")]);
            dirs.any(|dir| dir.join(file).exists())
        };
        for file in ticked(what)
            .iter()
            .filter(|name| name.ends_with('/') || name.ends_with(".rs"))
        {
            assert!(is_there(file), "there is no {file} in {places:?}");
        }
        named.extend(
            places
                .into_iter()
                .map(|place| place.trim_end_matches('/').to_owned()),
        );
    }
    for dir in ["src", "crates"] {
        for entry in std::fs::read_dir(root.join(dir))
            .expect("a directory")
            .flatten()
        {
            let place = format!("{dir}/{}", entry.file_name().display());
            assert!(named.contains(&place), "{place} is not on the map");
        }
    }
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    fn sources(dir: &std::path::Path, all: &mut String) {
        for entry in std::fs::read_dir(dir).expect("a directory").flatten() {
            if entry.path().is_dir() {
                sources(&entry.path(), all);
            } else if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "rs")
            {
                all.push_str(&std::fs::read_to_string(entry.path()).expect("text"));
            }
        }
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::new();
    ["src", "tests", "crates"]
        .iter()
        .for_each(|dir| sources(&root.join(dir), &mut all));
    let security = std::fs::read_to_string(root.join("SECURITY.md")).expect("SECURITY.md");
    let threats: Vec<&str> = security
        .lines()
        .filter(|line| line.starts_with("| **"))
        .collect();
    assert_eq!(threats.len(), 8);
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
