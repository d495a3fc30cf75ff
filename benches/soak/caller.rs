//! Somebody with a home of their own, and one run of the real binary as them. Knows nothing of
//! courts.

use std::{
    fs, io,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread::{JoinHandle, spawn},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

/// More than padel needs, few enough to notice a leak.
const OPEN_FILES: usize = 32;

/// A home with or without credentials.
pub(crate) struct Caller {
    pub(crate) member: Option<(&'static str, &'static str)>,
    home: TempDir,
    url: String,
}

/// A run that is not over.
pub(crate) struct Run {
    child: Child,
    started: Instant,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Done {
    exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Caller {
    pub(crate) fn new(url: &str, member: Option<(&'static str, &'static str)>) -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir_all(home.path().join("tmp")).unwrap();
        if let Some((email, password)) = member {
            let dir = home.path().join(".config/pslc-padel");
            fs::create_dir_all(&dir).unwrap();
            fs::write(
                dir.join(".env"),
                format!("pslc_user={email}\npslc_password={password}\n"),
            )
            .unwrap();
            fs::set_permissions(dir.join(".env"), fs::Permissions::from_mode(0o600)).unwrap();
        }
        Self {
            member,
            home,
            url: url.to_owned(),
        }
    }

    /// Starts the binary with few files to open, by way of a shell.
    pub(crate) fn start(&self, args: &[String], timeout: u64, now: &str) -> Run {
        let home = self.home.path();
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", &format!("ulimit -n {OPEN_FILES}; exec \"$0\" \"$@\"")])
            .arg(binary_path())
            .args(args)
            .args(["--timeout", &timeout.to_string()])
            .current_dir(home)
            .env_clear()
            .env("HOME", home)
            .env("TMPDIR", home.join("tmp"))
            .env("PADEL_SESSION_UPLOADS", home.join("uploads"))
            .env("PADEL_NOW", now)
            .env("PSLC_CLUB", &self.url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        Run {
            stdout: read_all(child.stdout.take().unwrap()),
            stderr: read_all(child.stderr.take().unwrap()),
            child,
            started,
        }
    }

    /// The home has the cache's files and locks, the `.env`, and nothing else.
    pub(crate) fn check_home(&self) {
        let mut names = Vec::new();
        list_files(self.home.path(), &mut names);
        let is_clean = names.len() <= 7 && names.iter().all(|name| is_padels(name));
        assert!(is_clean, "left behind: {names:?}");
    }
}

impl Run {
    pub(crate) fn wait(mut self) -> Done {
        let status = self.child.wait().unwrap();
        let took = self.started.elapsed();
        Done {
            exit: status.code(),
            stdout: self.stdout.join().unwrap(),
            stderr: self.stderr.join().unwrap(),
            took,
        }
    }
}

/// Exit codes and their errors, as `docs/exit-codes.md` has them.
const CODES: [(i32, &[&str]); 8] = [
    (2, &["usage"]),
    (3, &["not_found"]),
    (4, &["login_rejected", "login_required", "account_locked"]),
    (
        5,
        &["portal_refused", "portal_changed", "profile_unverified"],
    ),
    (6, &["network", "timeout"]),
    (7, &["rate_limited"]),
    (
        8,
        &[
            "credentials_not_found",
            "credentials_unreadable",
            "config_invalid",
            "club_missing",
        ],
    ),
    (1, &["internal"]),
];

impl Done {
    /// The error's code, or `ok`; an error where exit code and streams do not fit each other.
    pub(crate) fn read_code(&self, json: bool) -> Result<String> {
        let exit = self.exit.context("killed")?;
        let mut lines = self.stderr.lines();
        if exit == 0 {
            ensure!(lines.all(is_warning), "stderr of a success");
            return Ok("ok".to_owned());
        }
        ensure!(self.stdout.is_empty(), "stdout of a failure");
        let code = if json {
            let document: Value = serde_json::from_str(&self.stderr)?;
            let [code, message, hint] = ["code", "message", "hint"]
                .map(|name| document["error"][name].as_str().unwrap_or_default());
            ensure!(
                ![code, message, hint].contains(&""),
                "no code, message or hint"
            );
            code.to_owned()
        } else {
            let lines: Vec<&str> = lines.skip_while(|line| is_warning(line)).collect();
            let [error, hint] = lines[..] else {
                bail!("not an error and a hint");
            };
            let is_pair = error.starts_with("error: ") && hint.starts_with("hint: ");
            ensure!(is_pair, "not an error and a hint");
            let code = error
                .strip_suffix(']')
                .and_then(|error| error.rsplit_once('['));
            code.context("no code")?.1.to_owned()
        };
        let mut known = CODES.iter();
        let is_known = known.any(|(number, codes)| *number == exit && codes.contains(&&*code));
        ensure!(is_known, "an exit code of another error");
        Ok(code)
    }
}

/// A file that padel may leave in a home.
fn is_padels(name: &str) -> bool {
    let kinds = ["session-", "sites-", "activities-", "member-", "refusal-"];
    let cached = kinds.iter().any(|kind| name.starts_with(kind));
    name == ".env" || (cached && (name.ends_with(".json") || name.ends_with(".lock")))
}

fn is_warning(line: &str) -> bool {
    line.starts_with("warning: ")
}

fn read_all(mut stream: impl io::Read + Send + 'static) -> JoinHandle<String> {
    spawn(move || {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    })
}

/// The release build, or the one that `PADEL_BIN` names.
#[expect(
    clippy::disallowed_methods,
    reason = "the soak's own environment, not the binary's"
)]
fn binary_path() -> std::ffi::OsString {
    std::env::var_os("PADEL_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_padel").into())
}

/// Counts the files that this process has open; 0 where that cannot be seen.
pub(crate) fn count_open_files() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

fn list_files(dir: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        if entry.path().is_dir() {
            list_files(&entry.path(), names);
        } else {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
}
