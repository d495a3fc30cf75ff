//! Requests of a page to hosts that have nothing to do with the club. They hold the member's
//! e-mail, as such things do.

use serde_json::{Value, json};

const URL: &str = "https://collect.analytics.example/v2/events?tid=G-0001";

/// A preflight and an event.
pub(super) fn analytics_entries(email: &str) -> impl Fn(&str) -> Vec<Value> {
    let event = json!({
        "event": "login_form_opened",
        "user": {"email": email},
        "startTime": "2020-01-01T00:00:00Z",
    });
    let body = event.to_string();
    move |started| {
        let post = json!({"mimeType": "application/json", "text": body});
        let answer = json!({"size": 11, "mimeType": "application/json", "text": "{\"ok\":true}"});
        let nothing = json!({"size": 0, "mimeType": "x-unknown"});
        vec![
            stranger_entry(started, "OPTIONS", "preflight", None, 204, &nothing),
            stranger_entry(started, "POST", "fetch", Some(post), 200, &answer),
        ]
    }
}

fn stranger_entry(
    started: &str,
    method: &str,
    kind: &str,
    post: Option<Value>,
    status: u16,
    content: &Value,
) -> Value {
    let mut entry = json!({
        "_resourceType": kind,
        "cache": {},
        "pageref": "page_1",
        "request": {
            "method": method, "url": URL, "httpVersion": "h3",
            "headers": [{"name": "origin", "value": "null"}, {"name": "accept", "value": "*/*"}],
            "queryString": [{"name": "tid", "value": "G-0001"}], "cookies": [],
            "headersSize": -1, "bodySize": 0,
        },
        "response": {
            "status": status, "statusText": "", "httpVersion": "h3",
            "headers": [{"name": "access-control-allow-origin", "value": "*"}], "cookies": [],
            "content": content, "redirectURL": "", "headersSize": -1, "bodySize": -1,
        },
        "startedDateTime": started,
        "time": 12.5,
        "timings": {
            "blocked": -1, "dns": -1, "ssl": -1, "connect": -1, "send": 0.1, "wait": 12.0,
            "receive": 0.4,
        },
    });
    if let Some(post) = post {
        entry["request"]["postData"] = post;
    }
    entry
}
