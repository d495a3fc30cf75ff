//! One WebSocket of Socket Mode, from its upgrade to its end.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        FromRequestParts, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use serde_json::{Value, json};
use tokio::{select, sync::mpsc, time::interval};

use super::{SocketOrder, Task};
use crate::{json::encode_json, setup::APP, sim::Sim};

/// Assumed: how often Slack pings.
const BETWEEN_PINGS: Duration = Duration::from_secs(10);

/// Documented: a connection is warned about ten seconds before its end.
const WARNED_BEFORE: TimeDelta = TimeDelta::seconds(10);

/// The name of Slack's machine at the other end, as `debug_info` tells it.
const HOST: &str = "applink-simulated";

type Outgoing = SplitSink<WebSocket, Message>;

/// Upgrades a request with an unused ticket to a WebSocket.
pub(crate) async fn open_connection(sim: Arc<Sim>, mut parts: Parts) -> Response {
    let query = parts.uri.query().unwrap_or_default();
    let ticket = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "ticket")
        .map(|(_, ticket)| ticket.into_owned());
    if !ticket.is_some_and(|ticket| sim.sockets.redeem_ticket(&ticket)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade.on_upgrade(move |socket| serve(sim, socket)),
        Err(rejection) => rejection.into_response(),
    }
}

async fn serve(sim: Arc<Sim>, socket: WebSocket) {
    let (mut outgoing, mut incoming) = socket.split();
    let Some((number, count, mut tasks)) = sim.sockets.register() else {
        let _ = disconnect(&mut outgoing, "too_many_websockets").await;
        let _ = outgoing.close().await;
        return;
    };
    let mut pings = interval(BETWEEN_PINGS);
    let mut end = None;
    let hello = json!({
        "type": "hello", "num_connections": count, "connection_info": {"app_id": APP},
        "debug_info": {
            "host": HOST, "build_number": 1, "approximate_connection_time": 18_060,
        },
    });
    let mut is_open = send(&mut outgoing, &hello).await.is_ok();
    while is_open {
        let refresh = async {
            match end {
                Some(end) => sim.control.clock.wait_until(end).await,
                None => std::future::pending().await,
            }
        };
        is_open = select! {
            task = tasks.recv() => match task {
                Some(Task::Send(envelope)) => send(&mut outgoing, &envelope).await.is_ok(),
                Some(Task::Obey(SocketOrder::Warn)) => {
                    end = Some(sim.stamps.now() + WARNED_BEFORE);
                    disconnect(&mut outgoing, "warning").await.is_ok()
                }
                Some(Task::Obey(SocketOrder::Freeze)) => freeze(&mut tasks).await,
                Some(Task::Obey(order)) => {
                    end_connection(&mut outgoing, order).await;
                    false
                }
                None => false,
            },
            () = refresh => {
                end_connection(&mut outgoing, SocketOrder::Refresh).await;
                false
            }
            message = incoming.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    sim.sockets.acknowledge(&text);
                    true
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => false,
                Some(Ok(_)) => true,
            },
            _ = pings.tick() => {
                let ping = Message::Ping("Ping from simulated".into());
                outgoing.send(ping).await.is_ok()
            }
        };
    }
    sim.sockets.forget(number);
}

/// Does nothing until the connection is to end.
async fn freeze(tasks: &mut mpsc::UnboundedReceiver<Task>) -> bool {
    loop {
        match tasks.recv().await {
            None | Some(Task::Obey(SocketOrder::Drop)) => return false,
            Some(_) => {}
        }
    }
}

async fn end_connection(outgoing: &mut Outgoing, order: SocketOrder) {
    let reason = match order {
        SocketOrder::Refresh => "refresh_requested",
        SocketOrder::Disable => "link_disabled",
        SocketOrder::Drop | SocketOrder::Freeze | SocketOrder::Warn => return,
    };
    let _ = disconnect(outgoing, reason).await;
    let _ = outgoing.close().await;
}

async fn disconnect(outgoing: &mut Outgoing, reason: &str) -> Result<(), axum::Error> {
    let message = json!({"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}});
    send(outgoing, &message).await
}

async fn send(outgoing: &mut Outgoing, message: &Value) -> Result<(), axum::Error> {
    outgoing
        .send(Message::Text(encode_json(message).into()))
        .await
}
