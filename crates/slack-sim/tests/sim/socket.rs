//! Socket Mode: connections, envelopes, acknowledgements, ends.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use slack_sim::{DEFAULT_APP_TOKEN, Outcome, SocketOrder, Workspace};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{client::Web, workspace};

const PATIENCE: Duration = Duration::from_secs(20);

/// One connection of an app.
struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn connect(url: &str) -> Self {
        Self(connect_async(url).await.unwrap().0)
    }

    /// The next message; `None` when the connection has ended.
    async fn next(&mut self) -> Option<Value> {
        loop {
            let message = timeout(PATIENCE, self.0.next()).await.unwrap();
            match message? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    async fn acknowledge(&mut self, envelope: &Value) {
        let answer = json!({"envelope_id": envelope["envelope_id"]}).to_string();
        self.0.send(Message::Text(answer.into())).await.unwrap();
    }
}

/// An address for one connection; the error without.
fn open(workspace: &Workspace) -> Result<String, String> {
    let web = Web::new(workspace);
    let request = web.request("apps.connections.open");
    let answer = request.bearer_auth(DEFAULT_APP_TOKEN).send().unwrap();
    let body: Value = answer.json().unwrap();
    match body["url"].as_str() {
        Some(url) => Ok(url.to_owned()),
        None => Err(body["error"].as_str().unwrap().to_owned()),
    }
}

fn connect(workspace: &Workspace) -> Socket {
    let url = open(workspace).unwrap();
    workspace.block_on(async {
        let mut socket = Socket::connect(&url).await;
        let hello = socket.next().await.unwrap();
        assert_eq!(hello["type"], "hello");
        socket
    })
}

fn outcomes(workspace: &Workspace) -> Vec<Outcome> {
    let attempts = workspace.attempts().into_iter();
    attempts.map(|attempt| attempt.outcome).collect()
}

#[test]
fn an_envelope_is_delivered_and_acknowledged() {
    let workspace = workspace().socket_mode().start();
    let mut socket = connect(&workspace);
    let ts = workspace.type_message("anna", "padel", "frei?");
    workspace.block_on(async {
        let envelope = socket.next().await.unwrap();
        assert_eq!(envelope["type"], "events_api");
        assert_eq!(envelope["retry_attempt"], 0);
        assert_eq!(envelope["accepts_response_payload"], false);
        assert_eq!(envelope["payload"]["type"], "event_callback");
        assert_eq!(envelope["payload"]["event"]["ts"], ts);
        socket.acknowledge(&envelope).await;
        workspace.settle().await;
    });
    assert_eq!(outcomes(&workspace), [Outcome::Acknowledged]);
}

#[test]
fn an_unacknowledged_envelope_comes_again() {
    let workspace = workspace().socket_mode().start();
    let mut socket = connect(&workspace);
    workspace.type_message("anna", "padel", "frei?");
    workspace.block_on(async {
        let first = socket.next().await.unwrap();
        workspace.advance(Duration::from_secs(3));
        let second = socket.next().await.unwrap();
        assert_eq!(second["retry_attempt"], 1);
        assert_eq!(second["retry_reason"], "timeout");
        assert_eq!(second["payload"], first["payload"]);
        assert_ne!(second["envelope_id"], first["envelope_id"]);
        // Too late for the first, in time for the second.
        socket.acknowledge(&first).await;
        socket.acknowledge(&second).await;
        workspace.settle().await;
    });
    assert_eq!(
        outcomes(&workspace),
        [Outcome::TimedOut, Outcome::Acknowledged]
    );
}

#[test]
fn connections_take_turns() {
    let workspace = workspace().socket_mode().start();
    let mut sockets = [connect(&workspace), connect(&workspace)];
    assert_eq!(workspace.open_sockets(), 2);
    for text in ["one", "two", "three", "four"] {
        workspace.type_message("anna", "padel", text);
        std::thread::sleep(Duration::from_millis(20));
    }
    let mut heard = Vec::new();
    for socket in &mut sockets {
        workspace.block_on(async {
            for _ in 0..2 {
                let envelope = socket.next().await.unwrap();
                socket.acknowledge(&envelope).await;
                heard.push(
                    envelope["payload"]["event"]["text"]
                        .as_str()
                        .unwrap()
                        .to_owned(),
                );
            }
        });
    }
    heard.sort();
    assert_eq!(heard, ["four", "one", "three", "two"]);
}

#[test]
fn an_eleventh_connection_is_refused() {
    let workspace = workspace().socket_mode().without_rate_limits().start();
    let _sockets: Vec<Socket> = (0..10).map(|_| connect(&workspace)).collect();
    let url = open(&workspace).unwrap();
    workspace.block_on(async {
        let mut socket = Socket::connect(&url).await;
        let refusal = socket.next().await.unwrap();
        assert_eq!(refusal["reason"], "too_many_websockets");
        assert_eq!(socket.next().await, None);
    });
}

#[test]
fn a_ticket_opens_one_connection() {
    let workspace = workspace().socket_mode().start();
    let url = open(&workspace).unwrap();
    workspace.block_on(async {
        let _socket = Socket::connect(&url).await;
        let error = connect_async(&url).await.unwrap_err();
        assert!(error.to_string().contains("401"), "{error}");
    });
}

#[test]
fn a_warned_connection_is_refreshed_after_ten_seconds() {
    let workspace = workspace().socket_mode().start();
    let mut socket = connect(&workspace);
    workspace.order_sockets(SocketOrder::Warn);
    workspace.block_on(async {
        assert_eq!(socket.next().await.unwrap()["reason"], "warning");
        workspace.type_message("anna", "padel", "still here?");
        let envelope = socket.next().await.unwrap();
        socket.acknowledge(&envelope).await;
        workspace.settle().await;
        workspace.advance(Duration::from_secs(10));
        assert_eq!(socket.next().await.unwrap()["reason"], "refresh_requested");
        assert_eq!(socket.next().await, None);
    });
}

#[test]
fn a_dropped_connection_loses_its_envelope() {
    let workspace = workspace().socket_mode().start();
    let mut socket = connect(&workspace);
    workspace.type_message("anna", "padel", "frei?");
    workspace.block_on(async {
        socket.next().await.unwrap();
        workspace.order_sockets(SocketOrder::Drop);
        assert_eq!(socket.next().await, None);
        workspace.settle().await;
    });
    let lost = Outcome::Failed("connection_failed");
    assert_eq!(outcomes(&workspace), [lost.clone(), lost]);
    let mut socket = connect(&workspace);
    workspace.advance(Duration::from_secs(60));
    workspace.block_on(async {
        let envelope = socket.next().await.unwrap();
        assert_eq!(envelope["retry_attempt"], 2);
    });
}

#[test]
fn a_frozen_connection_answers_nothing() {
    let workspace = workspace().socket_mode().start();
    let mut socket = connect(&workspace);
    workspace.order_sockets(SocketOrder::Freeze);
    workspace.type_message("anna", "padel", "frei?");
    workspace.block_on(async {
        let silence = timeout(Duration::from_millis(100), socket.next()).await;
        assert!(silence.is_err(), "{silence:?}");
    });
    assert_eq!(workspace.open_sockets(), 1);
    workspace.order_sockets(SocketOrder::Drop);
    workspace.block_on(async { assert_eq!(socket.next().await, None) });
}

#[test]
fn a_disabled_link_gives_no_new_connection() {
    let workspace = workspace().socket_mode().start();
    let mut socket = connect(&workspace);
    workspace.order_sockets(SocketOrder::Disable);
    workspace.block_on(async {
        assert_eq!(socket.next().await.unwrap()["reason"], "link_disabled");
    });
    assert_eq!(open(&workspace), Err("socket_mode_not_enabled".to_owned()));
}

#[test]
fn without_socket_mode_no_connection_is_given() {
    let workspace = workspace().start();
    assert_eq!(open(&workspace), Err("socket_mode_not_enabled".to_owned()));
}
