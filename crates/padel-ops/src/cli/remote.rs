//! Options of the steps that talk to the platform.

use std::path::PathBuf;

use clap::Args;

use super::{Arches, Packing, exit_codes};
use crate::{VERSION, ids};

/// How the platform is reached.
#[derive(Debug, Args)]
pub struct Access {
    /// Claude Platform on AWS instead of the direct API (also: ANTHROPIC_USE_AWS=1)
    #[arg(long)]
    pub aws: bool,
    /// Each exchange on stderr: method, path, status, time, request id
    #[arg(long, short)]
    pub verbose: bool,
    /// All waits times this; tests are in a hurry.
    #[arg(long, hide = true, default_value = "1", value_parser = pace)]
    pub pace: f64,
}

/// How far a step goes.
#[derive(Debug, Args)]
pub struct Change {
    /// Carry the plan out; without it nothing is changed
    #[arg(long)]
    pub execute: bool,
    /// Append key=value lines for CI to this file [default: $GITHUB_OUTPUT]
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
}

/// The skill that a step is about.
#[derive(Debug, Args)]
pub struct Target {
    /// Its name or its id `skill_…`
    #[arg(long, value_name = "NAME|ID")]
    pub skill: ids::Skill,
}

/// The agents that a step changes.
#[derive(Debug, Args)]
pub struct Agents {
    /// Ids of agents, separated by commas or white space (repeatable)
    #[arg(long = "agent", value_name = "ID", required = true)]
    pub lists: Vec<ids::Agents>,
}

impl Agents {
    /// Each id once.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        ids::Agents::all(&self.lists)
    }
}

/// How a version is tried.
#[derive(Debug, Args)]
pub struct Trial {
    /// Give up after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// The session's budget in US dollars
    #[arg(long, value_name = "USD", default_value = "1.00", value_parser = dollars)]
    pub max_cost: u32,
    /// What `padel --version` must say there
    #[arg(long, value_name = "X.Y.Z", default_value = VERSION, value_parser = release)]
    pub expect_version: String,
}

/// What the steps after `publish` are going to use: looked at before anything is sent.
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
    #[arg(long, value_name = "ID", value_parser = ids::agent)]
    pub smoke_agent: Option<String>,
    /// The environment that it is to be tried in
    #[arg(long, value_name = "ID", value_parser = ids::environment)]
    pub environment: Option<String>,
}

/// Options of `padel-ops publish`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Publish {
    /// The zip that `pack` made
    pub zip: PathBuf,
    /// Which skill.
    #[command(flatten)]
    pub target: Target,
    /// Make the skill if there is none of this name
    #[arg(long)]
    pub create: bool,
    /// What is used after it.
    #[command(flatten)]
    pub next: Next,
    /// Which binaries.
    #[command(flatten)]
    pub arches: Arches,
    /// How far.
    #[command(flatten)]
    pub change: Change,
    /// Which way.
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops smoke`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Smoke {
    /// Which skill.
    #[command(flatten)]
    pub target: Target,
    /// The version to try
    #[arg(long, value_name = "SKVER", value_parser = ids::version)]
    pub version: String,
    /// The agent whose model, tools and other skills are used
    #[arg(long, value_name = "ID", value_parser = ids::agent)]
    pub agent: String,
    /// The environment that the session runs in
    #[arg(long, value_name = "ID", value_parser = ids::environment)]
    pub environment: String,
    /// Limits.
    #[command(flatten)]
    pub trial: Trial,
    /// How far.
    #[command(flatten)]
    pub change: Change,
    /// Which way.
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops pin`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Pin {
    /// Which skill.
    #[command(flatten)]
    pub target: Target,
    /// The version to pin
    #[arg(long, value_name = "SKVER", value_parser = ids::version)]
    pub version: String,
    /// Which agents.
    #[command(flatten)]
    pub agents: Agents,
    /// Give the skill to an agent that lacks it
    #[arg(long)]
    pub add: bool,
    /// What `pack` wrote about the version [default: dist/pslc-padel.manifest.json if it describes
    /// the version]
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// How far.
    #[command(flatten)]
    pub change: Change,
    /// Which way.
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops status`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Status {
    /// Which skill.
    #[command(flatten)]
    pub target: Target,
    /// Ids of agents, separated by commas or white space (repeatable)
    #[arg(long = "agent", value_name = "ID")]
    pub agents: Vec<ids::Agents>,
    /// Which way.
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops rollback`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Rollback {
    /// Which skill.
    #[command(flatten)]
    pub target: Target,
    /// Which agents.
    #[command(flatten)]
    pub agents: Agents,
    /// This version instead of the one that each agent pinned before
    #[arg(long, value_name = "SKVER", value_parser = ids::version)]
    pub to: Option<String>,
    /// How far.
    #[command(flatten)]
    pub change: Change,
    /// Which way.
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops prune`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Prune {
    /// Which skill.
    #[command(flatten)]
    pub target: Target,
    /// Keep the newest so many, and what an agent of the workspace uses or pinned last
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub keep: u32,
    /// Also keep what this agent pins or pinned last, though it is archived or lacks the skill
    /// (repeatable)
    #[arg(long = "agent", value_name = "ID")]
    pub agents: Vec<ids::Agents>,
    /// How far.
    #[command(flatten)]
    pub change: Change,
    /// Which way.
    #[command(flatten)]
    pub access: Access,
}

/// Options of `padel-ops release`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Release {
    /// Which skill.
    #[command(flatten)]
    pub target: Target,
    /// Which agents.
    #[command(flatten)]
    pub agents: Agents,
    /// The environment that the version is tried in
    #[arg(long, value_name = "ID", value_parser = ids::environment, required_unless_present = "skip_smoke")]
    pub environment: Option<String>,
    /// The agent that tries the version [default: the first --agent]
    #[arg(long, value_name = "ID", value_parser = ids::agent, conflicts_with = "skip_smoke")]
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
    /// What is packed.
    #[command(flatten)]
    pub packing: Packing,
    /// Which binaries.
    #[command(flatten)]
    pub arches: Arches,
    /// Limits of the trial.
    #[command(flatten)]
    pub trial: Trial,
    /// How far.
    #[command(flatten)]
    pub change: Change,
    /// Which way.
    #[command(flatten)]
    pub access: Access,
}

/// An amount in dollars, as cents: digits, and at most two after a point.
fn dollars(text: &str) -> Result<u32, String> {
    let wrong = || "write an amount such as 1.00, above 0 and below 10000".to_owned();
    let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str, most| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(whole, 4) || !digits(cents, 2) {
        return Err(wrong());
    }
    format!("{whole}{cents:0<2}")
        .parse()
        .ok()
        .filter(|cents| *cents > 0)
        .ok_or_else(wrong)
}

fn pace(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|pace| (0.0..=1.0).contains(pace))
        .ok_or_else(|| "write a number from 0 to 1".to_owned())
}

fn release(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+');
    let fine = (1..=64).contains(&text.len()) && text.bytes().all(plain);
    if fine {
        Ok(text.to_owned())
    } else {
        Err("write a version such as 1.2.3".to_owned())
    }
}
