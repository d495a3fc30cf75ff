//! What the fronts make of requests and of answers.

use aws_sim::{Front, Region};
use serde_json::{Value, json};

use crate::{
    client::{Answer, send_plain},
    lambda::function,
};

const NAME: &str = "sample";
const SIGNED: [(&str, &str); 3] = [
    ("content-type", "application/json"),
    ("X-Slack-Signature", "v0=1"),
    ("x-twice", "a"),
];

fn region() -> Region {
    Region::builder().function(function()).start()
}

fn send(region: &Region, front: Front, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let url = format!("{}{path}", region.front_url(front, NAME));
    send_plain("POST", &url, headers, body)
}

/// The event that a front made of a request: the sample function answers with it.
fn event(region: &Region, front: Front, headers: &[(&str, &str)], body: &str) -> Value {
    let answer = send(region, front, "/slack/events?a=1&a=2&b=%20", headers, body);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

#[test]
fn a_second_version_joins_headers_in_small_letters() {
    let region = region();
    let headers = [&SIGNED[..], &[("x-twice", "b"), ("cookie", "c=1; d=2")]].concat();
    for front in [Front::HttpApi, Front::FunctionUrl] {
        let event = event(&region, front, &headers, "{\"ä\":1}");
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["rawPath"], "/slack/events");
        assert_eq!(event["rawQueryString"], "a=1&a=2&b=%20");
        assert_eq!(
            event["queryStringParameters"],
            json!({"a": "1,2", "b": " "})
        );
        assert_eq!(event["headers"]["x-slack-signature"], "v0=1");
        assert_eq!(event["headers"]["x-twice"], "a,b");
        assert_eq!(event["cookies"], json!(["c=1", "d=2"]));
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("{\"ä\":1}"), &json!(false))
        );
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let event = event(&region, Front::FunctionUrl, &form, "a=b");
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&json!("YT1i"), &json!(true))
    );
}

#[test]
fn a_first_version_keeps_lists_and_capitals() {
    let region = region();
    let headers = [&SIGNED[..], &[("x-twice", "b")]].concat();
    let with_body = event(&region, Front::RestApi, &headers, "{}");
    assert_eq!(with_body["httpMethod"], "POST");
    assert_eq!(with_body["headers"]["X-Slack-Signature"], "v0=1");
    assert_eq!(with_body["headers"]["X-Twice"], "b");
    assert_eq!(with_body["multiValueHeaders"]["X-Twice"], json!(["a", "b"]));
    assert_eq!(with_body["body"], "{}");
    assert_eq!(
        event(&region, Front::RestApi, &headers, "")["body"],
        Value::Null
    );
}

#[test]
fn a_balancer_has_either_kind_of_headers() {
    let region = region();
    let headers = [&SIGNED[..], &[("x-twice", "b")]].concat();
    let single = event(&region, Front::Alb, &headers, "{}");
    assert_eq!(single["headers"]["x-twice"], "b");
    assert_eq!(single["multiValueHeaders"], Value::Null);
    assert!(single["requestContext"]["elb"].is_object());
    let multi = event(&region, Front::AlbMultiValue, &headers, "{}");
    assert_eq!(multi["multiValueHeaders"]["x-twice"], json!(["a", "b"]));
    assert_eq!(multi["headers"], Value::Null);
    let binary = [("content-type", "application/octet-stream")];
    assert_eq!(
        event(&region, Front::Alb, &binary, "{}")["isBase64Encoded"],
        true
    );
}

#[test]
fn an_answer_becomes_a_response() {
    let text = json!({
        "statusCode": 418,
        "headers": {"X-One": "1", "content-type": "text/plain"},
        "body": "aGk=",
        "isBase64Encoded": true,
    });
    for front in Front::ALL {
        let region = answering(&text);
        let answer = send(&region, front, "/", &[], "");
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (418, "hi"),
            "{front:?}"
        );
    }
}

fn answering(answer: &Value) -> Region {
    let function = function().variable("ANSWER", answer.to_string());
    Region::builder().function(function).start()
}

#[test]
fn an_answer_without_a_status_is_a_body_in_the_second_version() {
    let region = answering(&json!({"hello": 1}));
    let answer = send(&region, Front::HttpApi, "/", &[], "");
    assert_eq!((answer.status, answer.body), (200, json!({"hello": 1})));
    assert_eq!(send(&region, Front::RestApi, "/", &[], "").status, 502);
    assert_eq!(send(&region, Front::Alb, "/", &[], "").status, 502);
}

#[test]
fn a_failed_function_is_each_fronts_own_error() {
    let broken = function().variable("START", "exit");
    let region = Region::builder().function(broken).start();
    let statuses = Front::ALL.map(|front| send(&region, front, "/", &[], "").status);
    assert_eq!(statuses, [500, 502, 502, 502, 502]);
    let full = function().concurrency(0);
    let region = Region::builder().function(full).start();
    let statuses = Front::ALL.map(|front| send(&region, front, "/", &[], "").status);
    assert_eq!(statuses, [503, 429, 500, 502, 502]);
}

#[test]
fn an_http_api_has_its_routes_only() {
    let routed = function().route("POST /slack/events");
    let region = Region::builder().function(routed).start();
    let status = |front: Front, path: &str| send(&region, front, path, &[], "").status;
    assert_eq!(status(Front::HttpApi, "/slack/events"), 200);
    assert_eq!(status(Front::HttpApi, "/slack/other"), 404);
    assert_eq!(status(Front::FunctionUrl, "/slack/other"), 200);
    let url = format!("{}/slack/events", region.front_url(Front::HttpApi, NAME));
    assert_eq!(send_plain("GET", &url, &[], "").status, 404);
}

#[test]
fn a_body_beyond_the_limit_never_reaches_the_function() {
    let region = region();
    let body = "x".repeat((1 << 20) + 1);
    assert_eq!(send(&region, Front::Alb, "/", &[], &body).status, 413);
    assert!(region.invocations().is_empty());
}

#[test]
fn a_throttle_admits_a_burst_and_then_a_rate() {
    let region = Region::builder()
        .now("2026-11-23T09:00:00Z")
        .function(function().throttle(2.0, 3))
        .start();
    let send = |front| send(&region, front, "/", &[], "{}").status;
    let burst = [200, 200, 200, 429, 429];
    assert_eq!(burst.map(|_| send(Front::HttpApi)), burst);
    assert_eq!(send(Front::FunctionUrl), 200);
    region.advance(std::time::Duration::from_secs(1));
    let rate = [200, 200, 429];
    assert_eq!(rate.map(|_| send(Front::HttpApi)), rate);
    region.advance(std::time::Duration::from_mins(1));
    assert_eq!(burst.map(|_| send(Front::HttpApi)), burst);
}
