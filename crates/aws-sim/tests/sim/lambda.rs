//! Functions: invoked over the service, frozen, killed, too slow, throttled.

use std::{
    fs,
    time::{Duration, Instant},
};

use aws_sim::{Builder, ErrorName, Fault, Function, Region};
use serde_json::{Value, json};

use crate::client::{Answer, Caller};

const NAME: &str = "sample";

/// The sample function with a timeout that no test meets by chance.
pub(crate) fn function() -> Function {
    Function::new(NAME, env!("CARGO_BIN_EXE_sample-function")).timeout(Duration::from_secs(30))
}

fn with(function: Function) -> Builder {
    Region::builder()
        .now("2026-11-23T09:00:00Z")
        .function(function)
}

fn send(region: &Region, kind: &str, event: &Value) -> Answer {
    let headers = [("x-amz-invocation-type", kind)];
    let path = format!("/2015-03-31/functions/{NAME}/invocations");
    let caller = Caller::admin(region.url());
    let answer = caller.send("lambda", "POST", &path, &headers, &event.to_string());
    answer.unwrap()
}

fn invoke(region: &Region, told: &str) -> Value {
    send(region, "RequestResponse", &json!({ "do": told })).body
}

#[test]
fn an_invocation_gets_the_functions_answer() {
    let region = with(function().variable("COLOUR", "blue")).start();
    let answer = invoke(&region, "variables");
    let variables = &answer["variables"];
    for (name, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", NAME),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_REGION", "eu-west-1"),
        ("COLOUR", "blue"),
    ] {
        assert_eq!(variables[name], value, "{name}");
    }
    // Nothing of this process.
    assert_eq!(variables["HOME"], Value::Null);
    assert_eq!(variables["CARGO_MANIFEST_DIR"], Value::Null);
    let deadline: i64 = answer["deadline"].as_str().unwrap().parse().unwrap();
    let ahead = deadline - sim_server::machine_time().timestamp_millis();
    assert!((20_000..=30_000).contains(&ahead), "{ahead}");
    let invocations = region.invocations();
    assert!(invocations[0].was_cold && invocations[0].outcome == "answered");
    assert!(region.log(NAME).contains("started"));
}

#[test]
fn one_environment_serves_one_invocation_after_the_other() {
    let region = with(function()).start();
    let numbers = (0..3).map(|_| invoke(&region, "")["number"].clone());
    assert_eq!(numbers.collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(region.environments(NAME), 1);
    assert!(!region.invocations()[2].was_cold);
}

/// The state of the only child that runs the sample function: `T` is stopped.
fn state_of_child(region: &Region) -> String {
    let id = invoke(region, "variables")["variables"]["AWS_LAMBDA_RUNTIME_API"].clone();
    let id = id.as_str().unwrap();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let environ = fs::read(entry.path().join("environ")).unwrap_or_default();
        if String::from_utf8_lossy(&environ).contains(id) {
            // The process asks for the next invocation only now.
            let began = Instant::now();
            loop {
                let status = fs::read_to_string(entry.path().join("status")).unwrap();
                let state = status.lines().find(|line| line.starts_with("State:"));
                let state = state.unwrap().to_owned();
                if state.contains('T') || began.elapsed() > Duration::from_secs(20) {
                    return state;
                }
            }
        }
    }
    panic!("no process with {id}");
}

#[test]
fn an_environment_is_frozen_while_it_waits() {
    let region = with(function()).start();
    assert!(state_of_child(&region).contains("stopped"));
    assert_eq!(invoke(&region, "")["number"], 2);
}

#[test]
fn errors_of_a_function_are_marked() {
    let region = with(function()).start();
    let failed = send(&region, "RequestResponse", &json!({"do": "fail"}));
    assert_eq!(
        (failed.status, &failed.body["errorType"]),
        (200, &json!("Sample"))
    );
    let exited = invoke(&region, "exit");
    assert_eq!(exited["errorType"], "Runtime.ExitError");
    let message = exited["errorMessage"].as_str().unwrap();
    assert!(message.ends_with("exit status 7"), "{message}");
    // The next one gets a new process.
    assert_eq!(invoke(&region, "")["number"], 1);
    let outcomes: Vec<&str> = region.invocations().iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, ["failed", "failed", "answered"]);
}

