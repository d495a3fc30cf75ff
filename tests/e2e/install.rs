//! `scripts/install`, with a binary that is built already.

#![cfg(unix)]

use std::{
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
};

use crate::harness::{Member, Outcome, binary};

const INSTALLED: [(&str, u32, &str); 5] = [
    ("bin/padel", 0o755, ""),
    (
        "share/bash-completion/completions/padel",
        0o644,
        "complete -F _padel",
    ),
    ("share/zsh/site-functions/_padel", 0o644, "#compdef padel"),
    (
        "share/fish/vendor_completions.d/padel.fish",
        0o644,
        "complete -c padel",
    ),
    ("share/man/man1/padel.1", 0o644, ".TH padel 1"),
];

fn install(member: &Member, padel: &str, prefix: Option<&str>) -> Outcome {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/install"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", member.home.path())
        .env("PADEL_BIN", padel);
    command.envs(prefix.map(|prefix| ("PREFIX", prefix)));
    Outcome::from(
        command
            .current_dir(member.home.path())
            .stdin(Stdio::null())
            .output()
            .expect("bash"),
    )
}

#[test]
fn everything_is_where_it_is_looked_for() {
    let member = Member::new();
    let named = member.path("a prefix").display().to_string();
    for (prefix, below) in [
        (None, ".local"),
        (Some(named.as_str()), "a prefix"),
        (Some(&named), "a prefix"),
    ] {
        let outcome = install(&member, binary().to_str().expect("a plain path"), prefix);
        outcome.assert_quiet_success();
        for (name, mode, text) in INSTALLED {
            let path = member.path(below).join(name);
            outcome.assert_stdout_has(&format!("installed {}\n", path.display()));
            assert_eq!(
                path.metadata().expect("it exists").permissions().mode() & 0o777,
                mode,
                "{name}"
            );
            assert!(
                text.is_empty() || std::fs::read_to_string(&path).expect("text").contains(text),
                "{name}"
            );
        }
        outcome.assert_stdout_has("is not in PATH");
        let version = member.shell(&format!(
            "'{}' --version",
            member.path(below).join("bin/padel").display()
        ));
        assert_eq!(
            version.stdout,
            concat!("padel ", env!("CARGO_PKG_VERSION"), "\n")
        );
    }
}

#[test]
fn a_binary_that_does_not_run_installs_nothing() {
    let member = Member::new();
    let outcome = install(&member, "/bin/false", None);
    assert_ne!(outcome.code, 0, "{outcome:?}");
    assert!(!member.path(".local").exists());
}
