//! The binary: what it prints, and the hands of the people in another process's workspace.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
};

use crate::receiver::Receiver;

const PROGRAM: &str = env!("CARGO_BIN_EXE_slack-sim");

struct Served {
    process: Child,
    url: String,
}

impl Served {
    fn start() -> Self {
        let mut process = Command::new(PROGRAM)
            .args(["serve", "--now", "2026-11-23T09:00:00Z"])
            .args([
                "--person",
                "U0ANNA00001=anna",
                "--channel",
                "C0PADEL0001=padel",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut url).unwrap();
        let url = url.trim().to_owned();
        Self { process, url }
    }

    fn run(&self, command: &str, arguments: &[&str]) -> Output {
        let mut program = Command::new(PROGRAM);
        program
            .env("RUST_BACKTRACE", "0")
            .args([command, &self.url]);
        program.args(arguments).output().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn people_type_and_read_from_the_command_line() {
    let served = Served::start();
    let here = ["--channel", "padel"];
    let typed = served.run(
        "type",
        &[&["--as", "anna"], &here[..], &["Frei, @padel & co?"]].concat(),
    );
    let ts = text(&typed.stdout).trim().to_owned();
    assert_eq!(ts, "1795424400.000000");
    let reply = [&["--as", "anna", "--thread", &ts], &here[..], &["bitte"]].concat();
    assert!(served.run("type", &reply).status.success());
    let channel = text(&served.run("read", &here).stdout);
    assert_eq!(
        channel,
        "09:00:00  anna: Frei, @padel & co?\n          1 reply\n"
    );
    let thread = text(
        &served
            .run("read", &[&here[..], &["--thread", &ts]].concat())
            .stdout,
    );
    assert_eq!(
        thread,
        "09:00:00  anna: Frei, @padel & co?\n  09:00:00  anna: bitte\n"
    );
}

#[test]
fn the_app_is_pointed_from_the_command_line() {
    let (served, receiver) = (Served::start(), Receiver::start());
    assert!(served.run("point", &[&receiver.url()]).status.success());
    assert_eq!(receiver.bodies()[0]["type"], "url_verification");
}

#[test]
fn mistakes_are_told_in_one_sentence() {
    let served = Served::start();
    for (command, arguments, sentence) in [
        (
            "type",
            &["--as", "bob", "--channel", "padel", "x"][..],
            "Error: there is no person `bob` in this workspace\n",
        ),
        (
            "read",
            &["--channel", "nowhere"],
            "Error: there is no channel `nowhere`\n",
        ),
        (
            "point",
            &["https://a.b"],
            "Error: `https://a.b` is no http:// address; this simulator speaks plain HTTP only\n",
        ),
    ] {
        let outcome = served.run(command, arguments);
        assert_eq!(outcome.status.code(), Some(1));
        assert_eq!(text(&outcome.stderr), sentence);
    }
}

#[test]
fn nothing_listening_names_the_way_to_start() {
    let mut program = Command::new(PROGRAM);
    program.env("RUST_BACKTRACE", "0");
    program.args(["read", "http://127.0.0.1:1", "--channel", "padel"]);
    let stderr = text(&program.output().unwrap().stderr);
    assert!(
        stderr.ends_with("start one with `slack-sim serve`\n"),
        "{stderr}"
    );
}