#[test]
fn a_function_that_is_too_slow_is_killed() {
    let region = with(function().timeout(Duration::from_millis(1500))).start();
    let slow = invoke(&region, "sleep 60000");
    assert_eq!(slow["errorType"], "Sandbox.Timedout");
    assert!(
        slow["errorMessage"]
            .as_str()
            .unwrap()
            .contains("timed out after 1.50 seconds")
    );
    assert_eq!(invoke(&region, "")["number"], 1);
}

#[test]
fn a_start_that_fails_is_a_function_error() {
    for (start, kind) in [("exit", "Runtime.ExitError"), ("error", "Sample.Start")] {
        let region = with(function().variable("START", start)).start();
        assert_eq!(invoke(&region, "")["errorType"], kind, "{start}");
        assert_eq!(region.environments(NAME), 1);
    }
    let missing = Function::new(NAME, "/nonexistent/bootstrap");
    let region = with(missing).start();
    assert_eq!(
        invoke(&region, "")["errorType"],
        "Runtime.InvalidEntrypoint"
    );
}

#[test]
fn more_than_the_concurrency_is_throttled() {
    let region = with(function().concurrency(1)).start();
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| invoke(&region, "sleep 1500"));
        while region.environments(NAME) == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        let throttled = send(&region, "RequestResponse", &json!({}));
        assert_eq!(throttled.status, 429, "{}", throttled.text);
        assert_eq!(slow.join().unwrap()["slept"], "1500");
    });
    assert_eq!(send(&region, "RequestResponse", &json!({})).status, 200);
}

#[test]
fn two_invocations_at_once_have_two_environments() {
    let region = with(function()).start();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(invoke(&region, "sleep 700")["number"], 1));
        }
    });
    assert_eq!(region.environments(NAME), 2);
}

#[test]
fn wrong_invocations_are_refused() {
    let region = with(function()).start();
    let caller = Caller::admin(region.url());
    let send = |name: &str, body: &str, kind: &str| {
        let path = format!("/2015-03-31/functions/{name}/invocations");
        let headers = [("x-amz-invocation-type", kind)];
        caller
            .send("lambda", "POST", &path, &headers, body)
            .unwrap()
            .status
    };
    assert_eq!(send("nobody", "{}", "Event"), 404);
    assert_eq!(send(NAME, "{", "Event"), 400);
    assert_eq!(
        send(NAME, &json!("x".repeat(1 << 20)).to_string(), "Event"),
        413
    );
    let arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Asample";
    assert_eq!(send(arn, "{}", "RequestResponse"), 200);
    region.push_fault(
        Fault::Error(ErrorName("TooManyRequestsException")),
        "/lambda/sample",
        1,
    );
    assert_eq!(send(NAME, "{}", "Event"), 429);
    region.block_on(region.settle());
    assert_eq!(region.invocations().len(), 1);
}

#[test]
fn a_role_invokes_what_its_policy_names() {
    let policy = json!({"Statement": [{
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:sample",
    }]});
    let region = with(function())
        .function(Function::new("other", "/nonexistent"))
        .role("accept", &policy)
        .unwrap()
        .start();
    let caller = Caller::role(region.url(), "accept");
    let status = |name: &str| {
        let path = format!("/2015-03-31/functions/{name}/invocations");
        caller
            .send("lambda", "POST", &path, &[], "{}")
            .unwrap()
            .status
    };
    assert_eq!((status(NAME), status("other")), (200, 403));
}

#[test]
fn a_fault_kills_the_process_that_calls() {
    let region = with(function()).start();
    for fault in [Fault::KillBefore, Fault::KillAfter] {
        region.push_fault(fault, "/dynamodb/ListTables", 1);
        let killed = invoke(&region, "call DynamoDB_20120810.ListTables");
        assert_eq!(killed["errorType"], "Runtime.ExitError", "{fault}");
    }
    let called = invoke(&region, "call DynamoDB_20120810.ListTables");
    assert_eq!(called["status"], "400");
}

#[test]
fn a_quota_holds_a_process_to_its_share() {
    let region = with(function().with_quota()).start();
    invoke(&region, "");
    let used = invoke(&region, "spin 40")["used_micros"].as_u64().unwrap();
    let took = region.invocations()[1].micros;
    // The share of 128 MB is a fourteenth; a loaded machine gives less, never more.
    assert!(used * 5 < took, "{used} µs of {took} µs");
}
