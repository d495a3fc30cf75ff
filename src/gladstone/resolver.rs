//! Looks up a host's addresses, on a thread where the machine allows one.
//!
//! The client library's own resolver panics where no thread can be started.

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs as _},
    thread,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use crate::limits;

/// The system's resolver.
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        // The client puts in the port.
        Box::pin(async move { Ok(Box::new(addresses(&host, 0).await?.into_iter()) as Addrs) })
    }
}

/// The addresses of a host.
pub(super) async fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let (sender, receiver) = oneshot::channel();
    let looked_up = host.to_owned();
    let thread = thread::Builder::new()
        .name("resolver".to_owned())
        .spawn(move || {
            // Nobody waits for it any longer after the deadline.
            let _ = sender.send(look_up(&looked_up, port));
        });
    match thread {
        Ok(_) => receiver
            .await
            .unwrap_or_else(|_| Err(io::Error::other("the look-up ended without an answer"))),
        // Then everything else waits for it, too.
        Err(_) => look_up(host, port),
    }
}

/// A resolver that may open no file says only that it failed.
fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    match (host, port).to_socket_addrs() {
        Ok(found) => Ok(found.collect()),
        Err(error) => limits::probe_files(1).and(Err(error)),
    }
}
