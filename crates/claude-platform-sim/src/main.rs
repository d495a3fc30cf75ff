//! The platform as a program, for scripts.

mod cli;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;
use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
};

use cli::Cli;

fn main() -> ExitCode {
    match serve(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "claude-platform-sim: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Until it is told to stop; then the sessions' files go as well.
fn serve(cli: Cli) -> io::Result<()> {
    let platform = cli.builder().try_start()?;
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let (mut interrupt, mut terminate) = (
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
            );
            writeln!(io::stdout(), "{}", platform.url())?;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            Ok(())
        })
}
