//! Looks up a host's addresses, on a thread where the machine allows one.
//!
//! Ours, because the client library's own resolver panics where no thread can be started.

use std::{
    io,
    net::{SocketAddr, ToSocketAddrs as _},
    thread,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

/// The system's resolver.
pub(crate) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        // The client puts in the port.
        Box::pin(async move { Ok(Box::new(look_up(&host, 0).await?.into_iter()) as Addrs) })
    }
}

/// Looks up the addresses of a host.
pub(crate) async fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let (sender, receiver) = oneshot::channel();
    let name = host.to_owned();
    let thread = thread::Builder::new()
        .name("resolver".to_owned())
        .spawn(move || {
            // Nobody waits for it any longer after the deadline.
            let _ = sender.send(block_on_look_up(&name, port));
        });
    match thread {
        Ok(_) => receiver
            .await
            .unwrap_or_else(|_| Err(io::Error::other("the look-up ended without an answer"))),
        // Then everything else waits for it, too.
        Err(_) => block_on_look_up(host, port),
    }
}

fn block_on_look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    match (host, port).to_socket_addrs() {
        Ok(found) => Ok(found.collect()),
        // A resolver that may open no file says only that it failed.
        Err(error) => probe_file().and(Err(error)),
    }
}

/// Opens one more file, to see whether the machine lets us.
#[cfg(unix)]
fn probe_file() -> io::Result<()> {
    use std::os::fd::AsFd as _;
    io::stdin().as_fd().try_clone_to_owned().map(drop)
}

#[cfg(not(unix))]
fn probe_file() -> io::Result<()> {
    Ok(())
}
