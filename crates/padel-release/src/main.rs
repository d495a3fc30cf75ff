//! `padel-release`: parse, run, print, exit code.

use std::{
    ffi::OsString,
    io::{self, ErrorKind, Write as _},
    process::ExitCode,
};

use padel_release::{
    check,
    cli::{Cli, Step},
    error::{Code, Error},
    output, pack,
};

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let cli = match Cli::read(&args) {
        Ok(Ok(cli)) => cli,
        Ok(Err(text)) => return finish(print(&text), false),
        Err((error, json)) => return finish(Err(error), json),
    };
    let outcome = match &cli.step {
        Step::Pack(step) => pack::run(step).map(output::Output::Pack),
        Step::Check(step) => check::run(step).map(output::Output::Check),
    };
    let outcome = outcome.and_then(|output| {
        print(&output.text(cli.json))?;
        output.into_failure().map_or(Ok(()), Err)
    });
    finish(outcome, cli.json)
}

/// Writes to stdout. Whoever closes the pipe has seen enough.
fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let message = format!("the answer could not be written ({error})");
            Err(Error::new(Code::Internal, message, "look at where stdout goes"))
        }
        _ => Ok(()),
    }
}

fn finish(outcome: Result<(), Error>, json: bool) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    // With stderr closed the exit code still tells.
    let _ = io::stderr().lock().write_all(output::error(&error, json).as_bytes());
    ExitCode::from(error.code.exit())
}
