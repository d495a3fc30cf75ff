//! Making a connection: when it has taken too long, and the moment when it is there, with TLS and
//! through a proxy, and nothing of the request has been sent.

use std::{
    error::Error,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::time::{Instant, timeout_at};
use tower_layer::Layer;
use tower_service::Service;

/// An action at the moment before a request is sent; an error keeps it from being sent.
pub type BeforeSending = Arc<dyn Fn() -> io::Result<()> + Send + Sync>;

/// The additions to connecting.
#[derive(Clone)]
pub(crate) struct ConnectLayer {
    pub(crate) deadline: Option<Instant>,
    pub(crate) before: Option<BeforeSending>,
}

impl<S> Layer<S> for ConnectLayer {
    type Service = Connecting<S>;

    fn layer(&self, connector: S) -> Connecting<S> {
        Connecting {
            connector,
            layer: self.clone(),
        }
    }
}

/// Connects as the HTTP client does, until the deadline, then acts.
#[derive(Clone)]
pub(crate) struct Connecting<S> {
    connector: S,
    layer: ConnectLayer,
}

impl<S, R> Service<R> for Connecting<S>
where
    S: Service<R, Error = Box<dyn Error + Send + Sync>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let (connecting, layer) = (self.connector.call(target), self.layer.clone());
        Box::pin(async move {
            let connection = match layer.deadline {
                Some(deadline) => timeout_at(deadline, connecting)
                    .await
                    .map_err(io::Error::from)??,
                None => connecting.await?,
            };
            if let Some(before) = layer.before {
                before()?;
            }
            Ok(connection)
        })
    }
}
