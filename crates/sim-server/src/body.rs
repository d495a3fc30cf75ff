//! Bodies that come slowly, or not to their end. Their length is not stated.

use std::{io, time::Duration};

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use tokio::time::sleep;

/// Lets the piece out before the connection breaks off.
const BEFORE_THE_BREAK: Duration = Duration::from_millis(50);

/// One piece, then the connection breaks off.
pub fn break_off(piece: Bytes) -> Body {
    let broken = stream::once(async {
        sleep(BEFORE_THE_BREAK).await;
        Err(io::Error::from(io::ErrorKind::BrokenPipe))
    });
    Body::from_stream(stream::iter([Ok(piece)]).chain(broken))
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
