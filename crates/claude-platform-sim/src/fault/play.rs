//! How each fault is played: in place of an answer, or on the genuine one.

use axum::{
    body::Bytes,
    http::{HeaderValue, header},
    response::Response,
};
use sim_server::{Peer, break_off};

use super::Fault;
use crate::answer::{Answer, Refusal};

impl Fault {
    /// The answer that is given in place of doing anything.
    pub(crate) fn replace(self, request_id: &str) -> Option<Answer> {
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
pub(crate) fn spoil(fault: Option<Fault>, answer: Answer, peer: &Peer) -> Response {
    match fault {
        Some(Fault::LostAfter) => peer.close(),
        Some(Fault::ResetAfter) => peer.reset(),
        Some(Fault::Truncated) => return truncate(answer),
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
                "<!DOCTYPE html><html><body><h1>Please sign in to the network</h1></body></html>";
            return Answer::bytes("text/html", page.into()).into_response();
        }
        _ => {}
    }
    answer.into_response()
}

/// The full length is stated, half of it comes, then the connection breaks.
fn truncate(answer: Answer) -> Response {
    let (mut head, body) = answer.split();
    let length = body.len();
    head.headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    head.map(|()| break_off(Bytes::from(body).slice(..length / 2)))
}
