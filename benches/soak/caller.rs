//! Somebody with a home of their own, and one run of the real binary as them. Knows nothing of
//! courts.

use std::{
    fs,
    io::Read as _,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread::{JoinHandle, spawn},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// More than this nobody needs.
const OPEN_FILES: usize = 32;

/// A home with or without credentials.
pub(crate) struct Caller {
    pub(crate) member: Option<(&'static str, &'static str)>,
    home: TempDir,
    url: String,
}

/// A run that goes on.
pub(crate) struct Run {
    child: Child,
    started: Instant,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

/// What a run did.
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
            .arg(binary())
            .args(args);
        command
            .args(["--timeout", &timeout.to_string()])
            .env_clear()
            .current_dir(home);
        command
            .env("HOME", home)
            .env("TMPDIR", home.join("tmp"))
            .env("PADEL_SESSION_UPLOADS", home.join("uploads"));
        command.env("PADEL_NOW", now).env("PSLC_CLUB", &self.url);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let read = |mut from: Box<dyn std::io::Read + Send>| {
            spawn(move || {
                let mut text = String::new();
                from.read_to_string(&mut text).unwrap();
                text
            })
        };
        let (stdout, stderr) = (read(Box::new(stdout)), read(Box::new(stderr)));
        Run {
            child,
            started,
            stdout,
            stderr,
        }
    }

    /// The cache's files and locks, the `.env`, and nothing else.
    pub(crate) fn left_nothing_behind(&self) {
        let mut names = Vec::new();
        list(self.home.path(), &mut names);
        let known = |name: &String| {
            let kinds = ["session-", "sites-", "activities-", "member-", "refusal-"];
            let cached = kinds.iter().any(|kind| name.starts_with(kind));
            name == ".env" || (cached && (name.ends_with(".json") || name.ends_with(".lock")))
        };
        assert!(
            names.len() <= 7 && names.iter().all(known),
            "left behind: {names:?}"
        );
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
    /// The error's code, or `ok`; `Err` where exit code and streams do not fit each other.
    pub(crate) fn code(&self, json: bool) -> Result<String, &'static str> {
        let exit = self.exit.ok_or("killed")?;
        if exit == 0 {
            return if self
                .stderr
                .lines()
                .all(|line| line.starts_with("warning: "))
            {
                Ok("ok".to_owned())
            } else {
                Err("stderr of a success")
            };
        }
        if !self.stdout.is_empty() {
            return Err("stdout of a failure");
        }
        let code = if json {
            let document: Value =
                serde_json::from_str(&self.stderr).map_err(|_| "an error that is no JSON")?;
            let error = &document["error"];
            let told = ["message", "hint"]
                .iter()
                .all(|field| error[field].as_str().is_some_and(|text| !text.is_empty()));
            error["code"]
                .as_str()
                .filter(|_| told)
                .ok_or("an error without code, message or hint")?
                .to_owned()
        } else {
            let lines: Vec<&str> = self
                .stderr
                .lines()
                .skip_while(|line| line.starts_with("warning: "))
                .collect();
            let [error, hint] = lines[..] else {
                return Err("not an error and a hint");
            };
            let code = error
                .strip_suffix(']')
                .and_then(|error| error.rsplit_once('['))
                .ok_or("no code")?
                .1;
            if !error.starts_with("error: ") || !hint.starts_with("hint: ") {
                return Err("not an error and a hint");
            }
            code.to_owned()
        };
        let known = CODES
            .iter()
            .any(|(number, codes)| *number == exit && codes.contains(&code.as_str()));
        if known {
            Ok(code)
        } else {
            Err("an exit code of another error")
        }
    }
}

/// The release build, or the one that `PADEL_BIN` names.
#[expect(
    clippy::disallowed_methods,
    reason = "the soak's own environment, not the binary's"
)]
fn binary() -> std::ffi::OsString {
    std::env::var_os("PADEL_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_padel").into())
}

/// How many files this process has open; 0 where that cannot be told.
pub(crate) fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

fn list(dir: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap().flatten() {
        if entry.path().is_dir() {
            list(&entry.path(), names);
        } else {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
}
