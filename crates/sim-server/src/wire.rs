//! Connections: plain or TLS, numbered, and with a switch that ends them before an answer goes out.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
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

const CLOSED: u8 = 1;
const RESET: u8 = 2;

/// The client's end of a connection, as handlers see it.
#[derive(Debug, Clone, Default)]
pub struct Peer {
    /// The first connection of a simulator is 1.
    pub connection: u64,
    cut: Arc<AtomicU8>,
}

impl Peer {
    /// Closes the connection when the answer is written: none of it goes out.
    pub fn close(&self) {
        self.cut.store(CLOSED, Ordering::Relaxed);
    }

    /// Resets the connection when the answer is written: none of it goes out.
    pub fn reset(&self) {
        self.cut.store(RESET, Ordering::Relaxed);
    }

    /// True when no answer will reach the client.
    pub fn is_cut(&self) -> bool {
        self.cut.load(Ordering::Relaxed) != 0
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
        tokio::spawn(accept_all(listener, tls, sender));
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

async fn accept_all(
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
            let wire = Wire {
                stream,
                peer: peer.clone(),
            };
            let _ = arrivals.send((wire, peer)).await;
        });
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Both kinds of stream.
trait Duplex: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Duplex for T {}

/// A connection's bytes.
pub(crate) struct Wire {
    stream: Stream,
    peer: Peer,
}

impl Wire {
    fn stream(&mut self) -> Pin<&mut dyn Duplex> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream),
            Stream::Tls(stream) => Pin::new(stream),
        }
    }

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
        self.stream().poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.peer.is_cut() {
            if self.peer.cut.load(Ordering::Relaxed) == RESET {
                // Without lingering, closing sends RST instead of FIN.
                self.tcp().set_zero_linger()?;
            }
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        self.stream().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(cx)
    }
}
