//! The club as a program: the first words of a script that needs one.

mod cli;

use std::fs;

use anyhow::Context;
use clap::Parser;

use cli::Cli;

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let (ca_out, har_out, visitor) = (cli.ca_out.clone(), cli.har.clone(), cli.visitor());
    let club = cli.into_builder().try_start()?;
    if let Some(path) = ca_out {
        fs::write(&path, club.ca_pem()).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = har_out {
        let har = format!("{:#}\n", club.har(&visitor));
        fs::write(&path, har).with_context(|| path.display().to_string())?;
    }
    Ok(club.run()?)
}
