//! The region as a program.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::json;

use crate::client::{Caller, key, send_plain};

struct Program(Child, String);

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_aws-sim"))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        Self(child, line.trim().to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_program_serves_what_its_flags_say() {
    let table = crate::table().to_string();
    let program = Program::start(&[
        "--table",
        &table,
        "--secret",
        "/padel/secret=a=b",
        "--region",
        "eu-central-1",
        "--fault",
        "error=InternalServerError@/dynamodb/PutItem",
    ]);
    let caller = Caller {
        region: "eu-central-1".to_owned(),
        ..Caller::admin(program.1.as_str())
    };
    let put = json!({"TableName": "padel", "Item": key("a")});
    assert_eq!(caller.dynamodb("PutItem", &put).status, 500);
    assert_eq!(caller.dynamodb("PutItem", &put).status, 200);
    let secret = json!({"Name": "/padel/secret", "WithDecryption": true});
    let answer = caller.ssm("GetParameter", &secret);
    assert_eq!(answer.body["Parameter"]["Value"], "a=b");
    let control = |path: &str| send_plain("GET", &format!("{}/__sim/{path}", program.1), &[], "");
    assert_eq!(control("tables/padel").body, json!([key("a")]));
    assert_eq!(control("permissions").body.as_array().unwrap().len(), 2);
    assert_eq!(control("capacity").body["write_units"], 1.0);
}

#[test]
fn nothing_is_left_of_functions_when_the_program_is_killed() {
    let sample = format!("sample={}", env!("CARGO_BIN_EXE_sample-function"));
    let program = Program::start(&["--function", &sample, "--variable", "MARK=left"]);
    let url = format!("{}/http-api/sample/", program.1);
    assert_eq!(send_plain("POST", &url, &[], "").status, 200);
    let mark = format!("AWS_ENDPOINT_URL={}\0", program.1);
    let is_there = || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let mut environments =
            processes.filter_map(|process| std::fs::read(process.path().join("environ")).ok());
        environments.any(|environment| String::from_utf8_lossy(&environment).contains(&mark))
    };
    assert!(is_there());
    // SIGKILL: nothing of the program runs any more.
    drop(program);
    for _ in 0..4000 {
        if !is_there() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("the function's process is still there");
}
