//! A body that comes in pieces, with pauses, and need not come to a proper end.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use http_body::Frame;
use tokio::time::{Sleep, sleep};

/// Pieces with a pause after each.
pub(crate) struct Pieces {
    pieces: VecDeque<Bytes>,
    pause: Duration,
    aborts: bool,
    pausing: Option<Pin<Box<Sleep>>>,
}

impl Pieces {
    /// A body of these pieces, of a length that nobody knows in advance.
    pub(crate) fn body(pieces: impl IntoIterator<Item = Bytes>, pause: Duration) -> Body {
        Body::new(Self {
            pieces: pieces.into_iter().collect(),
            pause,
            aborts: false,
            pausing: None,
        })
    }

    /// One piece, then the connection breaks off; the pause lets the piece out first.
    pub(crate) fn broken(piece: Bytes) -> Body {
        let pause = Duration::from_millis(50);
        Body::new(Self {
            pieces: [piece].into(),
            pause,
            aborts: true,
            pausing: None,
        })
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(sleep) = &mut self.pausing {
            std::task::ready!(sleep.as_mut().poll(cx));
            self.pausing = None;
        }
        let Some(piece) = self.pieces.pop_front() else {
            return Poll::Ready(self.aborts.then(|| Err(io::ErrorKind::BrokenPipe.into())));
        };
        if !self.pause.is_zero() {
            self.pausing = Some(Box::pin(sleep(self.pause)));
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}
