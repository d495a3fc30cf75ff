//! The address for Slack as HTTP: other requests, slow clients, a stop, a ledger that fails.

use std::time::{Duration, Instant};

use padel_slack::{
    ledger::{Closing, Lease, Ledger, LedgerError, Millis, OpenQuestion, RateLimit, Recorded},
    machine::sqlite::SqliteLedger,
    question::{Question, Thread},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    door::{Bridge, TIME, split_answer, start_for, start_with},
    samples::{SECRET, delivery, filter, sign},
};

async fn start() -> Bridge {
    start_for(filter(), SECRET).await
}

#[tokio::test]
async fn case_32_a_body_of_no_stated_length_is_read_so_far_and_no_farther() {
    let bridge = start().await;
    let body = vec![b' '; 0x20_0000];
    let seconds = (TIME / 1000).to_string();
    let head = format!(
        "POST /slack/events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\
         \r\nx-slack-request-timestamp: {seconds}\r\nx-slack-signature: {}\r\n\r\n200000\r\n",
        sign(SECRET, "v0", &seconds, &body)
    );
    let answer = bridge.exchange(&[head.as_bytes(), &body].concat()).await;
    assert!(matches!(split_answer(&answer).0, 413 | 0), "{answer}");
}

#[tokio::test]
async fn other_addresses_and_methods_are_refused() {
    let bridge = start().await;
    let status = async |line: &str| {
        let request = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        split_answer(&bridge.exchange(request.as_bytes()).await)
    };
    assert_eq!(status("GET /health").await, (200, "ok\n".to_owned()));
    assert_eq!(status("GET /slack/events").await.0, 405);
    assert_eq!(status("POST /").await.0, 404);
    assert_eq!(status("GET /slack/events/../../etc/passwd").await.0, 404);
}

#[tokio::test]
async fn a_slow_client_loses_its_connection() {
    let bridge = start().await;
    let started = Instant::now();
    let head = "POST /slack/events HTTP/1.1\r\nhost: x\r\n";
    let seconds = (TIME / 1000).to_string();
    let body = format!(
        "{head}content-length: 10\r\nx-slack-request-timestamp: {seconds}\r\n\
         x-slack-signature: {}\r\n\r\n{{",
        sign(SECRET, "v0", &seconds, b"")
    );
    let health = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
    let (nothing, no_head, no_body, kept) = tokio::join!(
        bridge.exchange(b""),
        bridge.exchange(head.as_bytes()),
        bridge.exchange(body.as_bytes()),
        // One that was answered, and then says nothing more.
        bridge.exchange(health.as_bytes()),
    );
    for answer in [nothing, no_head, no_body] {
        assert!(matches!(split_answer(&answer).0, 0 | 408), "{answer}");
    }
    assert_eq!(split_answer(&kept).0, 200);
    assert!(started.elapsed() < Duration::from_secs(25));
    assert_eq!(bridge.deliver(&delivery(json!({}))).await, 200);
}

#[tokio::test]
async fn a_stop_answers_what_has_begun_and_then_ends() {
    let mut bridge = start().await;
    let body = delivery(json!({})).to_string();
    let seconds = (TIME / 1000).to_string();
    let mut stream = bridge.connect().await;
    let head = format!(
        "POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\
         x-slack-request-timestamp: {seconds}\r\nx-slack-signature: {}\r\n\r\n",
        body.len(),
        sign(SECRET, "v0", &seconds, body.as_bytes())
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    bridge.stop.take().unwrap().send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert_eq!(split_answer(&String::from_utf8_lossy(&answer)).0, 200);
    (&mut bridge.server).await.unwrap();
    assert_eq!(bridge.errands().len(), 1);
    assert!(
        TcpStream::connect(("127.0.0.1", bridge.port))
            .await
            .is_err()
    );
}

/// A ledger that fails or never answers.
struct Broken(bool);

impl Broken {
    async fn fail<T>(&self) -> Result<T, LedgerError> {
        if self.0 {
            std::future::pending::<()>().await;
        }
        Err(LedgerError("disk full".to_owned()))
    }
}

impl Ledger for Broken {
    async fn record(&self, _: &Question, _: RateLimit, _: Millis) -> Result<Recorded, LedgerError> {
        self.fail().await
    }
    async fn claim(&self, _: &Thread, _: &Lease, _: Millis) -> Result<bool, LedgerError> {
        self.fail().await
    }
    async fn renew(&self, _: &Thread, _: &Lease) -> Result<bool, LedgerError> {
        self.fail().await
    }
    async fn release(&self, _: &Thread, _: &str) -> Result<(), LedgerError> {
        self.fail().await
    }
    async fn find_next(&self, _: &Thread) -> Result<Option<OpenQuestion>, LedgerError> {
        self.fail().await
    }
    async fn begin(&self, _: &Question, _: &str) -> Result<bool, LedgerError> {
        self.fail().await
    }
    async fn note_asked(
        &self,
        _: &Question,
        _: &str,
        _: &str,
        _: Millis,
    ) -> Result<bool, LedgerError> {
        self.fail().await
    }
    async fn close(&self, _: &Question, _: &str, _: &Closing) -> Result<bool, LedgerError> {
        self.fail().await
    }
    async fn find_waiting(&self, _: Millis, _: Millis) -> Result<Vec<Thread>, LedgerError> {
        self.fail().await
    }
    async fn forget(&self, _: Millis) -> Result<(), LedgerError> {
        self.fail().await
    }
}

#[tokio::test]
async fn case_28_a_ledger_that_fails_or_hangs_is_answered_503_in_time() {
    for hangs in [false, true] {
        let place = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(&place.path().join("padel-slack.db")).unwrap();
        let bridge = start_with(place, ledger, Broken(hangs), filter(), SECRET).await;
        let started = Instant::now();
        assert_eq!(bridge.deliver(&delivery(json!({}))).await, 503);
        assert!(started.elapsed() < Duration::from_millis(2500));
        assert!(bridge.errands().is_empty());
        assert_eq!(
            bridge.deliver(&delivery(json!({"channel": "C99"}))).await,
            200
        );
        assert!(bridge.lines().contains("ledger_failed"));
    }
}
