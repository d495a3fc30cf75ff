//! The control endpoint: what a script reaches of a workspace.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use slack_sim::Workspace;

use crate::{client::Web, receiver::Receiver, workspace};

struct Control<'a> {
    web: Web,
    workspace: &'a Workspace,
}

impl<'a> Control<'a> {
    fn new(workspace: &'a Workspace) -> Self {
        let web = Web::new(workspace);
        Self { web, workspace }
    }

    fn call(&self, method: Method, path: &str, body: &Value) -> (StatusCode, String) {
        let url = format!("{}/__sim/{path}", self.workspace.url());
        let request = self.web.client.request(method, url).json(body);
        let response = request.send().unwrap();
        (response.status(), response.text().unwrap())
    }

    fn grant(&self, method: Method, path: &str, body: &Value) -> Value {
        let (status, text) = self.call(method, path, body);
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    fn settle(&self) {
        self.workspace.block_on(self.workspace.settle());
    }
}

#[test]
fn a_script_types_and_sees_the_delivery() {
    let (workspace, receiver) = (workspace().start(), Receiver::start());
    let control = Control::new(&workspace);
    let url = json!({"url": receiver.url()});
    control.grant(Method::PUT, "request-url", &url);
    let mishap = json!({"mishap": "failed=ssl_error@/message"});
    control.grant(Method::POST, "mishaps", &mishap);
    let message = json!({"person": "anna", "channel": "padel", "text": "frei?"});
    let ts = control.grant(Method::POST, "messages", &message)["ts"].clone();
    control.settle();

    let attempts = control.grant(Method::GET, "deliveries", &json!({}));
    assert_eq!(attempts[0]["outcome"], json!({"failed": "ssl_error"}));
    assert_eq!(attempts[0]["mishap"], "failed=ssl_error");
    assert_eq!(attempts[1]["outcome"], json!({"answered": 200}));
    assert_eq!(attempts[1]["ts"], ts);
    let messages = control.grant(Method::GET, "messages?channel=padel", &json!({}));
    assert_eq!(messages[0]["text"], "frei?");
}

#[test]
fn the_clock_fires_a_retry() {
    let receiver = Receiver::start();
    let workspace = workspace().request_url(receiver.url()).start();
    let control = Control::new(&workspace);
    let mishap = json!({"mishap": "failed=connection_failed*2"});
    control.grant(Method::POST, "mishaps", &mishap);
    workspace.type_message("anna", "padel", "frei?");
    control.settle();
    assert_eq!(receiver.calls().len(), 0);
    let (status, _) = control.call(Method::PUT, "clock", &json!({}));
    assert_eq!(status, StatusCode::BAD_REQUEST);
    control.grant(
        Method::PUT,
        "clock",
        &json!({"now": "2026-11-23T09:00:30Z"}),
    );
    control.grant(Method::PUT, "clock", &json!({"advance_seconds": 30}));
    control.settle();
    assert_eq!(receiver.calls()[0].header("x-slack-retry-num"), Some("2"));
}

#[test]
fn a_script_waits_for_an_answer() {
    let workspace = workspace().start();
    let control = Control::new(&workspace);
    let ts = workspace.type_message("anna", "padel", "frei?");
    let wanted = format!("transcript?channel=padel&thread={ts}&answers=1&seconds=0");
    let (status, text) = control.call(Method::GET, &wanted, &json!({}));
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        text.contains("fewer than 1 answers after 0 seconds"),
        "{text}"
    );
    control.web.post("**Ja**", Some(&ts));
    let shown = control.grant(Method::GET, &wanted, &json!({}));
    assert_eq!(
        shown,
        "09:00:00  anna: frei?\n  09:00:00  padel (app): **Ja**\n"
    );
    let within = Duration::from_secs(5);
    let answers = workspace.block_on(workspace.wait_for_answers("padel", &ts, 1, within));
    assert_eq!(answers[0].text, "**Ja**");
}

#[test]
fn wrong_orders_are_refused_with_a_reason() {
    let workspace = workspace().start();
    let control = Control::new(&workspace);
    for (method, path, body, reason) in [
        (
            Method::POST,
            "messages",
            json!({"person": "anna"}),
            "missing field",
        ),
        (
            Method::POST,
            "messages",
            json!({"person": "bob", "channel": "padel", "text": "x"}),
            "there is no person `bob`",
        ),
        (
            Method::POST,
            "messages",
            json!({"person": "anna", "channel": "padel", "text": "x", "thread": "1.0"}),
            "no message `1.0`",
        ),
        (
            Method::POST,
            "mishaps",
            json!({"mishap": "lost"}),
            "failed=REASON",
        ),
        (
            Method::POST,
            "sockets",
            json!({"order": "x"}),
            "warn, refresh",
        ),
        (
            Method::PUT,
            "request-url",
            json!({"url": "http://127.0.0.1:1/"}),
            "no connection",
        ),
    ] {
        let (status, text) = control.call(method, path, &body);
        assert_eq!(status, StatusCode::BAD_REQUEST, "{text}");
        assert!(text.contains(reason), "{text}");
    }
}
