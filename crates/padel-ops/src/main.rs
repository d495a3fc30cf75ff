//! `padel-ops`: parse, run, exit code.

use std::{collections::HashMap, ffi::OsString, process::ExitCode};

use diagnostic::{Parsed, finish};
use padel_ops::{cli, output::print, steps};

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let cli = match cli::parse(&args) {
        Ok(Parsed::Run(cli)) => cli,
        Ok(Parsed::Show(text)) => return finish(print(&text), false),
        // Nothing was parsed, so this looks for itself.
        Err(error) => return finish(Err(error), args.iter().any(|arg| arg == "--json")),
    };
    // The one look at the environment. What is not UTF-8 is none of ours.
    let variables: HashMap<String, String> = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let outcome = steps::run(&cli, &|name| variables.get(name).cloned());
    finish(outcome, cli.json)
}
