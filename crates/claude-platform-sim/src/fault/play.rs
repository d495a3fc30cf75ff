//! How each fault is played: on the request, or on the genuine answer.

use std::{io, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;

use super::Fault;
use crate::{
    answer::{Answer, Refusal},
    wire::Peer,
};

/// Takes the body in, unless the fault is about that: then nothing comes.
///
/// # Errors
///
/// With nothing when the client went away, or was made to.
pub(crate) async fn before(fault: Option<Fault>, body: Body, peer: &Peer) -> Result<Bytes, ()> {
    match fault {
        Some(Fault::Reset) => {
            let mut body = body;
            // So that it is in the middle of the upload, where there is one.
            let _ = body.frame().await;
            peer.reset();
            return Err(());
        }
        Some(Fault::SlowUpload(millis)) => {
            tokio::time::sleep(Duration::from_millis(millis.into())).await;
        }
        _ => {}
    }
    body.collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .map_err(|_| ())
}

impl Fault {
    /// The answer that is given in place of doing anything.
    pub(crate) fn instead(self, request_id: &str) -> Option<Answer> {
        let (status, header) = match self {
            Self::Status(status) => (status, None),
            Self::Seconds429(seconds) => (429, Some(("retry-after", seconds.to_string()))),
            Self::Millis429(millis) => (429, Some(("retry-after-ms", millis.to_string()))),
            Self::Seconds503(seconds) => (503, Some(("retry-after", seconds.to_string()))),
            Self::Final503 => (503, Some(("x-should-retry", "false".to_owned()))),
            _ => return None,
        };
        let mut answer =
            Refusal::new(status, format!("the simulated fault {self}")).into_answer(request_id);
        answer.headers.extend(header);
        Some(answer)
    }
}

/// Spoils a genuine answer, or leaves it alone.
pub(crate) fn after(fault: Option<Fault>, answer: Answer, peer: &Peer) -> Response {
    match fault {
        Some(Fault::LostAfter) => peer.close(),
        Some(Fault::ResetAfter) => peer.reset(),
        Some(Fault::Truncated) => return truncated(answer),
        Some(Fault::Malformed) => {
            let half = answer.body.len() / 2;
            return Answer {
                body: answer.body[..half].to_vec(),
                ..answer
            }
            .into_response();
        }
        Some(Fault::Html) => {
            let page =
                b"<!DOCTYPE html><html><body><h1>Please sign in to the network</h1></body></html>";
            return Answer::bytes("text/html", page.to_vec()).into_response();
        }
        _ => {}
    }
    answer.into_response()
}

/// The full length is stated, half of it comes, then the connection breaks.
fn truncated(answer: Answer) -> Response {
    let (mut head, body) = answer.split();
    head.headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
    let pieces = stream::iter([Ok(half)]).chain(stream::once(async {
        // The half is on its way by then.
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    }));
    head.map(|()| Body::from_stream(pieces))
}
