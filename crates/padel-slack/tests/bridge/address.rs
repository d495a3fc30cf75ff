//! The address for Slack over real connections: what is answered, recorded and handed over.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use padel_slack::{
    accept::Intake,
    handover::{Errand, Handover, HandoverError},
    ledger::{Closing, Lease, Ledger, LedgerError, Millis, OpenQuestion, RateLimit, Recorded},
    machine::{
        http::{Address, serve_address},
        sqlite::SqliteLedger,
    },
    question::{Question, Thread},
    signature::SigningSecrets,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::samples::{SECRET, delivery, filter, sign};

const TIME: Millis = 1_531_420_618_000;

/// Keeps what it is handed.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Errand>>>);

impl Handover for Kept {
    async fn hand_over(&self, errand: Errand) -> Result<(), HandoverError> {
        self.0.lock().unwrap().push(errand);
        Ok(())
    }
}

/// A bridge that listens.
struct Bridge {
    port: u16,
    kept: Kept,
    ledger: SqliteLedger,
    lines: Arc<Mutex<Vec<String>>>,
    clock: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
    _place: TempDir,
}

async fn start() -> Bridge {
    let place = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&place.path().join("padel-slack.db")).unwrap();
    start_with(place, ledger.clone(), ledger).await
}

async fn start_with(place: TempDir, ledger: SqliteLedger, port: impl Ledger) -> Bridge {
    let (kept, lines) = (Kept::default(), Arc::new(Mutex::new(Vec::new())));
    let clock = Arc::new(AtomicI64::new(TIME));
    let (written, time) = (Arc::clone(&lines), Arc::clone(&clock));
    let address = Address {
        intake: Arc::new(Intake {
            filter: filter(),
            limit: RateLimit {
                questions: 30,
                window: 600_000,
            },
            ledger: port,
            handover: kept.clone(),
        }),
        secrets: Some(SigningSecrets::new([SECRET.to_owned()]).unwrap()),
        clock: Arc::new(move || time.load(Ordering::Relaxed)),
        log: Arc::new(move |entry| {
            written
                .lock()
                .unwrap()
                .push(entry.to_json("2018-07-12T18:36:58Z"));
        }),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel();
    let stopped = async move {
        let _ = stopped.await;
    };
    let server = tokio::spawn(serve_address(listener, Arc::new(address), stopped));
    Bridge {
        port,
        kept,
        ledger,
        lines,
        clock,
        stop: Some(stop),
        server,
        _place: place,
    }
}

impl Bridge {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Sends bytes, and returns what comes until the connection ends.
    async fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // The other side may have seen enough.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Posts a body with these headers; returns status and body of the answer.
    async fn post(&self, headers: &str, body: &[u8]) -> (u16, String) {
        let head = format!(
            "POST /slack/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             content-length: {}\r\n{headers}\r\n",
            body.len()
        );
        let answer = self.exchange(&[head.as_bytes(), body].concat()).await;
        split_answer(&answer)
    }

    /// Posts a body that Slack signed now.
    async fn deliver_bytes(&self, body: &[u8], more: &str) -> (u16, String) {
        let seconds = (self.clock.load(Ordering::Relaxed) / 1000).to_string();
        let signature = sign(SECRET, "v0", &seconds, body);
        let headers = format!(
            "x-slack-request-timestamp: {seconds}\r\nx-slack-signature: {signature}\r\n{more}"
        );
        self.post(&headers, body).await
    }

    async fn deliver(&self, delivery: &Value) -> u16 {
        self.deliver_bytes(delivery.to_string().as_bytes(), "")
            .await
            .0
    }

    fn errands(&self) -> Vec<Errand> {
        self.kept.0.lock().unwrap().clone()
    }

    fn lines(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

fn split_answer(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (status.unwrap_or(0), body.to_owned())
}

fn numbered(number: u32) -> Value {
    let id = format!("5a6b7c8d-{number}");
    let ts = format!("1531420618.{number:06}");
    delivery(json!({"client_msg_id": id, "ts": ts, "event_ts": ts}))
}

#[tokio::test]
async fn a_question_is_recorded_and_handed_over_before_the_answer() {
    let bridge = start().await;
    assert_eq!(bridge.deliver(&delivery(json!({}))).await, 200);
    let errands = bridge.errands();
    assert_eq!(errands.len(), 1);
    assert_eq!(errands[0].arrived.as_deref(), Some("1531420618.000100"));
    let open = bridge
        .ledger
        .find_next(&errands[0].thread)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(open.question.text, "is a court free tonight?");
    assert_eq!(open.accepted_at, TIME);
}

#[tokio::test]
async fn case_02_a_body_beyond_ascii_is_verified_by_its_bytes() {
    let bridge = start().await;
    let body = "{\"type\":\"event_callback\",\"event\":{\"text\":\"Plätze frei? 🎾\"}}";
    let headers = "x-slack-request-timestamp: 1531420618\r\nX-SLACK-SIGNATURE: \
        v0=0de03ac4a87e1170a9a608ac9d85f8be128b64e61422a0c47dd49e63d55e37e2\r\n";
    assert_eq!(bridge.post(headers, body.as_bytes()).await.0, 200);
}

#[tokio::test]
async fn case_09_nothing_unsigned_is_answered() {
    let bridge = start().await;
    let challenge = br#"{"type":"url_verification","challenge":"3eZbrw1a"}"#;
    for body in [b"ssl_check=1&token=x".as_slice(), challenge, b"", b"{"] {
        assert_eq!(bridge.post("", body).await, (401, String::new()));
    }
    assert!(bridge.errands().is_empty());
}

#[tokio::test]
async fn case_10_a_challenge_is_sent_back_as_plain_text() {
    let bridge = start().await;
    let body = json!({"type": "url_verification", "challenge": "3eZbrw1a"}).to_string();
    let answer = bridge.deliver_bytes(body.as_bytes(), "").await;
    assert_eq!(answer, (200, "3eZbrw1a".to_owned()));
    let without = br#"{"type":"url_verification"}"#;
    assert_eq!(
        bridge.deliver_bytes(without, "").await,
        (400, String::new())
    );
}

#[tokio::test]
async fn case_12_four_deliveries_of_one_event_are_one_question() {
    let bridge = start().await;
    let body = delivery(json!({})).to_string();
    for retry in 0..4 {
        bridge.clock.fetch_add(3000, Ordering::Relaxed);
        let more = format!("x-slack-retry-num: {retry}\r\nx-slack-retry-reason: http_timeout\r\n");
        assert_eq!(bridge.deliver_bytes(body.as_bytes(), &more).await.0, 200);
    }
    assert_eq!(bridge.errands().len(), 1);
    assert!(bridge.lines().contains(r#""retry_reason":"http_timeout""#));
}

#[tokio::test]
async fn case_13_eleven_events_of_one_message_are_one_question() {
    let bridge = start().await;
    for number in 0..11 {
        let mut delivery = delivery(json!({}));
        delivery["event_id"] = json!(format!("Ev{number}"));
        assert_eq!(bridge.deliver(&delivery).await, 200);
    }
    assert_eq!(bridge.errands().len(), 1);
}

#[tokio::test]
async fn case_16_an_event_that_is_dropped_takes_nobodys_key() {
    for order in [["message", "app_mention"], ["app_mention", "message"]] {
        let bridge = start().await;
        for kind in order {
            assert_eq!(bridge.deliver(&delivery(json!({"type": kind}))).await, 200);
        }
        assert_eq!(bridge.errands().len(), 1, "{order:?}");
    }
}

#[tokio::test]
async fn case_20_the_31st_question_in_ten_minutes_is_told_once() {
    let bridge = start().await;
    for number in 1..=33 {
        assert_eq!(bridge.deliver(&numbered(number)).await, 200);
    }
    let errands = bridge.errands();
    assert_eq!(errands.len(), 31);
    let last = bridge
        .ledger
        .find_next(&errands[30].thread)
        .await
        .unwrap()
        .unwrap();
    assert!(last.is_over_limit && errands[30].arrived.is_none());
    assert!(bridge.lines().contains(r#""event":"too_many""#));
    // A redelivery of one that was dropped stays dropped, also later.
    bridge.clock.fetch_add(600_000, Ordering::Relaxed);
    assert_eq!(bridge.deliver(&numbered(33)).await, 200);
    assert_eq!(bridge.errands().len(), 31);
    assert_eq!(bridge.deliver(&numbered(34)).await, 200);
    assert_eq!(bridge.errands().len(), 32);
}

#[tokio::test]
async fn case_21_what_is_signed_and_unwanted_is_answered_200() {
    let bridge = start().await;
    let unwanted = [
        json!({"type": "app_rate_limited", "minute_rate_limited": 1_531_420_618}),
        json!({"type": "new_in_2027"}),
        json!([]),
        delivery(json!({"type": "reaction_added"})),
        delivery(json!({"subtype": "channel_join"})),
        delivery(json!({"channel": "C99"})),
    ];
    for body in unwanted {
        assert_eq!(bridge.deliver(&body).await, 200, "{body}");
    }
    assert!(bridge.errands().is_empty());
    assert!(bridge.lines().contains("slack_holds_events_back"));
}

#[tokio::test]
async fn case_29_a_retry_that_is_the_first_to_arrive_is_a_question() {
    let bridge = start().await;
    let body = delivery(json!({})).to_string();
    let more = "x-slack-retry-num: 1\r\nx-slack-retry-reason: connection_failed\r\n";
    assert_eq!(bridge.deliver_bytes(body.as_bytes(), more).await.0, 200);
    assert_eq!(bridge.errands().len(), 1);
}

#[tokio::test]
async fn case_30_four_messages_in_another_order_are_four_questions() {
    let bridge = start().await;
    for number in [4, 2, 1, 3] {
        assert_eq!(bridge.deliver(&numbered(number)).await, 200);
    }
    let arrived: Vec<_> = bridge
        .errands()
        .into_iter()
        .filter_map(|e| e.arrived)
        .collect();
    assert_eq!(arrived.len(), 4);
    assert_eq!(arrived[0], "1531420618.000004");
}

#[tokio::test]
async fn case_32_any_signed_body_is_answered() {
    let bridge = start().await;
    let deep = "[".repeat(10_000);
    for body in [
        "",
        "null",
        "5",
        "[]",
        "{",
        &deep,
        "{\"event\":5,\"type\":\"event_callback\"}",
    ] {
        let (status, _) = bridge.deliver_bytes(body.as_bytes(), "").await;
        assert_eq!(status, 200, "{body:.20}");
    }
    assert_eq!(
        bridge.deliver_bytes(b"{\"a\":\"\xff\xfe\"}", "").await.0,
        200
    );
}

#[tokio::test]
async fn case_32_a_body_above_a_mebibyte_is_refused() {
    let bridge = start().await;
    let mut body = delivery(json!({})).to_string().into_bytes();
    body.resize(1024 * 1024, b' ');
    assert_eq!(bridge.deliver_bytes(&body, "").await.0, 200);
    body.push(b' ');
    assert_eq!(bridge.deliver_bytes(&body, "").await.0, 413);
    // Without a stated length, it is read that far and no farther.
    let seconds = (TIME / 1000).to_string();
    let head = format!(
        "POST /slack/events HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\
         \r\nx-slack-request-timestamp: {seconds}\r\nx-slack-signature: {}\r\n\r\n200000\r\n",
        sign(SECRET, "v0", &seconds, &body)
    );
    body.resize(0x20_0000, b' ');
    let answer = bridge.exchange(&[head.as_bytes(), &body].concat()).await;
    assert!(matches!(split_answer(&answer).0, 413 | 0), "{answer}");
}

#[tokio::test]
async fn case_34_no_line_holds_a_text_a_secret_or_a_signature() {
    let bridge = start().await;
    let text = "hush-hush courts";
    for fields in [
        json!({}),
        json!({"subtype": "channel_join"}),
        json!({"channel": "C99"}),
    ] {
        let mut fields = fields;
        fields["text"] = json!(text);
        let body = delivery(fields).to_string();
        bridge.deliver_bytes(body.as_bytes(), "").await;
        let wrong = sign("another", "v0", &(TIME / 1000).to_string(), body.as_bytes());
        let headers = format!(
            "x-slack-request-timestamp: {}\r\nx-slack-signature: {wrong}\r\n",
            TIME / 1000
        );
        assert_eq!(
            bridge.post(&headers, body.as_bytes()).await,
            (401, String::new())
        );
        let right = sign(SECRET, "v0", &(TIME / 1000).to_string(), body.as_bytes());
        let lines = bridge.lines();
        for hidden in ["hush", SECRET, wrong.as_str(), &wrong[3..], &right[3..]] {
            assert!(!lines.contains(hidden), "{hidden}: {lines}");
        }
    }
    assert_eq!(bridge.lines().lines().count(), 6);
}

#[tokio::test]
async fn case_35_a_slash_command_gets_a_short_text() {
    let bridge = start().await;
    let form = b"token=x&command=%2Fpadel&text=free%3F";
    let (status, text) = bridge.deliver_bytes(form, "").await;
    assert_eq!(status, 200);
    assert!(text.starts_with("I answer messages"), "{text}");
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
        let bridge = start_with(place, ledger, Broken(hangs)).await;
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

#[tokio::test]
async fn case_39_sixteen_deliveries_at_once_are_one_question() {
    let bridge = Arc::new(start().await);
    let runs: Vec<_> = (0..16)
        .map(|_| {
            let bridge = Arc::clone(&bridge);
            tokio::spawn(async move { bridge.deliver(&delivery(json!({}))).await })
        })
        .collect();
    for run in runs {
        assert_eq!(run.await.unwrap(), 200);
    }
    assert_eq!(bridge.errands().len(), 1);
}
