//! The part that simulators share: everything between a client's connection and the answer to its
//! request.
//!
//! It knows no API. A simulator declares its faults with [`faults!`], starts a [`Server`] with a
//! function from [`Arrival`] to response, and keeps the rest of its state to itself.
//!
//! - `wire`, `tls`: connections that can be cut before the answer, plain or with a throw-away CA.
//! - `server`: takes a request in, notes it, chooses its fault, catches the handler's panic.
//! - `journal`: every request and its answer. `clock`: the real one, or one that tests move.
//! - `fault`: the grammar `FAULT[@WHERE][*TIMES]`. `body`: answers that drip, go on or break off.
//! - `control`: journal, clock and faults over HTTP, below `/__sim/`.
//! - `program`: the options and the start-up line of a simulator that runs as a program.
#![allow(
    missing_docs,
    reason = "a test tool: what a name says is not said twice"
)]

mod body;
mod clock;
mod control;
pub mod fault;
mod journal;
mod options;
mod program;
mod server;
mod spoiled;
mod tls;
mod wire;

use std::{
    io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

pub use body::{Feed, Pieces, break_off, broken_end, drip};
pub use clock::{Clock, machine_time};
pub use control::Control;
pub use fault::{Armed, At, Fault, Order, UnknownFault, Upload};
pub use journal::{Call, panic_message};
pub use options::Options;
pub use program::{ServerArgs, control_help};
pub use server::{Arrival, Server};
pub use spoiled::{sign_in_page, truncate};
pub use tls::{Authority, Certificate};
pub use wire::Peer;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("`{text}` is not an RFC 3339 time: {source}")]
    Time {
        text: String,
        source: chrono::ParseError,
    },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("the throw-away certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("TLS: {0}")]
    Tls(#[from] tokio_rustls::rustls::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Locks a value. A handler that panicked while it held the lock fails the test when the simulator
/// is dropped, so nothing is gained by a second panic here.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
