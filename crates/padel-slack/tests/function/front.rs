//! Requests as Lambda's fronts write them.

use padel_slack::function::front::{Delivery, Unreadable};
use serde_json::{Value, json};

/// The same request as four fronts write it.
fn fronts() -> [(&'static str, Value); 5] {
    let body = r#"{"type":"event_callback","text":"é"}"#;
    [
        (
            "HTTP API v2",
            json!({
                "version": "2.0", "rawPath": "/slack/events", "isBase64Encoded": false, "body": body,
                "headers": {"x-slack-signature": "v0=00", "content-type": "application/json"},
                "requestContext": {"http": {"method": "POST", "path": "/slack/events"}},
            }),
        ),
        (
            "Function URL with base64",
            json!({
                "version": "2.0", "rawPath": "/slack/events", "isBase64Encoded": true,
                "body": "eyJ0eXBlIjoiZXZlbnRfY2FsbGJhY2siLCJ0ZXh0Ijoiw6kifQ==",
                "headers": {"x-slack-signature": "v0=00", "content-type": "application/json"},
                "requestContext": {"http": {"method": "POST"}},
            }),
        ),
        (
            "REST API",
            json!({
                "path": "/slack/events", "httpMethod": "POST", "isBase64Encoded": false, "body": body,
                "headers": {"X-Slack-Signature": "v0=00", "Content-Type": "application/json"},
                "multiValueHeaders": {"X-Slack-Signature": ["v0=00"], "Content-Type": ["application/json"]},
                "requestContext": {"stage": "prod"},
            }),
        ),
        (
            "load balancer",
            json!({
                "path": "/slack/events", "httpMethod": "POST", "isBase64Encoded": false, "body": body,
                "headers": {"x-slack-signature": "v0=00", "content-type": "application/json"},
                "requestContext": {"elb": {"targetGroupArn": "arn"}},
            }),
        ),
        (
            "load balancer with lists",
            json!({
                "path": "/slack/events", "httpMethod": "POST", "isBase64Encoded": false, "body": body,
                "multiValueHeaders": {"x-slack-signature": ["v0=00"], "content-type": ["application/json"]},
                "requestContext": {"elb": {"targetGroupArn": "arn"}},
            }),
        ),
    ]
}

#[test]
fn each_front_gives_the_same_request() {
    for (front, event) in fronts() {
        let delivery = Delivery::read(&event).unwrap();
        assert_eq!(delivery.method, "POST", "{front}");
        assert_eq!(delivery.path, "/slack/events", "{front}");
        assert_eq!(delivery.headers["x-slack-signature"], "v0=00", "{front}");
        assert_eq!(delivery.headers.len(), 2, "{front}");
        let body = r#"{"type":"event_callback","text":"é"}"#;
        assert_eq!(delivery.body, body.as_bytes(), "{front}");
    }
}

#[test]
fn each_front_gets_an_answer_that_it_takes() {
    for (front, event) in fronts() {
        let answer = Delivery::read(&event).unwrap().respond(503, "later");
        assert_eq!(answer["statusCode"], 503, "{front}");
        assert_eq!(answer["body"], "later", "{front}");
        assert_eq!(answer["isBase64Encoded"], false, "{front}");
        let is_second = event["version"] == "2.0";
        assert_eq!(answer.get("cookies").is_some(), is_second, "{front}");
        let has_lists = event.get("headers").is_none();
        assert_eq!(
            answer.get("multiValueHeaders").is_some(),
            has_lists,
            "{front}"
        );
        assert_eq!(answer.get("headers").is_some(), !has_lists, "{front}");
    }
}

#[test]
fn a_header_that_came_twice_stays_two() {
    let event = json!({
        "httpMethod": "POST", "path": "/slack/events", "body": null,
        "multiValueHeaders": {"X-Slack-Signature": ["v0=00", "v0=01"], "bad name": ["x"], "x-bad": ["a\nb"]},
    });
    let delivery = Delivery::read(&event).unwrap();
    assert_eq!(
        delivery.headers.get_all("x-slack-signature").iter().count(),
        2
    );
    assert_eq!(
        delivery.headers.len(),
        2,
        "what HTTP does not allow was not sent"
    );
    assert_eq!(delivery.body, b"");
}

#[test]
fn what_is_no_request_is_refused() {
    let long = "x".repeat(1024 * 1024 + 1);
    for (event, wanted) in [
        (json!({}), Unreadable::NoRequest),
        (json!(null), Unreadable::NoRequest),
        (json!([1]), Unreadable::NoRequest),
        (json!({"httpMethod": 7}), Unreadable::NoRequest),
        (
            json!({"httpMethod": "POST", "body": {"a": 1}}),
            Unreadable::Body,
        ),
        (
            json!({"httpMethod": "POST", "body": "%%", "isBase64Encoded": true}),
            Unreadable::Body,
        ),
        (
            json!({"httpMethod": "POST", "body": long}),
            Unreadable::TooLarge,
        ),
    ] {
        assert_eq!(Delivery::read(&event), Err(wanted));
    }
    let fits = "x".repeat(1024 * 1024);
    let event = json!({"httpMethod": "POST", "body": fits});
    assert_eq!(Delivery::read(&event).unwrap().body.len(), 1024 * 1024);
}

#[test]
fn headers_beyond_what_fits_are_left_out() {
    let headers: serde_json::Map<String, Value> = (0..40_000)
        .map(|number| (format!("x-{number}"), json!("1")))
        .collect();
    let event = json!({"httpMethod": "POST", "path": "/", "headers": headers});
    let delivery = Delivery::read(&event).unwrap();
    assert!((1000..40_000).contains(&delivery.headers.len()));
}
