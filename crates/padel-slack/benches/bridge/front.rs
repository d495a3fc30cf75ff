//! Where the workspace sends its events. Passes each on over a connection of its own, as Slack's come,
//! and keeps when it arrived and how long the 200 took. Also what a bare server is made of.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use http::{HeaderMap, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use padel_slack::clock::machine_clock;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What became of an event.
pub(crate) struct Passage {
    /// Milliseconds since 1970.
    pub(crate) arrived: f64,
    /// Until its answer was read.
    pub(crate) took: Duration,
    pub(crate) status: u16,
}

#[derive(Default)]
struct State {
    receiver: Mutex<String>,
    /// By the messages' times.
    passages: Mutex<HashMap<String, Passage>>,
}

pub(crate) struct Front {
    pub(crate) address: String,
    state: Arc<State>,
}

impl Front {
    pub(crate) async fn start(receiver: &str) -> Self {
        let state = Arc::new(State::default());
        receiver.clone_into(&mut state.receiver.lock().unwrap());
        let passing = Arc::clone(&state);
        let address = serve_bare(move |headers, body| {
            let state = Arc::clone(&passing);
            async move { pass_on(&state, &headers, &body).await }
        });
        Self {
            address: address.await,
            state,
        }
    }

    /// Sends what comes from now on there.
    pub(crate) fn pass_to(&self, receiver: &str) {
        receiver.clone_into(&mut self.state.receiver.lock().unwrap());
    }

    /// Takes what became of the event of a message.
    pub(crate) fn take(&self, ts: &str) -> Option<Passage> {
        self.state.passages.lock().unwrap().remove(ts)
    }
}

/// Serves every request with a status and a body, and does nothing else; returns its address.
pub(crate) async fn serve_bare<A>(
    answer: impl Fn(HeaderMap, Bytes) -> A + Clone + Send + 'static,
) -> String
where
    A: Future<Output = (u16, Bytes)> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let answer = answer.clone();
            let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                let answer = answer.clone();
                async move {
                    let (parts, body) = request.into_parts();
                    let body = body.collect().await.unwrap().to_bytes();
                    let (status, body) = answer(parts.headers, body).await;
                    let response = Response::builder()
                        .status(status)
                        .header("content-type", "text/plain")
                        .body(Full::new(body));
                    Ok::<_, Infallible>(response.unwrap())
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

async fn pass_on(state: &State, headers: &HeaderMap, body: &Bytes) -> (u16, Bytes) {
    let arrived = machine_clock()();
    let receiver = state.receiver.lock().unwrap().clone();
    let request = write_request(headers, body);
    let started = Instant::now();
    let mut stream = TcpStream::connect(&receiver).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let took = started.elapsed();
    let answer = String::from_utf8(answer).unwrap();
    let (head, answer) = answer.split_once("\r\n\r\n").unwrap();
    let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
    if let Some(ts) = read_question(body) {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century")]
        let arrived = arrived as f64;
        let passage = Passage {
            arrived,
            took,
            status,
        };
        state.passages.lock().unwrap().insert(ts, passage);
    }
    (status, Bytes::from(answer.to_owned()))
}

/// The time of the message that a person wrote; none for the app's own.
pub(crate) fn read_question(body: &[u8]) -> Option<String> {
    let event = serde_json::from_slice::<Value>(body).ok()?["event"].take();
    let is_own = event.get("bot_id").is_some();
    event["ts"].as_str().filter(|_| !is_own).map(str::to_owned)
}

fn write_request(headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let mut request = b"POST /slack/events HTTP/1.1\r\nhost: padel.example.org\r\n".to_vec();
    for (name, value) in headers {
        if name.as_str().starts_with("x-slack-") || name == "content-type" {
            request.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
    }
    let end = format!(
        "connection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    request.extend(end.as_bytes());
    request.extend(body);
    request
}
