//! The club as a program: the first words of a script that needs one.

mod cli;
mod opening;

use std::{
    fs,
    io::{self, Write},
    process::ExitCode,
    thread,
};

use clap::Parser;
use gladstone_sim::DEFAULT_MEMBER;

use cli::Cli;

fn main() -> ExitCode {
    let Err(error) = serve(&Cli::parse());
    let _ = writeln!(io::stderr(), "gladstone-sim: {error}");
    ExitCode::FAILURE
}

/// Comes back only when it cannot serve.
fn serve(cli: &Cli) -> io::Result<std::convert::Infallible> {
    let club = opening::builder(cli).try_start()?;
    // An early end is not a test that failed.
    let club = std::mem::ManuallyDrop::new(club);
    if let Some(path) = &cli.ca_out {
        fs::write(path, club.ca_pem())?;
    }
    if let Some(path) = &cli.har {
        let visitor = cli.member.first().map_or(DEFAULT_MEMBER.0, String::as_str);
        fs::write(path, format!("{:#}\n", club.har(visitor)))?;
    }
    writeln!(io::stdout(), "{}", club.url())?;
    loop {
        thread::park();
    }
}
