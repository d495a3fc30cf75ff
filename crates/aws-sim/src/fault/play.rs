//! The faults at work on a genuine answer. Those in place of one are in `server`.

use std::time::Duration;

use axum::{body::Bytes, response::Response};
use sim_server::{Peer, sign_in_page, truncate};
use tokio::time::sleep;

use super::Fault;
use crate::answer::Answer;

/// Keeps an answer back, for a while or for good.
pub(crate) async fn delay(fault: Option<Fault>) {
    match fault {
        Some(Fault::Slow(millis)) => sleep(Duration::from_millis(millis.into())).await,
        Some(Fault::SilentAfter) => std::future::pending().await,
        _ => {}
    }
}

/// Spoils a genuine answer, or leaves it alone.
pub(crate) fn spoil(fault: Option<Fault>, answer: Answer, peer: &Peer) -> Response {
    match fault {
        Some(Fault::LostAfter) => peer.close(),
        Some(Fault::ResetAfter) => peer.reset(),
        Some(Fault::Truncated) => {
            let body = Bytes::from(answer.body.clone());
            return truncate(answer.into_response(), &body);
        }
        Some(Fault::Malformed) => {
            let mut answer = answer;
            answer.headers.retain(|(name, _)| name != "x-amz-crc32");
            answer.body.truncate(answer.body.len() / 2);
            return answer.into_response();
        }
        Some(Fault::Html) => return sign_in_page(),
        _ => {}
    }
    answer.into_response()
}
