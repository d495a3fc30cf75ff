//! The platform as a program.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use claude_platform_sim::DEFAULT_API_KEY;

use crate::{client, egress};

/// The program and its URL.
fn program(arguments: &[&str]) -> (Child, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_claude-platform-sim"))
        .args(["--port", "0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(program.stdout.take().unwrap())
        .read_line(&mut url)
        .unwrap();
    (program, url.trim().to_owned())
}

/// As a script does, so that it cleans up.
fn stop(program: &mut Child) {
    Command::new("kill")
        .arg(program.id().to_string())
        .status()
        .unwrap();
    assert!(program.wait().unwrap().success());
}

fn status(url: &str, target: &str, key: &str) -> u16 {
    let request = client::http()
        .get(format!("{url}{target}"))
        .bearer_auth(key)
        .header("anthropic-version", "2026-10-21");
    request
        .header("anthropic-beta", "managed-agents-2026-04-01")
        .send()
        .unwrap()
        .status()
        .as_u16()
}

#[test]
fn it_prints_its_url_and_serves_until_it_is_told_to_stop() {
    let (mut program, url) = program(&[
        "--agent",
        "agent_01",
        "--environment",
        "env_01",
        "--fault",
        "529@2",
    ]);
    assert!(url.starts_with("http://127.0.0.1:"));
    assert_eq!(status(&url, "/v1/agents/agent_01", DEFAULT_API_KEY), 200);
    assert_eq!(status(&url, "/v1/agents/agent_01", DEFAULT_API_KEY), 529);
    stop(&mut program);
}

#[test]
fn it_plays_aws() {
    let (mut program, url) = program(&[
        "--aws",
        "eu-west-1",
        "wrkspc_01",
        "AKID",
        "secret",
        "--aws-key",
        "key",
    ]);
    assert_eq!(status(&url, "/v1/skills", DEFAULT_API_KEY), 401);
    assert_eq!(status(&url, "/v1/skills", "key"), 400);
    stop(&mut program);
}

#[test]
fn a_fault_nobody_knows_is_a_usage_error_with_the_list() {
    let program = Command::new(env!("CARGO_BIN_EXE_claude-platform-sim"))
        .args(["--fault", "nonsense"])
        .output()
        .unwrap();
    assert_eq!(program.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&program.stderr).contains("lost-after"));
}

#[test]
fn an_operator_gets_out_as_the_sandboxes_do() {
    let (mut club, url) = program(&[]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("operator.env");
    let upstream = format!("club.example={url}");
    let arguments = [
        "--upstream",
        &upstream,
        "--operator-env",
        file.to_str().unwrap(),
    ];
    let (mut platform, _) = program(&arguments);
    let lines = fs::read_to_string(&file).unwrap();
    let variables = lines.lines().filter_map(|line| line.split_once('='));
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let client = egress::client(&variables.collect()).build().unwrap();
    let answer = client.get("https://club.example/v1/skills").send().unwrap();
    assert_eq!(answer.status(), 401);
    stop(&mut platform);
    stop(&mut club);
}
