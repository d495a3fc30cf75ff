//! Socket Mode: tickets, open connections, envelopes and their acknowledgements.

mod connection;

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    sync::{Mutex, OnceLock},
};

use serde_json::{Value, json};
use sim_server::locked;
use tokio::sync::{mpsc, oneshot};

use crate::{events::Outcome, setup::APP, sim::Sim, stamps::Stamps};

pub(crate) use connection::open_connection;

/// Documented: an app may have ten connections.
const MOST_CONNECTIONS: usize = 10;

/// A turn in the life of an app's open connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketOrder {
    /// `disconnect` with reason `warning`; ten seconds later the connection is refreshed.
    Warn,
    /// `disconnect` with reason `refresh_requested`, then the connection is closed.
    Refresh,
    /// `disconnect` with reason `link_disabled`: closed, and no new one is given.
    Disable,
    /// The connection ends without a word.
    Drop,
    /// The connection stays open, but nothing is sent or read any more.
    Freeze,
}

/// A text that names no order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of warn, refresh, disable, drop, freeze")]
pub struct UnknownOrder(String);

impl FromStr for SocketOrder {
    type Err = UnknownOrder;

    fn from_str(text: &str) -> Result<Self, UnknownOrder> {
        Ok(match text {
            "warn" => Self::Warn,
            "refresh" => Self::Refresh,
            "disable" => Self::Disable,
            "drop" => Self::Drop,
            "freeze" => Self::Freeze,
            other => return Err(UnknownOrder(other.to_owned())),
        })
    }
}

/// The next thing for a connection to do.
#[derive(Debug)]
enum Task {
    Send(Value),
    Obey(SocketOrder),
}

#[derive(Debug, Default)]
pub(crate) struct Sockets {
    /// `ws://127.0.0.1:PORT`, once the workspace listens.
    address: OnceLock<String>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Each opens one connection.
    tickets: BTreeSet<String>,
    connections: BTreeMap<u64, mpsc::UnboundedSender<Task>>,
    /// By `envelope_id`: the connection that it was sent on, and who waits for the answer.
    awaited: BTreeMap<String, (u64, oneshot::Sender<()>)>,
    /// The connection that got the last event.
    last_used: u64,
    next: u64,
    is_disabled: bool,
}

impl Sockets {
    pub(crate) fn set_address(&self, url: &str) {
        let address = url.replacen("http", "ws", 1);
        // It is set once, when the workspace starts.
        let _ = self.address.set(address);
    }

    /// The address of a new connection; none when the link is disabled.
    pub(crate) fn issue_ticket(&self, stamps: &Stamps) -> Option<String> {
        let ticket = stamps.uuid();
        let mut state = locked(&self.state);
        if state.is_disabled {
            return None;
        }
        state.tickets.insert(ticket.clone());
        let address = self.address.get()?;
        Some(format!("{address}/link/?ticket={ticket}&app_id={APP}"))
    }

    fn redeem_ticket(&self, ticket: &str) -> bool {
        locked(&self.state).tickets.remove(ticket)
    }

    pub(crate) fn count(&self) -> usize {
        locked(&self.state).connections.len()
    }

    /// Gives an order to all open connections.
    pub(crate) fn order_all(&self, order: SocketOrder) {
        let mut state = locked(&self.state);
        state.is_disabled |= order == SocketOrder::Disable;
        for connection in state.connections.values() {
            let _ = connection.send(Task::Obey(order));
        }
    }

    /// Adds a connection; none when there are too many. Returns its number and how many there are.
    fn register(&self) -> Option<(u64, usize, mpsc::UnboundedReceiver<Task>)> {
        let mut state = locked(&self.state);
        if state.connections.len() >= MOST_CONNECTIONS {
            return None;
        }
        state.next += 1;
        let number = state.next;
        let (sender, tasks) = mpsc::unbounded_channel();
        state.connections.insert(number, sender);
        Some((number, state.connections.len(), tasks))
    }

    /// Forgets a connection; envelopes that it has not acknowledged have failed.
    fn forget(&self, number: u64) {
        let mut state = locked(&self.state);
        state.connections.remove(&number);
        state
            .awaited
            .retain(|_, (connection, _)| *connection != number);
    }

    fn acknowledge(&self, message: &str) {
        let Ok(message) = serde_json::from_str::<Value>(message) else {
            return;
        };
        let id = message["envelope_id"].as_str().unwrap_or_default();
        let awaited = locked(&self.state).awaited.remove(id);
        if let Some((_, waiting)) = awaited {
            let _ = waiting.send(());
        }
    }

    /// Sends an envelope over the connection whose turn it is. `None` without any.
    fn send_envelope(&self, id: &str, envelope: Value) -> Option<oneshot::Receiver<()>> {
        let mut state = locked(&self.state);
        let after = state.last_used + 1;
        let mut later = state.connections.range(after..);
        let next = later.next().or_else(|| state.connections.iter().next());
        let (number, connection) = next.map(|(number, sender)| (*number, sender.clone()))?;
        connection.send(Task::Send(envelope)).ok()?;
        let (acknowledged, waiting) = oneshot::channel();
        state.last_used = number;
        state.awaited.insert(id.to_owned(), (number, acknowledged));
        Some(waiting)
    }
}

/// An envelope whose acknowledgement is awaited; dropping it stops the waiting.
struct Awaited<'a> {
    sockets: &'a Sockets,
    id: String,
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        locked(&self.sockets.state).awaited.remove(&self.id);
    }
}

/// Sends an event over one of the open connections, and waits until it is acknowledged.
///
/// Assumed: without a connection the attempt has failed and is made again like one over HTTP.
pub(crate) async fn send_event(
    sim: &Sim,
    payload: &Value,
    retry: usize,
    reason: Option<&'static str>,
) -> Outcome {
    let id = sim.stamps.uuid();
    // Reported: here the deadline's reason has this name.
    let reason = match reason {
        Some("http_timeout") => "timeout",
        other => other.unwrap_or_default(),
    };
    let envelope = json!({
        "envelope_id": id, "type": "events_api", "payload": payload,
        "accepts_response_payload": false, "retry_attempt": retry, "retry_reason": reason,
    });
    let awaited = Awaited {
        sockets: &sim.sockets,
        id,
    };
    let Some(waiting) = sim.sockets.send_envelope(&awaited.id, envelope) else {
        return Outcome::Failed("connection_failed");
    };
    match waiting.await {
        Ok(()) => Outcome::Acknowledged,
        Err(_) => Outcome::Failed("connection_failed"),
    }
}
