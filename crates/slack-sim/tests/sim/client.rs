//! Calls of the Web API.

use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use slack_sim::{DEFAULT_BOT_TOKEN, Workspace};

pub(crate) struct Web {
    pub(crate) client: Client,
    base: String,
}

impl Web {
    pub(crate) fn new(workspace: &Workspace) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            client: Client::builder().no_proxy().build().unwrap(),
            base: workspace.api_url(),
        }
    }

    pub(crate) fn request(&self, method: &str) -> RequestBuilder {
        self.client.post(format!("{}/{method}", self.base))
    }

    pub(crate) fn send(&self, method: &str, arguments: &Value) -> Response {
        let request = self.request(method).bearer_auth(DEFAULT_BOT_TOKEN);
        request.json(arguments).send().unwrap()
    }

    pub(crate) fn call(&self, method: &str, arguments: &Value) -> Value {
        self.send(method, arguments).json().unwrap()
    }

    /// Calls a method that must be refused; returns its error.
    pub(crate) fn refusal(&self, method: &str, arguments: &Value) -> String {
        let response = self.send(method, arguments);
        assert_eq!(response.status(), 200);
        let body: Value = response.json().unwrap();
        assert_eq!(body["ok"], false, "{body}");
        body["error"].as_str().unwrap().to_owned()
    }

    pub(crate) fn post(&self, text: &str, thread: Option<&str>) -> Value {
        let arguments = json!({"channel": "C0PADEL0001", "text": text, "thread_ts": thread});
        self.call("chat.postMessage", &arguments)
    }
}
