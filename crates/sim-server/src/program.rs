//! A simulator as a program: the options that all have, and the one line on stdout that says where
//! it listens.

use std::io::{self, Write};

use tokio::signal::unix::{SignalKind, signal};

use crate::{Fault, Options, Order, Server};

/// Options of every simulator; `--fault` is each one's own.
#[derive(Debug, clap::Args)]
pub struct ServerArgs {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Stop the simulator's clock at an RFC 3339 time [default: the real clock]
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// One line for each request on stderr
    #[arg(long)]
    pub log: bool,
}

impl ServerArgs {
    pub fn into_options<F>(self, faults: Vec<Order<F>>) -> Options<F> {
        Options {
            port: self.port,
            now: self.now,
            faults,
            log: self.log,
            certificate: None,
        }
    }
}

/// The help for `--fault` and the control endpoint.
pub fn control_help(fault_names: &[&str]) -> String {
    format!(
        "Faults: {}\n\
         A fault may say where and how often: FAULT[@WHERE][*TIMES]. WHERE is the number of a \
         request, the next one being 1, or the beginning of a path, with the method or without: \
         reset@POST /api/login, reset@3*2\n\n\
         Control endpoint, without credentials, faults and journal:\n  \
         POST   /__sim/faults  {{\"fault\":\"reset@3*2\"}}; \"path\" and \"times\" may be apart\n  \
         POST   /__sim/release the requests that a fault holds\n  \
         DELETE /__sim/faults  no more faults\n  \
         GET    /__sim/calls   every call so far, as JSON\n  \
         PUT    /__sim/clock   {{\"now\":\"2026-11-23T09:00:00Z\"}}, where it stands, or \
         {{\"advance_seconds\":60}}",
        fault_names.join(", ")
    )
}

impl<F: Fault> Server<F> {
    /// Prints the URL, then serves until the process is told to stop. Fails when nobody reads the
    /// URL, or signals cannot be awaited.
    pub fn run(&self) -> io::Result<()> {
        let Some(runtime) = self.runtime() else {
            return Ok(());
        };
        runtime.block_on(async {
            let mut interrupt = signal(SignalKind::interrupt())?;
            let mut terminate = signal(SignalKind::terminate())?;
            writeln!(io::stdout(), "{}", self.url())?;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            Ok(())
        })
    }
}
