//! The region as a program.

mod cli;

use clap::Parser;

use cli::Cli;

fn main() -> anyhow::Result<()> {
    let region = Cli::parse().into_builder()?.try_start()?;
    Ok(region.run()?)
}
