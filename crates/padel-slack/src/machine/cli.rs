//! The command line's types and help. Decides nothing.

#![allow(missing_docs, reason = "a doc comment is help here")]

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use diagnostic::{Parsed, list_exit_codes, parse_args};

use super::error::{Code, Error};

fn exit_codes() -> String {
    format!(
        "Exit codes and error codes:\n{}\nSettings are variables; deploy/slack/README.md lists them.",
        list_exit_codes::<Code>(&[])
    )
}

/// Answers questions in Slack with an agent of the Claude platform.
#[derive(Debug, Parser)]
#[command(name = "padel-slack", bin_name = "padel-slack", version, after_help = exit_codes())]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take Slack's events, and answer questions until a signal comes
    Serve(Serve),
    /// Look at settings, Slack and the platform: what works and what does not
    Check(Check),
    /// Print the manifest from which Slack makes the app
    Manifest(Manifest),
    /// Show what is watched for the channels, and what was told
    Watch(Watch),
    /// Post what stands on the standard input into a channel, for `padel watch`
    Post(Post),
}

/// Where settings come from.
#[derive(Debug, Args)]
pub struct Sources {
    /// The ids that `padel-ops up` made: agent.lock.json
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
    /// Variables, one KEY=value a line; those of the process come first
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Claude Platform on AWS
    #[arg(long)]
    pub aws: bool,
    /// Get events over Socket Mode, without a public address
    #[arg(long)]
    pub socket: bool,
    /// Watch the club for the channels, as this agent.toml says
    #[arg(long, value_name = "FILE")]
    pub deployment: Option<PathBuf>,
}

/// Options of `padel-slack serve`.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub sources: Sources,
    /// Where to listen for POST /slack/events and GET /health [default: 127.0.0.1:8080; with --socket, nowhere]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// What became of each question
    #[arg(long, value_name = "FILE", default_value = "padel-slack.db")]
    pub db: PathBuf,
}

/// Options of `padel-slack check`.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub sources: Sources,
}

/// Options of `padel-slack manifest`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("way").required(true))]
pub struct Manifest {
    /// The bridge's public address, which begins with https:
    #[arg(long, group = "way")]
    pub url: Option<String>,
    /// Socket Mode, without a public address
    #[arg(long, group = "way")]
    pub socket: bool,
    /// Also direct messages to the bot
    #[arg(long)]
    pub direct_messages: bool,
    /// Also private channels
    #[arg(long)]
    pub private_channels: bool,
    /// Also mentions of the bot in channels that are not listed
    #[arg(long)]
    pub mentions: bool,
}

/// Options of `padel-slack post`.
#[derive(Debug, Args)]
pub struct Post {
    /// The channel's id, one of PADEL_SLACK_CHANNELS
    #[arg(value_name = "CHANNEL")]
    pub channel: String,
    /// Variables, one KEY=value a line; those of the process come first
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
}

/// Options of `padel-slack watch`.
#[derive(Debug, Args)]
pub struct Watch {
    /// The agent.toml that says what is watched
    #[arg(long, value_name = "FILE", default_value = "deploy/agent.toml")]
    pub deployment: PathBuf,
    /// Look at the club now and print what would be posted; posts and keeps nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The file that `serve` keeps
    #[arg(long, value_name = "FILE", default_value = "padel-slack.db")]
    pub db: PathBuf,
    /// Variables, one KEY=value a line; those of the process come first
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
}

/// Reads a command line.
///
/// # Errors
///
/// `usage`
pub fn parse(args: &[OsString]) -> Result<Parsed<Cli>, Error> {
    parse_args(args).map_err(|rejection| rejection.explain(None))
}
