//! A caller that signs with AWS's own code, which the simulator has none of.

use std::time::{Duration, SystemTime};

use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_sim::Credentials;
use reqwest::blocking::Client;
use serde_json::{Value, json};
use sim_server::machine_time;

/// A caller of one region.
pub(crate) struct Caller {
    pub(crate) url: String,
    pub(crate) credentials: Credentials,
    pub(crate) region: String,
    /// Added to the machine's time.
    pub(crate) clock_ahead: Duration,
    pub(crate) timeout: Duration,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    /// The name of the error, without what stands before it.
    pub(crate) fn error(&self) -> &str {
        let name = self.body["__type"].as_str().unwrap_or_default();
        name.rsplit('#').next().unwrap_or_default()
    }
}

impl Caller {
    pub(crate) fn admin(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            credentials: Credentials::admin(),
            region: "eu-west-1".to_owned(),
            clock_ahead: Duration::ZERO,
            timeout: Duration::from_secs(20),
        }
    }

    pub(crate) fn role(url: impl Into<String>, name: &str) -> Self {
        Self {
            credentials: Credentials::of_role(name),
            ..Self::admin(url)
        }
    }

    /// Calls an operation of DynamoDB.
    pub(crate) fn dynamodb(&self, operation: &str, body: &Value) -> Answer {
        self.call("dynamodb", &format!("DynamoDB_20120810.{operation}"), body)
    }

    pub(crate) fn ssm(&self, operation: &str, body: &Value) -> Answer {
        self.call("ssm", &format!("AmazonSSM.{operation}"), body)
    }

    fn call(&self, service: &str, target: &str, body: &Value) -> Answer {
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", target),
        ];
        let answer = self.send(service, "POST", "/", &headers, &body.to_string());
        answer.unwrap()
    }

    /// Sends a signed request; fails when no answer comes.
    pub(crate) fn send(
        &self,
        service: &str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, reqwest::Error> {
        let uri = format!("{}{target}", self.url);
        let mut request = client(self.timeout)
            .request(method.parse().unwrap(), &uri)
            .body(body.to_owned());
        let signed = self.sign(service, method, &uri, headers, body);
        for (name, value) in headers.iter().copied() {
            request = request.header(name, value);
        }
        for (name, value) in signed {
            request = request.header(name, value);
        }
        read(request.send()?)
    }

    fn sign(
        &self,
        service: &str,
        method: &str,
        uri: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Vec<(String, String)> {
        let identity = aws_credential_types::Credentials::new(
            self.credentials.access_key_id.as_str(),
            self.credentials.secret_access_key.as_str(),
            self.credentials.session_token.clone(),
            None,
            "test",
        )
        .into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(service)
            .time(SystemTime::from(machine_time()) + self.clock_ahead)
            .settings(SigningSettings::default())
            .build()
            .unwrap();
        let body = SignableBody::Bytes(body.as_bytes());
        let headers = headers.iter().copied();
        let request = SignableRequest::new(method, uri, headers, body).unwrap();
        let (instructions, _) = sign(request, &params.into()).unwrap().into_parts();
        let (headers, _) = instructions.into_parts();
        let headers = headers.iter();
        let headers = headers.map(|header| (header.name().to_owned(), header.value().to_owned()));
        headers.collect()
    }
}

fn client(timeout: Duration) -> Client {
    // A second test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .timeout(timeout)
        .build()
        .unwrap()
}

/// Sends a request without a signature.
pub(crate) fn send_plain(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = client(Duration::from_secs(60)).request(method.parse().unwrap(), url);
    for (name, value) in headers.iter().copied() {
        request = request.header(name, value);
    }
    read(request.body(body.to_owned()).send().unwrap()).unwrap()
}

fn read(response: reqwest::blocking::Response) -> Result<Answer, reqwest::Error> {
    let status = response.status().as_u16();
    let text = response.text()?;
    Ok(Answer {
        status,
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
        text,
    })
}

/// The key of an item.
pub(crate) fn key(id: &str) -> Value {
    json!({"id": {"S": id}})
}
