//! One WebSocket: straight to the host that Slack names, over TLS unless that is this machine.

use std::{sync::Arc, time::Duration};

use http_edge::{load_roots, tls_config};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::{WebSocketStream, client_async};

/// The longest time for a connection with its handshakes.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Both kinds of connection.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// An open WebSocket.
pub(super) type WebSocket = WebSocketStream<Box<dyn Duplex>>;

/// Opens the WebSocket at `url`. The reason of a failure never repeats it: it holds a ticket.
pub(super) async fn open_socket(url: &str) -> Result<WebSocket, String> {
    let opening = async {
        let stream = connect(url).await?;
        let (socket, _) = client_async(url, stream)
            .await
            .map_err(|error| error.to_string())?;
        Ok(socket)
    };
    let opened = timeout(CONNECT_TIME, opening).await;
    opened.unwrap_or_else(|_| Err("no WebSocket was opened in time".to_owned()))
}

async fn connect(url: &str) -> Result<Box<dyn Duplex>, String> {
    let url = reqwest::Url::parse(url).map_err(|_| "Slack gave no address".to_owned())?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let is_here = matches!(host.as_str(), "localhost" | "127.0.0.1");
    let port = match (url.scheme(), url.port()) {
        ("wss", port) => port.unwrap_or(443),
        ("ws", Some(port)) if is_here => port,
        _ => return Err("Slack gave an address that is not `wss://`".to_owned()),
    };
    let stream = TcpStream::connect((host.as_str(), port)).await;
    let stream = stream.map_err(|error| format!("{host}: {error}"))?;
    if url.scheme() == "ws" {
        return Ok(Box::new(stream));
    }
    let (roots, _) = load_roots(&|_| None);
    let tls = tls_config(roots).map_err(|error| error.to_string())?;
    let name = ServerName::try_from(host.clone()).map_err(|error| error.to_string())?;
    let connected = TlsConnector::from(Arc::new(tls))
        .connect(name, stream)
        .await;
    Ok(Box::new(
        connected.map_err(|error| format!("{host}: {error}"))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_opened_over_tls_or_to_this_machine() {
        for url in [
            "ws://wss.slack.example:80/link?ticket=hush",
            "ws://127.0.0.1/?ticket=hush",
            "http://127.0.0.1:80/?ticket=hush",
            "file:///etc/passwd",
            "hush",
        ] {
            let refused = open_socket(url).await.map(drop).unwrap_err();
            assert!(refused.starts_with("Slack gave"), "{url}: {refused}");
            assert!(!refused.contains("hush"), "{refused}");
        }
    }
}
