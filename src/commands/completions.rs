//! `padel completions`: generated from the command line's types.

use clap::CommandFactory as _;

use crate::cli::Cli;

pub(super) fn generate(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "padel", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
