//! Events of Lambda's fronts, and what DynamoDB answers, for the fuzz targets.

use std::{
    cell::LazyCell,
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Region, retry::RetryConfig},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    runtime_components::RuntimeComponents,
};
use http::{HeaderMap, StatusCode};
use http_edge::to_smithy;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use super::{dynamodb::DynamoLedger, front::Delivery};
use crate::{
    fuzzing::{is_signed, sample_question},
    ledger::{Lease, Ledger as _, LedgerError, RateLimit},
    question::Access,
};

/// Begins a line whose answer is an error.
const REFUSED: u8 = b'!';

/// An event: read or refused; and a request, of headers and a body, that every front passes on alike.
pub fn front(bytes: &[u8]) {
    let event: Value = serde_json::from_slice(bytes).unwrap_or_default();
    match Delivery::read(&event) {
        Ok(delivery) => {
            assert!(delivery.body.len() <= 1024 * 1024 && !delivery.method.contains('\0'));
            assert!(!is_signed(&delivery.headers, &delivery.body));
            assert_eq!(delivery.respond(401, "no")["statusCode"], 401);
        }
        Err(unreadable) => assert!((400..500).contains(&unreadable.status())),
    }
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let [first, rest @ ..] = write_events(head, body).map(|event| Delivery::read(&event).ok());
    for other in rest {
        let parts = |read: &Option<Delivery>| {
            let read = read.clone()?;
            Some((read.method, read.path, read.headers, read.body))
        };
        assert_eq!(parts(&first), parts(&other));
    }
}

/// Writes a request as an HTTP API and a Function URL, a REST API and a load balancer do.
fn write_events(head: &str, body: &str) -> [Value; 4] {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let lines = lines.map(|(name, value)| (name.to_ascii_lowercase(), value.into()));
    let headers: Map<String, Value> = lines.collect();
    let many = headers
        .iter()
        .map(|(name, value)| (name.clone(), json!([value])));
    let many: Map<String, Value> = many.collect();
    let http = json!({"http": {"method": "POST", "path": "/"}});
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, body);
    [
        json!({"version": "2.0", "rawPath": "/", "headers": headers, "requestContext": http,
            "body": body, "isBase64Encoded": false}),
        json!({"version": "2.0", "rawPath": "/", "headers": headers, "requestContext": http,
            "body": encoded, "isBase64Encoded": true}),
        json!({"httpMethod": "POST", "path": "/", "headers": headers, "multiValueHeaders": many,
            "requestContext": {"stage": "prod"}, "body": body, "isBase64Encoded": false}),
        json!({"httpMethod": "POST", "path": "/", "multiValueHeaders": many,
            "requestContext": {"elb": {}}, "body": encoded, "isBase64Encoded": true}),
    ]
}

/// DynamoDB's answers, one a line: whatever they are, a question is an owner's only if they say so,
/// and a failure is told in one line.
pub fn ledger(bytes: &[u8]) {
    thread_local! {
        static TABLE: LazyCell<Option<Table>> = LazyCell::new(Table::make);
    }
    TABLE.with(|table| {
        if let Some(table) = &**table {
            table.read(bytes);
        }
    });
}

/// A ledger that gets answers which were written before.
struct Table {
    answers: CannedAnswers,
    ledger: DynamoLedger,
    runtime: Runtime,
}

impl Table {
    fn make() -> Option<Self> {
        let answers = CannedAnswers::default();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-2"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "fuzzing"))
            .http_client(answers.clone())
            .retry_config(RetryConfig::disabled())
            .build();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        Some(Self {
            answers,
            ledger: DynamoLedger::new(Client::from_conf(config), "padel".to_owned()),
            runtime: runtime.ok()?,
        })
    }

    fn read(&self, bytes: &[u8]) {
        let question = sample_question();
        let thread = &question.thread;
        if let Some(Some(open)) = self.run(bytes, self.ledger.find_next(thread)) {
            assert!(open.question.thread == *thread && open.posts.is_sorted());
            let names_owner =
                bytes.windows(5).any(|part| part == b"owner") || bytes.contains(&b'\\');
            assert!(open.question.access == Access::Courts || names_owner);
            assert!(!open.question.to_line().contains('\n'));
        }
        self.run(bytes, self.ledger.find_waiting(i64::MAX, 0));
        let limit = RateLimit {
            questions: 30,
            window: 600_000,
        };
        self.run(bytes, self.ledger.record(&question, limit, 0));
        let lease = Lease {
            holder: "holder".to_owned(),
            until: 1,
        };
        self.run(bytes, self.ledger.claim(thread, &lease, 0));
    }

    /// Works on these answers. A failure is told in one line.
    fn run<T>(
        &self,
        bytes: &[u8],
        work: impl Future<Output = Result<T, LedgerError>>,
    ) -> Option<T> {
        self.answers.fill(bytes);
        let outcome = self.runtime.block_on(work);
        if let Err(error) = &outcome {
            let told = error.to_string();
            assert!(told.len() < 1000 && !told.contains(printable::is_invisible));
        }
        outcome.ok()
    }
}

/// An answer of DynamoDB's.
type Canned = (StatusCode, Vec<u8>);

/// Answers one after the other, and then empty ones.
#[derive(Debug, Clone, Default)]
struct CannedAnswers(Arc<Mutex<VecDeque<Canned>>>);

impl CannedAnswers {
    fn fill(&self, bytes: &[u8]) {
        let answers = bytes
            .split(|byte| *byte == b'\n')
            .map(|line| match line.split_first() {
                Some((&REFUSED, error)) => (StatusCode::BAD_REQUEST, error.to_vec()),
                _ => (StatusCode::OK, line.to_vec()),
            });
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = answers.collect();
    }
}

impl HttpConnector for CannedAnswers {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let next = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front();
        let (status, body) = next.unwrap_or_else(|| (StatusCode::OK, b"{}".to_vec()));
        HttpConnectorFuture::ready(to_smithy(status, HeaderMap::new(), body))
    }
}

impl HttpClient for CannedAnswers {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}
