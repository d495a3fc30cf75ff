//! Runs the binary with nothing inherited but what a test sets.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use chrono::{DateTime, NaiveDate, Utc};
use diagnostic::ErrorCode as _;
use gladstone_sim::{Builder, Club};
use padel::error::Code;
use serde_json::Value;
use tempfile::TempDir;

use crate::documents;

/// A Monday in winter, so that local time is UTC.
pub(crate) const NOW: &str = "2026-11-23T09:00:00Z";

/// The member of a simulated club unless a test names others.
pub(crate) const EMAIL: &str = "alex@example.org";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A member's own files, below the home directory.
pub(crate) const CONFIG: &str = ".config/pslc-padel/config.toml";
pub(crate) const DOTENV: &str = ".config/pslc-padel/.env";

/// Somebody whose club is set, and whose credentials are where they belong.
pub(crate) fn member(club: &Club) -> Member {
    Member::of(club).credentials(EMAIL, PASSWORD)
}

/// A club whose clock stands at [`NOW`].
pub(crate) fn club() -> Builder {
    Club::builder().now(NOW)
}

/// The binary under test; `PADEL_BIN` names another build of it.
#[expect(
    clippy::disallowed_methods,
    reason = "the test's own environment, not the binary's"
)]
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("PADEL_BIN").map_or_else(|| env!("CARGO_BIN_EXE_padel").into(), PathBuf::from)
}

/// The words of a command: a line, divided at blanks outside single quotes, or a list.
pub(crate) trait Words {
    fn words(&self) -> Vec<&str>;
}

impl Words for str {
    fn words(&self) -> Vec<&str> {
        let parts = self.split('\'').enumerate();
        let words = parts.flat_map(|(number, part)| match number % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        });
        words.collect()
    }
}

impl Words for String {
    fn words(&self) -> Vec<&str> {
        self.as_str().words()
    }
}

impl Words for [&str] {
    fn words(&self) -> Vec<&str> {
        self.to_vec()
    }
}

impl<const N: usize> Words for [&str; N] {
    fn words(&self) -> Vec<&str> {
        self.to_vec()
    }
}

impl<W: Words + ?Sized> Words for &W {
    fn words(&self) -> Vec<&str> {
        (**self).words()
    }
}

/// A member: a home directory and an environment that last from call to call.
pub(crate) struct Member {
    pub(crate) home: TempDir,
    env: Vec<(String, String)>,
}

