//! The club as a program.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use serde_json::Value;

#[test]
fn it_writes_a_har_before_it_tells_its_url() {
    let path = std::env::temp_dir().join(format!("gladstone-sim-{}.har", std::process::id()));
    let mut program = Command::new(env!("CARGO_BIN_EXE_gladstone-sim"))
        .args([
            "--now",
            "2026-11-23T09:00:00Z",
            "--shape",
            "sealed-gcm",
            "--bookings",
            "3",
        ])
        .args([
            "--member",
            "bo@example.org",
            "p $#=\"",
            "--member",
            "cy@example.org",
            "q",
        ])
        .args(["--host-name", "riverside.gladstonego.cloud", "--har"])
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(program.stdout.take().unwrap())
        .read_line(&mut url)
        .unwrap();
    program.kill().unwrap();
    program.wait().unwrap();
    assert!(url.starts_with("http://127.0.0.1:"));
    let har: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    fs::remove_file(&path).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    let statuses: Vec<_> = entries
        .iter()
        .map(|entry| entry["response"]["status"].as_u64().unwrap())
        .collect();
    assert!(
        statuses.len() > 10 && statuses.iter().all(|status| [200, 204].contains(status)),
        "{statuses:?}"
    );
    assert!(
        har.to_string()
            .contains("https://riverside.gladstonego.cloud/api/v2/sessions")
    );
}
