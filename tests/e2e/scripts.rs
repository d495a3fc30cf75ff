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
