//! From a command line to what it does.

use std::{collections::HashMap, io::Read as _, sync::Arc};

use tokio::runtime::{Builder, Runtime};

use super::{
    check::check,
    cli::{Cli, Command, Sources},
    error::{Code, Error},
    manifest::write_manifest,
    post::post,
    serve::{Plan, Surroundings, serve},
    settings::Variables,
    watching::show,
};
use crate::{clock::machine_clock, log::make_log};

/// Runs a command; `print` writes to stdout.
///
/// # Errors
///
/// The command's.
pub fn run(
    cli: &Cli,
    process: HashMap<String, String>,
    print: &dyn Fn(&str) -> Result<(), Error>,
) -> Result<(), Error> {
    match &cli.command {
        Command::Manifest(options) => print(&write_manifest(options)?),
        Command::Post(options) => {
            let variables = Variables::read(process, options.env_file.as_deref())?;
            let text = read_text()?;
            make_runtime()?.block_on(post(&options.channel, &text, &variables))
        }
        Command::Watch(options) => {
            let around = Surroundings {
                variables: Variables::read(process, options.env_file.as_deref())?,
                log: make_log(machine_clock()),
                clock: machine_clock(),
            };
            print(&make_runtime()?.block_on(show(options, around))?)
        }
        Command::Serve(options) => {
            let around = surround(process, &options.sources)?;
            let plan = Plan {
                listen: options.listen,
                ..plan(&options.sources, &options.db)
            };
            make_runtime()?.block_on(serve(plan, around))
        }
        Command::Check(options) => {
            let around = surround(process, &options.sources)?;
            let plan = plan(&options.sources, std::path::Path::new(""));
            match make_runtime()?.block_on(check(plan, around)) {
                Ok(text) => print(&text),
                Err((text, error)) => print(&text).and(Err(error)),
            }
        }
    }
}

/// Reads the message of `post`. What is longer than any message is not read.
fn read_text() -> Result<String, Error> {
    let mut text = String::new();
    let read = std::io::stdin().take(64 * 1024).read_to_string(&mut text);
    read.map(|_| text).map_err(|error| {
        let message = format!("the standard input cannot be read: {error}");
        Error::new(Code::Usage, message, "pipe a text into it")
    })
}

fn plan<'a>(sources: &'a Sources, db: &'a std::path::Path) -> Plan<'a> {
    Plan {
        listen: None,
        db,
        lock: sources.lock.as_deref(),
        deployment: sources.deployment.as_deref(),
        is_socket: sources.socket,
        is_aws: sources.aws,
    }
}

fn surround(process: HashMap<String, String>, sources: &Sources) -> Result<Surroundings, Error> {
    let clock = machine_clock();
    Ok(Surroundings {
        variables: Variables::read(process, sources.env_file.as_deref())?,
        log: make_log(Arc::clone(&clock)),
        clock,
    })
}

/// Two threads: one that answers Slack while the other is busy.
fn make_runtime() -> Result<Runtime, Error> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.map_err(|error| {
        let message = format!("this machine gives no threads: {error}");
        Error::new(
            Code::Internal,
            message,
            "look at the limits of processes and memory",
        )
    })
}
