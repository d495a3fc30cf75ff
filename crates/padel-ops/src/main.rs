//! `padel-ops`: parse, run, exit code.

use std::{
    collections::HashMap,
    ffi::OsString,
    io::{self, Write as _},
    process::ExitCode,
};

use padel_ops::{
    cli::Cli,
    error::Error,
    output::{self, print},
    steps,
};

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let cli = match Cli::read(&args) {
        Ok(Ok(cli)) => cli,
        Ok(Err(text)) => return finish(print(&text), false),
        Err((error, json)) => return finish(Err(error), json),
    };
    // The one look at the environment. What is not UTF-8 is none of ours.
    let variables = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
    let variables: HashMap<String, String> = variables.collect();
    finish(
        steps::run(&cli, &|name| variables.get(name).cloned()),
        cli.json,
    )
}

fn finish(outcome: Result<(), Error>, json: bool) -> ExitCode {
    let Err(error) = outcome else {
        return ExitCode::SUCCESS;
    };
    // With stderr closed the exit code still tells.
    let _ = io::stderr()
        .lock()
        .write_all(output::error(&error, json).as_bytes());
    ExitCode::from(error.code.exit())
}
