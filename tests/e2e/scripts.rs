//! The programs in `scripts/`: what they say of a wrong call, and the tests of their own parts.

use std::process::Command;

use crate::harness::Outcome;

fn run(program: &str, args: &str) -> Outcome {
    let mut command = Command::new(program);
    command
        .args(args.split_whitespace())
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    Outcome::from(command.output().expect("a program"))
}

#[test]
fn scripts_that_need_an_argument_say_their_usage() {
    for name in ["check-readme", "check-schemas", "check-tag", "crates"] {
        let script = format!("scripts/{name}");
        let usage = format!("usage: {script} ");
        let outcome = run(&script, "");
        assert_eq!(outcome.code, 2, "{outcome:?}");
        assert!(outcome.stderr.starts_with(&usage), "{outcome:?}");
    }
}

#[test]
fn parts_of_the_rehearsals_pass_their_tests() {
    run("python3", "-B -m unittest discover -s scripts")
        .assert_success()
        .assert_stderr_lacks("Ran 0 tests");
}

/// Each workflow's name and text.
fn workflows() -> Vec<(String, String)> {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/.github/workflows");
    let files = std::fs::read_dir(place).expect("workflows");
    let read = |file: std::fs::DirEntry| {
        let text = std::fs::read_to_string(file.path()).expect("a workflow");
        (file.file_name().to_string_lossy().into_owned(), text)
    };
    files.map(|file| read(file.expect("a file"))).collect()
}

/// The jobs of a workflow: each begins with a line that is indented by two.
fn jobs(workflow: &str) -> Vec<String> {
    let (_, text) = workflow.split_once("\njobs:\n").expect("jobs");
    let mut jobs: Vec<String> = Vec::new();
    for line in text.lines() {
        let begins = line.starts_with("  ") && !line[2..].starts_with([' ', '#']);
        if begins {
            jobs.push(String::new());
        }
        if let Some(job) = jobs.last_mut() {
            job.push_str(&format!("{line}\n"));
        }
    }
    jobs
}

#[test]
fn what_a_workflow_may_write_no_code_of_a_checkout_reaches() {
    let mut writing = 0;
    for (name, text) in workflows() {
        assert!(text.contains("\npermissions: {}\n"), "{name}");
        for forbidden in ["pull_request_target", "workflow_run", "secrets."] {
            assert!(!text.contains(forbidden), "{name}: {forbidden}");
        }
        for used in text.lines().filter_map(|line| line.split_once("uses: ")) {
            let (_, pin) = used.1.split_once('@').expect("an action and its commit");
            let commit = pin.split(' ').next().unwrap_or_default();
            let is_commit = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
            assert!(is_commit, "{name}: {}", used.1);
        }
        for job in jobs(&text) {
            let checkouts = job.matches("uses: actions/checkout@").count();
            let kept_out = job.matches("persist-credentials: false").count();
            assert_eq!(checkouts, kept_out, "{name}: {job}");
            if job.contains(": write") {
                writing += 1;
                for code in ["actions/checkout", "cargo ", " scripts/", ".ci/run"] {
                    assert!(!job.contains(code), "{name}: {code} in {job}");
                }
            }
        }
    }
    assert!(writing > 1, "jobs that may write");
}
