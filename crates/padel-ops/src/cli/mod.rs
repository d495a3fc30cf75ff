//! The command line's types and help. Decides nothing.

#![allow(
    missing_docs,
    reason = "a doc comment is help here, and options that are flattened have none"
)]

mod remote;

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use diagnostic::{Parsed, list_exit_codes, parse_args};

pub(crate) use self::remote::parse_dollars;
pub use self::remote::{
    Access, Agents, Ask, Change, Deployment, Down, Logs, Next, Pin, Prune, Publish, Release,
    Remote, Rollback, Rotate, Smoke, Status, Target, Tick, Trial, Up,
};
use crate::error::{Code, Error};

/// The exit codes of a step, for its help.
pub(crate) fn exit_codes() -> String {
    let remarks = [
        (2, "the command line, a setting, or a file that is named"),
        (3, "the skill breaks a rule, one line each on stdout"),
        (
            8,
            "a version does not work in a session, so nothing was pinned; or the agent gave no answer",
        ),
    ];
    format!(
        "Exit codes and error codes:\n{}\nErrors on stderr are one sentence with one of these \
            codes and a hint.",
        list_exit_codes::<Code>(&remarks)
    )
}

const RULES: &str = "\
A line is `file: rule: what to do`. Rules of every skill:
  archive        a zip that can be read; equal headers, no encryption, nothing but files
  path           relative, no `..`, backslash or character that does not show, no two that differ in case only
  symlink        regular files only
  junk           no dot files, __MACOSX, __pycache__, editor and system leftovers
  size           under 30 MB uncompressed, at most 200 files
  top-directory  one, named like the skill
  one-skill-md   exactly one SKILL.md, at the root
  front-matter   UTF-8 without BOM between two lines `---`, YAML: name, description, license, compatibility
                 (1-500 characters), allowed-tools, all of them text, and metadata, a map of texts; what YAML 1.1
                 reads as a date, time, truth value or octal number is no text without quotes
  name           1-64 of a-z 0-9 -, hyphens single and inside, the top directory's, without `anthropic` or `claude`
  description    1-1024 characters, without < and >
  secret         no .env, keys, captures; nothing in a file that looks like a credential
  elf            a file named for an architecture is a static 64-bit ELF program for it
Rules of pslc-padel only:
  layout         exactly the files of the upload layout
  mode           0755 for launcher and binaries, 0644 for the rest
  sums           SHA256SUMS names every other file with its hash, sorted
  version        front matter, padel-ops and binaries say the same
  config         padel accepts config.toml, of at most 64 KiB
Of other skills, `elf` (any other binary) and `mode` only warn.

Exit codes: 0 fine, 1 internal, 2 usage, 3 violations";

/// Packs the skill pslc-padel, publishes it on the Claude platform, pins it on agents, and runs an
/// agent from one file.
///
/// A step changes nothing without --execute: it prints its plan instead. `ask` and `tick` are
/// carried out at once. Each step works alone and can be repeated.
#[derive(Debug, Parser)]
#[command(name = "padel-ops", bin_name = "padel-ops", version, after_help = exit_codes())]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub step: Step,
    /// The answer, or the error, as JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// Reads a command line.
///
/// # Errors
///
/// `usage`
pub fn parse(args: &[OsString]) -> Result<Parsed<Cli>, Error> {
    parse_args(args).map_err(|rejection| {
        let mut error: Error = rejection.explain(None);
        if rejection.lacks_command() {
            "no step is given".clone_into(&mut error.message);
        }
        error
    })
}

/// The steps.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one in a process")]
pub enum Step {
    /// Assemble the upload layout: a directory, a zip and a manifest
    Pack(Pack),
    /// Check a skill, a directory or zip, by the platform's rules
    Check(Check),
    /// A completion script for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
    #[command(flatten)]
    Remote(Remote),
}

/// An architecture that the skill carries a binary for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Arch {
    /// The cloud sandbox.
    #[value(name = "x86_64")]
    X86_64,
    /// Sandboxes of one's own.
    #[value(name = "aarch64")]
    Aarch64,
}

impl Arch {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::X86_64, Self::Aarch64];

    /// As in the binary's name and `std::env::consts::ARCH`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    /// The binary's path in the skill.
    #[must_use]
    pub fn binary(self) -> String {
        format!("bin/padel-{}-linux", self.name())
    }
}

/// The binaries that must be there.
#[derive(Debug, Args)]
pub struct Arches {
    /// Only this architecture instead of both (repeatable)
    #[arg(long, value_name = "ARCH")]
    arch: Vec<Arch>,
}

impl Arches {
    /// Those asked for, both by default.
    #[must_use]
    pub fn wanted(&self) -> Vec<Arch> {
        Arch::ALL
            .into_iter()
            .filter(|arch| self.arch.is_empty() || self.arch.contains(arch))
            .collect()
    }
}

/// Options of `padel-ops pack`.
#[derive(Debug, Args)]
#[command(after_help = exit_codes())]
pub struct Pack {
    #[command(flatten)]
    pub packing: Packing,
    #[command(flatten)]
    pub arches: Arches,
}

/// The files that are packed, and where they go.
#[derive(Debug, Args)]
pub struct Packing {
    /// Holds padel-x86_64-linux and padel-aarch64-linux
    #[arg(long, value_name = "DIR", default_value = "target/skill-bin")]
    pub bin_dir: PathBuf,
    /// Where pslc-padel/, pslc-padel.zip and pslc-padel.manifest.json go
    #[arg(long, value_name = "DIR", default_value = "dist")]
    pub out: PathBuf,
    /// Holds SKILL.md, config.toml, scripts/padel and references/
    #[arg(long, value_name = "DIR", default_value = "skill/pslc-padel")]
    pub skill_dir: PathBuf,
}

/// Options of `padel-ops check`.
#[derive(Debug, Args)]
#[command(after_help = RULES)]
pub struct Check {
    /// The skill's directory, or its zip
    pub path: PathBuf,
    #[command(flatten)]
    pub arches: Arches,
    /// Also run pslc-padel's binary for its version: not for zips from strangers
    #[arg(long)]
    pub run: bool,
}
