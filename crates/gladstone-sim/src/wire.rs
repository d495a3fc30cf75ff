//! Connections: plain or TLS, numbered, and with a switch that resets them.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// The client's end of a connection, as handlers see it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peer {
    /// The first connection of the club is 1.
    pub(crate) connection: u64,
    reset: Arc<AtomicBool>,
}

impl Peer {
    /// Resets the connection when the answer is written: none of it goes out.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }

    /// Whether the connection was, or is about to be, reset.
    pub(crate) fn is_reset(&self) -> bool {
        self.reset.load(Ordering::Relaxed)
    }
}

impl Connected<IncomingStream<'_, Arrivals>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Arrivals>) -> Self {
        stream.remote_addr().clone()
    }
}

/// Connections that are ready for HTTP, their TLS handshake done.
pub(crate) struct Arrivals(mpsc::Receiver<(Wire, Peer)>);

impl Arrivals {
    /// Accepts connections from now on; must be called inside the runtime.
    pub(crate) fn new(listener: TcpListener, tls: Option<TlsAcceptor>) -> Self {
        let (sender, arrivals) = mpsc::channel(64);
        tokio::spawn(accept(listener, tls, sender));
        Self(arrivals)
    }
}

impl Listener for Arrivals {
    type Io = Wire;
    type Addr = Peer;

    async fn accept(&mut self) -> (Wire, Peer) {
        match self.0.recv().await {
            Some(arrival) => arrival,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        Ok(Peer::default())
    }
}

async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    arrivals: mpsc::Sender<(Wire, Peer)>,
) {
    for connection in 1.. {
        let stream = loop {
            match listener.accept().await {
                Ok((stream, _)) => break stream,
                // Out of file descriptors, or the client gave up: either may be over in a moment.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        };
        let (tls, arrivals) = (tls.clone(), arrivals.clone());
        // A handshake of its own task, so that a slow client keeps nobody waiting.
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let stream = match tls {
                None => Stream::Plain(stream),
                // A client that does not trust the certificate ends here, without a call.
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => Stream::Tls(Box::new(stream)),
                    Err(_) => return,
                },
            };
            let peer = Peer {
                connection,
                ..Peer::default()
            };
            let _ = arrivals
                .send((
                    Wire {
                        stream,
                        peer: peer.clone(),
                    },
                    peer,
                ))
                .await;
        });
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection's bytes.
pub(crate) struct Wire {
    stream: Stream,
    peer: Peer,
}

impl Wire {
    fn tcp(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.peer.is_reset() {
            // Without lingering, closing sends RST instead of FIN.
            self.tcp().set_zero_linger()?;
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