impl Member {
    /// Somebody with an empty home and a clock that stands at [`NOW`].
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let path = home.path().to_str().expect("a plain path").to_owned();
        let uploads = format!("{path}/uploads");
        let member = Self {
            home,
            env: Vec::new(),
        };
        member
            .env("HOME", &path)
            .env("PADEL_NOW", NOW)
            .env("PADEL_SESSION_UPLOADS", &uploads)
    }

    /// Somebody whose club is set.
    pub(crate) fn of(club: &Club) -> Self {
        Self::new().env("PSLC_CLUB", &club.url())
    }

    /// Sets the sites and activities that are asked for.
    pub(crate) fn asking_for(self, sites: &str, activities: &str) -> Self {
        self.env("PSLC_SITES", sites)
            .env("PSLC_ACTIVITIES", activities)
    }

    /// Sets or replaces a variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Removes a variable.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.env.retain(|(known, _)| known != name);
        self
    }

    /// A path below the home directory.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.home.path().join(below)
    }

    /// Writes a file below the home directory.
    pub(crate) fn file(self, below: &str, text: &str) -> Self {
        let path = self.path(below);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        std::fs::write(path, text).expect("a file");
        self
    }

    /// The command, for tests that start it themselves.
    pub(crate) fn command(&self, words: impl Words) -> Command {
        let mut command = Command::new(binary());
        command
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
            .args(words.words())
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// Writes a `.env` into the home directory that nobody else can read.
    pub(crate) fn credentials(self, user: &str, password: &str) -> Self {
        let member = self.file(DOTENV, &pair(user, &format!("\"{password}\"")));
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(member.path(DOTENV), mode).expect("a mode");
        }
        member
    }

    /// Runs the command.
    pub(crate) fn run(&self, words: impl Words) -> Outcome {
        let words = words.words();
        let output = self
            .command(&words[..])
            .output()
            .expect("the binary starts");
        Outcome::from(output).case(words.join(" "))
    }

    /// Starts the command this many times at once, and waits for all.
    pub(crate) fn run_at_once(&self, count: usize, words: &str) -> Vec<Outcome> {
        let children: Vec<Child> = (0..count).map(|_| spawn(self.command(words))).collect();
        children.into_iter().map(Outcome::of).collect()
    }

    /// Runs a line in the shell.
    pub(crate) fn shell(&self, line: &str) -> Outcome {
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", line])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null());
        shell
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home.path());
        Outcome::from(shell.output().expect("a shell")).case(line)
    }

    /// Runs the command, which must succeed and print nothing on stderr, and reads its JSON.
    pub(crate) fn json(&self, words: impl Words) -> Value {
        let words = [&words.words()[..], &["--json"]].concat();
        self.run(&words[..]).assert_quiet_success().json()
    }

    /// The path of the first of the cache's files whose name begins so.
    pub(crate) fn cached_file(&self, start: &str) -> PathBuf {
        let names = self.cached();
        let name = names.iter().find(|name| name.starts_with(start));
        self.path(".cache/pslc-padel").join(name.expect("a file"))
    }

    /// Reads a file below the home directory.
    pub(crate) fn read(&self, below: &str) -> String {
        std::fs::read_to_string(self.path(below)).expect("a text")
    }

    /// The names of the cache's files.
    pub(crate) fn cached(&self) -> Vec<String> {
        let Ok(dir) = std::fs::read_dir(self.path(".cache/pslc-padel")) else {
            return Vec::new();
        };
        let mut names: Vec<String> = dir
            .map(|entry| entry.expect("an entry").file_name().display().to_string())
            .collect();
        names.sort();
        names
    }
}

/// The exit code and the output of a command.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Shown where an assertion fails: the command, and the case of the test.
    case: String,
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        documents::keep(&output.stdout);
        documents::keep(&output.stderr);
        let stdout = str::from_utf8(&output.stdout).expect("UTF-8 on stdout");
        let stderr = str::from_utf8(&output.stderr).expect("UTF-8 on stderr");
        Self::new(output.status.code().unwrap_or(-1), stdout, stderr)
    }
}

impl Outcome {
    /// Waits for a child.
    pub(crate) fn of(child: Child) -> Self {
        Self::from(child.wait_with_output().expect("it ends"))
    }

    pub(crate) fn new(code: i32, stdout: &str, stderr: &str) -> Self {
        Self {
            case: String::new(),
            code,
            stdout: stdout.to_owned(),
            stderr: stderr.to_owned(),
        }
    }

    /// Adds a case of the test to what a failed assertion shows.
    pub(crate) fn case(mut self, case: impl std::fmt::Display) -> Self {
        self.case = format!("{case}: {}", self.case);
        self
    }

    #[track_caller]
    pub(crate) fn assert_success(&self) -> &Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Asserts that the command succeeded without a word on stderr.
    #[track_caller]
    pub(crate) fn assert_quiet_success(&self) -> &Self {
        assert_eq!(self.stderr, "", "{self:?}");
        self.assert_success()
    }

