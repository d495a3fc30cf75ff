//! One child process: its wall time from spawn to exit and its peak memory. Knows no club.
//!
//! Each child is started by a small helper process (this program again). A child that is spawned
//! straight from here would be charged with this process's memory, clubs and all: Linux counts what
//! is mapped until the `exec`.

use std::{
    env,
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use wait4::Wait4 as _;

/// Says that this process is the helper.
const HELPER: &str = "--helper";

/// A program to run, with its arguments and its whole environment.
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(&'static str, OsString)>,
}

/// Time and memory of a run.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) time: Duration,
    /// Bytes.
    pub(crate) peak: u64,
}

impl Program {
    /// A program without an environment of its own.
    pub(crate) fn new(path: impl Into<PathBuf>, args: &[&str]) -> Self {
        Self {
            path: path.into(),
            args: args.iter().map(ToString::to_string).collect(),
            env: Vec::new(),
        }
    }

    /// Runs to the end; fails loudly unless the exit code is 0.
    pub(crate) fn run(&self, stdout: &Path) -> Usage {
        let path = env::vars_os().find(|(name, _)| name == "PATH");
        let output = Command::new(env::current_exe().unwrap())
            .arg(HELPER)
            .arg(stdout)
            .arg(&self.path)
            .args(&self.args)
            .env_clear()
            .envs(path)
            .envs(self.env.iter().cloned())
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{} {}: {}",
            self.path.display(),
            self.args.join(" "),
            text
        );
        let (nanos, peak) = text.trim().split_once(' ').unwrap();
        Usage {
            time: Duration::from_nanos(nanos.parse().unwrap()),
            peak: peak.parse().unwrap(),
        }
    }
}

/// Does the helper's work, if that is what this process was started for.
pub(crate) fn run_helper() -> Option<ExitCode> {
    let mut args = env::args_os().skip(1);
    if args.next()? != HELPER {
        return None;
    }
    let stdout = File::create(args.next()?).unwrap();
    let mut command = Command::new(args.next()?);
    command.args(args).stdin(Stdio::null()).stdout(stdout);
    let started = Instant::now();
    let done = command.spawn().unwrap().wait4().unwrap();
    let time = started.elapsed();
    if !done.status.success() {
        println!("{}", done.status);
        return Some(ExitCode::FAILURE);
    }
    println!("{} {}", time.as_nanos(), done.rusage.maxrss);
    Some(ExitCode::SUCCESS)
}
