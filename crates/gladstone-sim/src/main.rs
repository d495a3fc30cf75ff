//! The club as a program: the first words of a script that needs one.

mod cli;

use std::{
    fs,
    io::{self, Write},
    process::ExitCode,
    thread,
};

use clap::Parser;
use gladstone_sim::{Club, Fault};

use cli::Cli;

fn main() -> ExitCode {
    let Err(error) = serve(Cli::parse());
    let _ = writeln!(io::stderr(), "gladstone-sim: {error}");
    ExitCode::FAILURE
}

/// Comes back only when it cannot serve.
fn serve(cli: Cli) -> io::Result<std::convert::Infallible> {
    let mut builder = Club::builder()
        .port(cli.port)
        .seed(cli.seed)
        .flow(cli.flow)
        .gzip(cli.gzip)
        .courts(cli.courts)
        .activities(cli.activities)
        .reject_past_date_from(cli.reject_past)
        .log(cli.log);
    if let Some(now) = cli.now {
        builder = builder.now(now);
    }
    if let Some(path) = cli.replay {
        builder = builder.replay(path);
    }
    if cli.https {
        builder = builder.https();
    }
    let club = cli.fault.into_iter().fold(builder, |builder, fault: Fault| builder.fault(fault)).try_start()?;
    // An early end is not a test that failed.
    let club = std::mem::ManuallyDrop::new(club);
    if let Some(path) = cli.ca_out {
        fs::write(path, club.ca_pem())?;
    }
    writeln!(io::stdout(), "{}", club.url())?;
    loop {
        thread::park();
    }
}
