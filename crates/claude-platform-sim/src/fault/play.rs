//! How each fault is played: in place of an answer, or on the genuine one.

use std::io;

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use futures_util::StreamExt;
use sim_server::{Peer, Pieces, broken_end, sign_in_page, truncate};

use super::Fault;
use crate::answer::{Answer, Content, Refusal};

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
        Some(Fault::Html) => return sign_in_page(),
        _ => {}
    }
    let (head, body) = answer.split();
    match body {
        Content::Whole(body) => spoil_whole(fault, head, body.into()),
        Content::Stream(pieces) => head.map(|()| spoil_stream(fault, pieces)),
    }
}

fn spoil_whole(fault: Option<Fault>, head: Response<()>, body: Bytes) -> Response {
    match fault {
        Some(Fault::Truncated) => truncate(head, &body),
        Some(Fault::Malformed) => head.map(|()| Body::from(body.slice(..body.len() / 2))),
        _ => head.map(|()| Body::from(body)),
    }
}

fn spoil_stream(fault: Option<Fault>, pieces: Pieces) -> Body {
    match fault {
        Some(Fault::CutStream(count)) => {
            Body::from_stream(pieces.take(count as usize).chain(broken_end()))
        }
        Some(Fault::EndStream(count)) => Body::from_stream(pieces.take(count as usize)),
        Some(Fault::Truncated) => Body::from_stream(pieces.take(1).map(halve).chain(broken_end())),
        Some(Fault::Malformed) => Body::from_stream(pieces.take(1).map(halve)),
        _ => Body::from_stream(pieces),
    }
}

fn halve(piece: io::Result<Bytes>) -> io::Result<Bytes> {
    piece.map(|piece| piece.slice(..piece.len() / 2))
}
