//! Asks a binary for its version: a private copy, no environment, no input, ten seconds.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _, Seek as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(10);

/// The binary's answer.
pub(super) enum Answer {
    /// The first line of its stdout.
    Says(String),
    /// It cannot start, fails, or hangs.
    Fails(String),
    /// This machine does not allow programs in its temporary directory.
    NotRun,
}

/// Runs `--version` of a static program.
pub(super) fn ask_version(binary: &[u8]) -> Answer {
    let Ok(directory) = tempfile::tempdir() else {
        return Answer::NotRun;
    };
    let path = directory.path().join("padel");
    let copied = fs::write(&path, binary)
        .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o700)));
    if copied.is_err() {
        return Answer::NotRun;
    }
    match run_program(&path, directory.path()) {
        Ok((Some(status), said)) if status.success() => Answer::Says(printable::line(&said, 80)),
        Ok((Some(status), _)) => Answer::Fails(format!("ends with {status}")),
        Ok((None, _)) => Answer::Fails(format!("does not end within {} s", PATIENCE.as_secs())),
        // A temporary directory that is mounted noexec.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Answer::NotRun,
        Err(error) => Answer::Fails(format!("does not start ({error})")),
    }
}

/// Its stdout goes to a file, so that a full pipe cannot hold it up.
fn run_program(path: &Path, directory: &Path) -> io::Result<(Option<ExitStatus>, String)> {
    let mut out: File = tempfile::tempfile_in(directory)?;
    let mut child = Command::new(path)
        .arg("--version")
        .env_clear()
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(Stdio::null())
        .spawn()?;
    let start = Instant::now();
    let status = loop {
        match child.try_wait()? {
            None if start.elapsed() > PATIENCE => {
                child.kill()?;
                child.wait()?;
                break None;
            }
            None => thread::sleep(Duration::from_millis(5)),
            status => break status,
        }
    };
    let mut said = Vec::new();
    out.rewind()?;
    out.take(4096).read_to_end(&mut said)?;
    Ok((
        status,
        String::from_utf8_lossy(&said)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
    ))
}
