//! The faults at work on a genuine answer. Those in place of one are in `server`.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use sim_server::{Peer, break_off};
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
        Some(Fault::Truncated) => return truncate(answer),
        Some(Fault::Malformed) => {
            let mut answer = answer;
            answer.headers.retain(|(name, _)| name != "x-amz-crc32");
            answer.body.truncate(answer.body.len() / 2);
            return answer.into_response();
        }
        Some(Fault::Html) => {
            let page = "<!DOCTYPE html><html><body><h1>Please sign in</h1></body></html>";
            let mut page = Response::new(Body::from(page));
            let html = HeaderValue::from_static("text/html");
            page.headers_mut().insert(header::CONTENT_TYPE, html);
            return page;
        }
        _ => {}
    }
    answer.into_response()
}

/// The full length is stated, half of it comes, then the connection breaks.
fn truncate(answer: Answer) -> Response {
    let body = Bytes::from(answer.body.clone());
    let mut response = answer.into_response();
    let length = HeaderValue::from(body.len());
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    *response.body_mut() = break_off(body.slice(..body.len() / 2));
    response
}
