//! `apps.connections.open`: the address of a WebSocket.

use serde_json::json;

use super::{Refusal, answer::Reply, arguments::Arguments, gate::Caller};
use crate::sim::Sim;

pub(super) fn open_connection(sim: &Sim, _: &Caller, _: &Arguments) -> Reply {
    let ticket = sim.sockets.issue_ticket(&sim.stamps);
    match ticket.filter(|_| sim.setup.socket_mode) {
        Some(url) => Ok(json!({ "url": url })),
        // Assumed: the name of the error.
        None => Err(Refusal::new("socket_mode_not_enabled")),
    }
}
