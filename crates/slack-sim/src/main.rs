//! The workspace as a program, and the hands of the people in it.

mod cli;

use std::io::{Write, stdout};

use clap::Parser;

use cli::{Cli, Command};

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(args) => Ok(args.into_builder().try_start()?.run()?),
        other => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(run_call(other)),
    }
}

/// Calls a workspace that another process serves.
async fn run_call(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(_) => {}
        Command::Type {
            url,
            person,
            channel,
            thread,
            text,
        } => {
            let ts = slack_sim::type_message(&url, &person, &channel, thread.as_deref(), &text);
            writeln!(stdout(), "{}", ts.await?)?;
        }
        Command::Read {
            url,
            channel,
            thread,
            answers,
            within,
        } => {
            let shown =
                slack_sim::read_transcript(&url, &channel, thread.as_deref(), answers, within);
            write!(stdout(), "{}", shown.await?)?;
        }
        Command::Point { url, request_url } => slack_sim::point_app(&url, &request_url).await?,
    }
    Ok(())
}
