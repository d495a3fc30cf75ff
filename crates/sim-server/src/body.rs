//! Bodies that come slowly, go on, or do not come to their end. Their length is not stated.

use std::{io, pin::Pin, time::Duration};

use axum::body::{Body, Bytes};
use futures_util::{Stream, StreamExt, stream};
use tokio::{sync::mpsc, time::sleep};

/// Lets the piece out before the connection breaks off.
const BEFORE_THE_BREAK: Duration = Duration::from_millis(50);

/// Pieces of a body, as they come.
pub type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// One piece, then the connection breaks off.
pub fn break_off(piece: Bytes) -> Body {
    Body::from_stream(stream::iter([Ok(piece)]).chain(broken_end()))
}

/// Ends a body in the middle: the connection breaks off.
pub fn broken_end() -> Pieces {
    Box::pin(stream::once(async {
        sleep(BEFORE_THE_BREAK).await;
        Err(io::Error::from(io::ErrorKind::BrokenPipe))
    }))
}

/// The sending end of a body that goes on until it is dropped, as server-sent events are.
#[derive(Debug)]
pub struct Feed(mpsc::UnboundedSender<Bytes>);

impl Feed {
    /// A body, and its sending end.
    pub fn open() -> (Self, Pieces) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let pieces = stream::unfold(receiver, |mut receiver| async move {
            let piece = receiver.recv().await?;
            Some((Ok(piece), receiver))
        });
        (Self(sender), Box::pin(pieces))
    }

    /// Sends a piece; false once the client has gone.
    pub fn send(&self, piece: impl Into<Bytes>) -> bool {
        self.0.send(piece.into()).is_ok()
    }
}

/// Pieces, each after a pause.
pub fn drip(pieces: impl IntoIterator<Item = Bytes>, pause: Duration) -> Body {
    let pieces: Vec<Bytes> = pieces.into_iter().collect();
    Body::from_stream(stream::iter(pieces).then(move |piece| async move {
        if !pause.is_zero() {
            sleep(pause).await;
        }
        Ok::<_, io::Error>(piece)
    }))
}
