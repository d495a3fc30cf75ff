//! The faults at work: in place of an answer, or on the genuine one.

use std::time::Duration;

use axum::{body::Bytes, response::Response};
use sim_server::{Peer, sign_in_page, truncate};
use tokio::time::sleep;

use super::Fault;
use crate::web::{Answer, Refusal};

impl Fault {
    /// The answer that is given in place of doing anything.
    pub(crate) fn replace(self) -> Option<Answer> {
        let refusal = match self {
            Self::Status(status) => Refusal::new("fatal_error").with_status(status),
            Self::Error(name) => Refusal::new(name.0),
            Self::Seconds429(seconds) => Refusal::rate_limited(seconds.into()),
            _ => return None,
        };
        Some(refusal.into_answer())
    }
}

/// Keeps an answer back, for a while or for good.
pub(crate) async fn delay(fault: Option<Fault>) {
    match fault {
        Some(Fault::Slow(millis)) => sleep(Duration::from_millis(millis.into())).await,
        Some(Fault::Silent) => std::future::pending().await,
        _ => {}
    }
}

/// Spoils a genuine answer, or leaves it alone.
pub(crate) fn spoil(fault: Option<Fault>, answer: Answer, peer: &Peer) -> Response {
    match fault {
        Some(Fault::LostAfter) => peer.close(),
        Some(Fault::ResetAfter) => peer.reset(),
        Some(Fault::Truncated) => {
            let body = Bytes::from(answer.body.clone().into_bytes());
            return truncate(answer.into_response(), &body);
        }
        Some(Fault::Malformed) => {
            let mut answer = answer;
            answer.body.truncate(answer.body.len() / 2);
            return answer.into_response();
        }
        Some(Fault::Html) => return sign_in_page(),
        _ => {}
    }
    answer.into_response()
}