    #[track_caller]
    pub(crate) fn assert_error(&self, code: &str, exit: i32) -> &Self {
        assert_eq!((self.error(), self.code), (code, exit), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn assert_stdout_has(&self, part: &str) -> &Self {
        assert!(self.stdout.contains(part), "no {part:?}: {self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn assert_stdout_lacks(&self, part: &str) -> &Self {
        assert!(!self.stdout.contains(part), "{part:?}: {self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn assert_stderr_has(&self, part: &str) -> &Self {
        assert!(self.stderr.contains(part), "no {part:?}: {self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn assert_stderr_lacks(&self, part: &str) -> &Self {
        assert!(!self.stderr.contains(part), "{part:?}: {self:?}");
        self
    }

    /// The health and the finding of one of the doctor's checks.
    #[track_caller]
    pub(crate) fn check(&self, name: &str) -> (String, String) {
        let document = self.json();
        let found = list(&document["checks"])
            .iter()
            .find(|check| check["name"] == name)
            .unwrap_or_else(|| panic!("no {name}: {self:?}"));
        ["health", "found"]
            .map(|key| text(&found[key]).to_owned())
            .into()
    }

    /// The error on stderr, which is one JSON document.
    pub(crate) fn error_json(&self) -> Value {
        serde_json::from_str::<Value>(&self.stderr)
            .unwrap_or_else(|error| panic!("{error}: {self:?}"))["error"]
            .take()
    }

    /// stdout as one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of the error on stderr, in either form; there must be a message and a hint, and
    /// nothing on stdout.
    #[track_caller]
    pub(crate) fn error(&self) -> &'static str {
        assert_eq!(self.stdout, "", "an error prints nothing on stdout");
        if let Ok(document) = serde_json::from_str::<Value>(&self.stderr) {
            let error = &document["error"];
            for field in ["message", "hint"] {
                assert!(
                    error[field].as_str().is_some_and(|text| !text.is_empty()),
                    "{self:?}"
                );
            }
            assert!(error["details"].is_object(), "{self:?}");
            return known(text(&error["code"]));
        }
        // Warnings and the lines of -v stand before the error.
        let lines = self.stderr.lines();
        let lines: Vec<&str> = lines
            .skip_while(|line| line.starts_with("warning: ") || line.starts_with("padel: "))
            .collect();
        let [error, hint] = lines[..] else {
            panic!("not an error and a hint: {self:?}")
        };
        assert!(
            error.starts_with("error: ") && hint.starts_with("hint: "),
            "{self:?}"
        );
        let (_, code) = error
            .trim_end_matches(']')
            .rsplit_once('[')
            .expect("a code in brackets");
        known(code)
    }
}

/// Finds the error code of this name.
#[track_caller]
fn known(name: &str) -> &'static str {
    let mut names = Code::ALL.iter().map(|code| code.name());
    names.find(|known| *known == name).expect("a code of ours")
}

/// Starts a command whose outcome is wanted.
pub(crate) fn spawn(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

/// The lines of a `.env`.
pub(crate) fn pair(user: &str, password: &str) -> String {
    format!("pslc_user={user}\npslc_password={password}\n")
}

/// The port at which a club listens.
pub(crate) fn port(club: &Club) -> u16 {
    let url = club.url();
    let (_, port) = url.rsplit_once(':').expect("a port");
    port.parse().expect("a number")
}

/// A text in which the club's address is the same in each run.
pub(crate) fn without_port(text: &str, club: &Club) -> String {
    text.replace(club.url().trim_start_matches("http://"), "127.0.0.1:PORT")
}

#[track_caller]
pub(crate) fn assert_width(text: &str, columns: usize) {
    let wide = text.lines().find(|line| line.chars().count() > columns);
    assert_eq!(wide, None, "wider than {columns}: {text}");
}

/// The permissions of a file.
#[cfg(unix)]
pub(crate) fn mode(path: impl AsRef<Path>) -> u32 {
    let permissions = std::fs::metadata(path).expect("metadata").permissions();
    std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o7777
}

/// Runs a command to its end: true if it starts and succeeds.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

#[track_caller]
pub(crate) fn list(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"))
}

#[track_caller]
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// A captured response of a real portal.
pub(crate) fn sample() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/e2e/activeleeds-sessions-2025-01-16.json"
    ))
}
