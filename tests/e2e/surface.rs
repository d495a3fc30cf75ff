//! The whole command line as one golden file, and the table of exit codes.

use diagnostic::ErrorCode as _;
use padel::error::Code;

use crate::harness::{Member, binary};

const COMMANDS: [&str; 14] = [
    "",
    "availability ",
    "watch ",
    "bookings ",
    "link ",
    "login ",
    "logout ",
    "setup ",
    "activities ",
    "portal ",
    "portal learn ",
    "doctor ",
    "completions ",
    "man ",
];

#[test]
fn every_help_is_as_committed() {
    let member = Member::new().env("COLUMNS", "100");
    let mut surface = String::new();
    for command in COMMANDS {
        let help = member.run(format!("{command}--help"));
        help.assert_quiet_success();
        let short = member.run(format!("{command}-h"));
        assert_eq!(help.stdout, short.stdout, "-h is --help");
        let lines = help.stdout.lines().count();
        assert!(lines <= 50, "{command} fits a screen: {lines}");
        surface += &format!("$ padel {command}--help\n{}\n", help.stdout);
    }
    insta::assert_snapshot!("surface", surface);
}

/// Runs a line as a shell would, with `padel` on the path and the simulated club in place of a real
/// one.
pub(crate) fn works_in_a_shell(line: &str, club: &gladstone_sim::Club) {
    let member =
        crate::harness::member(club).env("PADEL", binary().to_str().expect("a plain path"));
    let member = member.file("club.har", &club.har(crate::harness::EMAIL).to_string());
    let line = line
        .replace("--club brunelsport", &format!("--club {}", club.url()))
        .replace("Armley", "UB");
    let output = member.shell(&format!("padel() {{ \"$PADEL\" \"$@\"; }}\n{line}"));
    output.assert_quiet_success();
    assert!(!output.stdout.is_empty(), "{line}");
}

#[test]
fn help_leads_with_examples_that_work() {
    let club = crate::harness::club().start();
    for command in COMMANDS {
        let help = Member::new().run(format!("{command}--help")).stdout;
        let (start, _) = help.split_once("Usage:").expect("a usage line");
        for line in start.lines().filter(|line| line.starts_with("  padel ")) {
            // What follows two spaces is a remark.
            works_in_a_shell(line.trim().split("  ").next().expect("a command"), &club);
        }
    }
}

#[test]
fn the_version_is_the_crates() {
    assert_eq!(
        Member::new().run(["--version"]).stdout,
        concat!("padel ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn completions_and_manual_are_generated() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        Member::new()
            .run(["completions", shell])
            .assert_success()
            .assert_stdout_has("availability");
    }
    // The other two offer no values at all.
    for shell in ["bash", "zsh", "fish"] {
        let script = Member::new().run(["completions", shell]);
        script.assert_stdout_has("last-sat");
        script.assert_stdout_has("markdown");
    }
    let bash = Member::new().run("completions bash").stdout;
    assert!(
        bash.contains("compgen -W \"mon tue wed thu fri sat sun sat,sun\"")
            && bash.contains("compgen -W \"table json markdown text html ics\""),
        "{bash}"
    );
    let man = Member::new().run(["man"]).stdout;
    for word in [
        ".TH padel 1",
        "availability",
        "\\-\\-duration",
        "brunelsport",
        "config.toml",
        "HTTPS_PROXY",
    ] {
        assert!(man.contains(word), "{word}");
    }
    let sections = man.lines().filter_map(|line| line.strip_prefix(".SH "));
    assert_eq!(
        sections.collect::<Vec<_>>(),
        [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "COMMANDS",
            "OPTIONS",
            "\"EXIT STATUS\"",
            "ENVIRONMENT",
            "FILES",
            "EXAMPLES"
        ]
    );
    assert_eq!(man.matches("\\-\\-timeout\\fR").count(), 1, "told once");
    assert!(man.contains(".TP\n\\fB130\\fR\ninterrupted\n"));
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
        ("not_delivered", 9),
        ("interrupted", 130),
    ];
    let codes: Vec<_> = Code::ALL
        .iter()
        .map(|code| (code.name(), code.exit()))
        .collect();
    assert_eq!(codes, table);
    let help = Member::new().run(["--help"]).stdout;
    for (_, exit) in table {
        assert!(help.contains(&format!(" {exit}  ")), "--help has {exit}");
    }
    assert!(binary().exists());
}
