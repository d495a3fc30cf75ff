//! The port to whoever answers. It may lose an errand or run it twice: the ledger knows what is
//! open, and a sweep hands it over again.

use std::future::Future;

use serde::{Deserialize, Serialize};

use crate::question::Thread;

/// A thread that has open questions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// The thread.
    pub thread: Thread,
    /// The time of the message that has just come, so that its author sees at once that it did.
    pub arrived: Option<String>,
}

/// An errand could not be handed over now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the handover: {0}")]
pub struct HandoverError(pub String);

/// The port.
pub trait Handover: Send + Sync + 'static {
    /// Sees to it that the thread's questions are answered, and does not wait for that.
    fn hand_over(&self, errand: Errand) -> impl Future<Output = Result<(), HandoverError>> + Send;
}
