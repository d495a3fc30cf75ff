//! The platform as a program, for scripts.

mod cli;

use clap::Parser;

use cli::Cli;

/// Serves until it is told to stop; then the sessions' files go as well.
fn main() -> anyhow::Result<()> {
    let platform = Cli::parse().into_builder().try_start()?;
    Ok(platform.run()?)
}
