//! `padel-slack`: parse, run, exit code.

use std::{collections::HashMap, ffi::OsString, io::Write as _, process::ExitCode};

use diagnostic::{Parsed, finish, print_answer};
use padel_slack::machine::{cli, commands, error::Error};

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let outcome = match cli::parse(&args) {
        Ok(Parsed::Run(cli)) => commands::run(&cli, read_variables(), &print),
        Ok(Parsed::Show(text)) => print(&text),
        Err(error) => Err(error),
    };
    finish(outcome, false)
}

/// The one look at the environment. What is not UTF-8 is none of ours.
fn read_variables() -> HashMap<String, String> {
    std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn print(text: &str) -> Result<(), Error> {
    print_answer(|out| out.write_all(text.as_bytes()))
}
