//! The steps that talk to the platform, and their options.

#![allow(
    missing_docs,
    reason = "a doc comment is help here, and options that are flattened have none"
)]

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Arches, Packing, exit_codes};
use crate::{SKILL, VERSION, ids};

/// The steps that talk to the platform.
#[derive(Debug, Subcommand)]
pub enum Remote {
    /// Send a zip as a new version of its skill, unless the newest holds the same files
    Publish(Publish),
    /// Try a version in a session of an agent that is not changed by it
    Smoke(Smoke),
    /// Make agents use a version
    Pin(Pin),
    /// Show what of a deployment is not as declared, or a skill's versions and who pins them; only
    /// reads
    Status(Status),
    /// Pin what an agent pinned before; twice is back again
    Rollback(Rollback),
    /// Delete old versions that no agent of the workspace needs
    Prune(Prune),
    /// Pack, check, publish, smoke and pin
    Release(Release),
    /// Make the platform agree with what a deployment declares
    Up(Up),
    /// Take away what a deployment has on the platform
    Down(Down),
    /// Send the member's credentials again, where they changed
    Rotate(Rotate),
    /// Ask the agent at once, and print its answer with time and cost; -v shows what it does
    Ask(Ask),
    /// Say `tick` to a long session at once; one is started where there is none
    Tick(Tick),
    /// Show what happened in a session; only reads
    Logs(Logs),
}

/// The way to the platform.
#[derive(Debug, Args)]
pub struct Access {
    /// Claude Platform on AWS instead of the direct API (also: ANTHROPIC_USE_AWS=1)
    #[arg(long)]
    pub aws: bool,
    /// Each exchange on stderr: method, path, status, time, request id
    #[arg(long, short)]
    pub verbose: bool,
    /// All waits times this; tests are in a hurry.
    #[arg(long, hide = true, default_value = "1", value_parser = parse_pace)]
    pub pace: f64,
}

/// Options of a step that changes something.
#[derive(Debug, Args)]
pub struct Change {
    /// Carry the plan out; without it nothing is changed
    #[arg(long)]
    pub execute: bool,
    /// Append key=value lines for CI to this file [default: $GITHUB_OUTPUT]
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
}

/// The deployment that a step is about.
#[derive(Debug, Args)]
pub struct Deployment {
    /// What is declared; the lock lies beside it
    #[arg(
        long = "deployment",
        value_name = "FILE",
        default_value = "deploy/agent.toml"
    )]
    pub file: PathBuf,
}

/// The skill that a step is about.
#[derive(Debug, Args)]
pub struct Target {
    /// Its name or its id `skill_…`
    #[arg(long, value_name = "NAME|ID", default_value = SKILL)]
    pub skill: ids::Skill,
}

/// The agents that a step changes.
#[derive(Debug, Args)]
pub struct Agents {
    /// Ids of agents, separated by commas or white space (repeatable) [default: the deployment's]
    #[arg(long = "agent", value_name = "ID")]
    pub lists: Vec<ids::Agents>,
}

impl Agents {
    /// Each id once.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        ids::Agents::merge(&self.lists)
    }
}

/// Limits of a trial.
#[derive(Debug, Args)]
pub struct Trial {
    /// Give up after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// The session's budget in US dollars
    #[arg(long, value_name = "USD", default_value = "1.00", value_parser = parse_dollars)]
    pub max_cost: u32,
    /// What `padel --version` must say there
    #[arg(long, value_name = "X.Y.Z", default_value = VERSION, value_parser = parse_release)]
    pub expect_version: String,
}

/// Agents and environment of the steps after `publish`, looked at before anything is sent.
#[derive(Debug, Args)]
#[command(next_help_heading = "Looked at before anything is sent")]
pub struct Next {
    /// Agents that are to pin the version: each must be there and changeable; one may know that
    /// the zip is published
    #[arg(long = "agent", value_name = "ID")]
    pub agents: Vec<ids::Agents>,
    /// They may lack the skill
    #[arg(long, requires = "agents")]
    pub add: bool,
    /// The agent that is to try the version
    #[arg(long, value_name = "ID", value_parser = ids::parse_agent)]
    pub smoke_agent: Option<String>,
    /// The environment that it is to be tried in
    #[arg(long, value_name = "ID", value_parser = ids::parse_environment)]
    pub environment: Option<String>,
}

