//! The steps, one file each: they decide what is done, in which order, and what it means.
//!
//! A step that talks to the platform implements `step::Step`; `dispatch` is the one place that
//! lists them all.

mod ask;
pub mod check;
mod delivery;
mod down;
mod drift;
mod logs;
pub mod pack;
mod pin;
mod planning;
mod provisioning;
mod prune;
mod publish;
mod release;
mod rollback;
mod rotate;
mod smoke;
mod status;
mod step;
mod targets;
mod tick;
mod up;

use clap::CommandFactory as _;
use clap_complete::Shell;

pub use self::step::Env;
use crate::{
    cli::{self, Cli, Remote},
    error::Error,
    output,
};

/// Runs a step and prints its answer, which may be there in part when the step fails.
///
/// # Errors
///
/// Any code: what the step ended with.
pub fn run(cli: &Cli, env: Env<'_>) -> Result<(), Error> {
    let (text, failure) = match &cli.step {
        cli::Step::Pack(options) => {
            let report = pack::pack_skill(&options.packing, &options.arches)?;
            (report.text(cli.json), report.failure())
        }
        cli::Step::Check(options) => {
            let report = check::check_skill(options)?;
            (report.text(cli.json), report.failure())
        }
        cli::Step::Completions { shell } => (completion_script(*shell), None),
        cli::Step::Remote(step) => return dispatch(step, cli.json, env),
    };
    output::print(&text)?;
    failure.map_or(Ok(()), Err)
}

/// Generated from the command line's types.
fn completion_script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "padel-ops", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

fn dispatch(step: &Remote, json: bool, env: Env<'_>) -> Result<(), Error> {
    match step {
        Remote::Publish(options) => step::run_step(options, json, env),
        Remote::Smoke(options) => step::run_step(options, json, env),
        Remote::Pin(options) => step::run_step(options, json, env),
        Remote::Status(options) => match &options.skill {
            Some(_) => step::run_step(options, json, env),
            None => step::run_step(&drift::Drift(options), json, env),
        },
        Remote::Rollback(options) => step::run_step(options, json, env),
        Remote::Prune(options) => step::run_step(options, json, env),
        Remote::Release(options) => step::run_step(options, json, env),
        Remote::Up(options) => step::run_step(options, json, env),
        Remote::Down(options) => step::run_step(options, json, env),
        Remote::Rotate(options) => step::run_step(options, json, env),
        Remote::Ask(options) => step::run_step(options, json, env),
        Remote::Tick(options) => step::run_step(options, json, env),
        Remote::Logs(options) => step::run_step(options, json, env),
    }
}
