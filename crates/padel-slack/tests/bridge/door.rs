//! The way in on one machine: the address for Slack, over real connections.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use padel_slack::{
    accept::Intake,
    filter::Filter,
    handover::{Errand, Handover, HandoverError},
    ledger::{Ledger, Millis, RateLimit},
    machine::{
        http::{Address, serve_address},
        sqlite::SqliteLedger,
    },
    settings::read_secrets,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::home::Store;

pub(crate) const TIME: Millis = 1_531_420_618_000;

/// Keeps what it is handed.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<Errand>>>);

impl Handover for Kept {
    async fn hand_over(&self, errand: Errand) -> Result<(), HandoverError> {
        self.0.lock().unwrap().push(errand);
        Ok(())
    }
}

/// A bridge that listens.
pub(crate) struct Bridge {
    pub(crate) port: u16,
    kept: Kept,
    pub(crate) ledger: Store,
    lines: Arc<Mutex<Vec<String>>>,
    pub(crate) clock: Arc<AtomicI64>,
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) server: JoinHandle<()>,
    _place: TempDir,
}

/// Starts a bridge with these signing secrets, `new,old`.
pub(crate) async fn start_for(filter: Filter, secrets: &str) -> Bridge {
    let place = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&place.path().join("padel-slack.db")).unwrap();
    start_with(place, ledger.clone(), ledger, filter, secrets).await
}

/// Starts one whose ledger goes through another port.
pub(crate) async fn start_with(
    place: TempDir,
    ledger: Store,
    port: impl Ledger,
    filter: Filter,
    secrets: &str,
) -> Bridge {
    let (kept, lines) = (Kept::default(), Arc::new(Mutex::new(Vec::new())));
    let clock = Arc::new(AtomicI64::new(TIME));
    let (written, time) = (Arc::clone(&lines), Arc::clone(&clock));
    let address = Address {
        intake: Arc::new(Intake {
            filter,
            limit: RateLimit {
                questions: 30,
                window: 600_000,
            },
            ledger: port,
            handover: kept.clone(),
        }),
        secrets: Some(read_secrets(secrets).unwrap()),
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
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Sends bytes, and returns what comes until the connection ends.
    pub(crate) async fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // The other side may have seen enough.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Posts a body with these headers; returns status and body of the answer.
    pub(crate) async fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> (u16, String) {
        let mut head = format!(
            "POST /slack/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        let answer = self.exchange(&[head.as_bytes(), body].concat()).await;
        split_answer(&answer)
    }

    /// Errands that were handed over, in their order.
    pub(crate) fn errands(&self) -> Vec<Errand> {
        self.kept.0.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

pub(crate) fn split_answer(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (status.unwrap_or(0), body.to_owned())
}