/// Options of `padel-ops publish`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Publish {
    /// The zip that `pack` made
    pub zip: PathBuf,
    #[command(flatten)]
    pub target: Target,
    /// Make the skill if there is none of this name
    #[arg(long)]
    pub create: bool,
    #[command(flatten)]
    pub next: Next,
    #[command(flatten)]
    pub arches: Arches,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops smoke`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Smoke {
    #[command(flatten)]
    pub target: Target,
    /// The version to try
    #[arg(long, value_name = "SKVER", value_parser = ids::parse_version)]
    pub version: String,
    /// The agent whose model, tools and other skills are used [default: the deployment's]
    #[arg(long, value_name = "ID", value_parser = ids::parse_agent)]
    pub agent: Option<String>,
    /// The environment that the session runs in [default: the deployment's]
    #[arg(long, value_name = "ID", value_parser = ids::parse_environment)]
    pub environment: Option<String>,
    #[command(flatten)]
    pub deployment: Deployment,
    #[command(flatten)]
    pub trial: Trial,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops pin`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Pin {
    #[command(flatten)]
    pub target: Target,
    /// The version to pin
    #[arg(long, value_name = "SKVER", value_parser = ids::parse_version)]
    pub version: String,
    #[command(flatten)]
    pub agents: Agents,
    #[command(flatten)]
    pub deployment: Deployment,
    /// Give the skill to an agent that lacks it
    #[arg(long)]
    pub add: bool,
    /// What `pack` wrote about the version [default: dist/pslc-padel.manifest.json if it describes
    /// the version]
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops status`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Status {
    #[command(flatten)]
    pub deployment: Deployment,
    /// A skill's versions instead, by its name or its id `skill_…`
    #[arg(long, value_name = "NAME|ID", conflicts_with = "file")]
    pub skill: Option<ids::Skill>,
    /// Ids of agents, separated by commas or white space (repeatable)
    #[arg(long = "agent", value_name = "ID", requires = "skill")]
    pub agents: Vec<ids::Agents>,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops up`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Up {
    #[command(flatten)]
    pub deployment: Deployment,
    /// Publish this zip first, unless the newest version holds the same files, and pin it
    #[arg(long, value_name = "ZIP")]
    pub publish: Option<PathBuf>,
    #[command(flatten)]
    pub arches: Arches,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops down`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Down {
    #[command(flatten)]
    pub deployment: Deployment,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops rollback`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Rollback {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub agents: Agents,
    #[command(flatten)]
    pub deployment: Deployment,
    /// This version instead of the one that each agent pinned before
    #[arg(long, value_name = "SKVER", value_parser = ids::parse_version)]
    pub to: Option<String>,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops prune`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Prune {
    #[command(flatten)]
    pub target: Target,
    /// Keep the newest so many, and what an agent of the workspace uses or pinned last
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: u32,
    /// Also keep what this agent pins or pinned last, though it is archived or lacks the skill
    /// (repeatable)
    #[arg(long = "agent", value_name = "ID")]
    pub agents: Vec<ids::Agents>,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops release`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Release {
    #[command(flatten)]
    pub target: Target,
    #[command(flatten)]
    pub agents: Agents,
    #[command(flatten)]
    pub deployment: Deployment,
    /// The environment that the version is tried in [default: the deployment's]
    #[arg(long, value_name = "ID", value_parser = ids::parse_environment)]
    pub environment: Option<String>,
    /// The agent that tries the version [default: the first --agent]
    #[arg(long, value_name = "ID", value_parser = ids::parse_agent, conflicts_with = "skip_smoke")]
    pub smoke_agent: Option<String>,
    /// Pin without trying
    #[arg(long, conflicts_with = "environment")]
    pub skip_smoke: bool,
    /// Release this zip instead of packing one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bin_dir", "out", "skill_dir"])]
    pub zip: Option<PathBuf>,
    /// Make the skill if there is none of this name
    #[arg(long)]
    pub create: bool,
    /// Give the skill to an agent that lacks it
    #[arg(long)]
    pub add: bool,
    #[command(flatten)]
    pub packing: Packing,
    #[command(flatten)]
    pub arches: Arches,
    #[command(flatten)]
    pub trial: Trial,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops rotate`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Rotate {
    #[command(flatten)]
    pub deployment: Deployment,
    /// Send them although they are what was sent before
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops ask`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Ask {
    /// The question, as somebody would write it in Slack
    #[arg(value_name = "QUESTION", required_unless_present = "questions")]
    pub question: Option<String>,
    /// Ask each line of this file, and print a table of the answers; lines with # are skipped
    #[arg(long = "file", value_name = "FILE", conflicts_with = "question")]
    pub questions: Option<PathBuf>,
    /// Try this version of the skill instead of the agent's
    #[arg(long, value_name = "SKVER", value_parser = ids::parse_version)]
    pub version: Option<String>,
    /// Try this model instead of the agent's
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,
    /// Wait so long for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    #[command(flatten)]
    pub deployment: Deployment,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops tick`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Tick {
    #[command(flatten)]
    pub deployment: Deployment,
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops logs`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Logs {
    /// The session's id `sesn_…`
    #[arg(value_name = "SESSION", value_parser = ids::parse_session)]
    pub session: String,
    #[command(flatten)]
    pub access: Access,
}

/// Parses an amount in dollars into cents: digits, and at most two after a point.
pub(crate) fn parse_dollars(text: &str) -> Result<u32, &'static str> {
    const FORM: &str = "write an amount such as 1.00, above 0 and below 10000";
    let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
    if !has_digits(whole, 4) || !has_digits(cents, 2) {
        return Err(FORM);
    }
    format!("{whole}{cents:0<2}")
        .parse()
        .ok()
        .filter(|cents| *cents > 0)
        .ok_or(FORM)
}

fn has_digits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_pace(text: &str) -> Result<f64, &'static str> {
    text.parse()
        .ok()
        .filter(|pace| (0.0..=1.0).contains(pace))
        .ok_or("write a number from 0 to 1")
}

fn parse_release(text: &str) -> Result<String, &'static str> {
    let is_version = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
    is_version
        .then(|| text.to_owned())
        .ok_or("write a version such as 1.2.3")
}
