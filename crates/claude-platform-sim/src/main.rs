//! The platform as a program, for scripts.

mod cli;

use std::fs;

use anyhow::Context as _;
use clap::Parser;

use cli::Cli;

/// Serves until it is told to stop; then the sessions' files go as well.
fn main() -> anyhow::Result<()> {
    let mut cli = Cli::parse();
    let operator_env = cli.operator_env.take();
    let platform = cli.into_builder().try_start()?;
    if let Some(path) = operator_env {
        let variables = platform.operator_variables();
        let lines = variables
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"));
        fs::write(&path, lines.collect::<String>()).with_context(|| path.display().to_string())?;
    }
    Ok(platform.run()?)
}
