//! The moment before a request is written: its connection is there, with TLS and through a proxy,
//! and nothing of the request has been sent.

use std::{
    error::Error,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tower_layer::Layer;
use tower_service::Service;

/// What is done at that moment; an error keeps the request from being sent.
#[derive(Clone)]
pub(super) struct BeforeSending(Arc<dyn Fn() -> io::Result<()> + Send + Sync>);

impl BeforeSending {
    pub(super) fn new(action: impl Fn() -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(action))
    }
}

impl<S> Layer<S> for BeforeSending {
    type Service = Connecting<S>;

    fn layer(&self, connector: S) -> Connecting<S> {
        Connecting {
            connector,
            before: self.clone(),
        }
    }
}

/// Connects as the HTTP client does, then acts.
#[derive(Clone)]
pub(super) struct Connecting<S> {
    connector: S,
    before: BeforeSending,
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
        let (connected, before) = (self.connector.call(target), self.before.clone());
        Box::pin(async move {
            let connection = connected.await?;
            before.0()?;
            Ok(connection)
        })
    }
}
