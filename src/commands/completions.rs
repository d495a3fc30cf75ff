//! `padel completions`: generated from the command line's types.

use clap::CommandFactory as _;

use crate::{cli::Cli, error::Error};

pub(super) fn run(shell: clap_complete::Shell) -> Result<String, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "padel", &mut script);
    Ok(String::from_utf8_lossy(&script).into_owned())
}
