//! A session's file system, and commands that are really run in it.
//!
//! It is a directory, not a jail: what is run here can do whatever the simulator can.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::package::StoredFile;

/// The directory of a session's files, below its root.
pub(crate) const UPLOADS: &str = "mnt/session/uploads";

const SKILLS: &str = "workspace/skills";
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The most that a tool call tells.
const MOST_OUTPUT: u64 = 64 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Sandbox {
    root: PathBuf,
    /// By name.
    skills: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Outcome {
    /// Stdout and stderr as they came.
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

impl Outcome {
    /// An error, in these words.
    pub(crate) fn failed(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            is_error: true,
        }
    }
}

impl Sandbox {
    pub(crate) fn new(root: &Path) -> io::Result<Self> {
        for place in ["home", UPLOADS, SKILLS] {
            fs::create_dir_all(root.join(place))?;
        }
        Ok(Self {
            root: root.to_owned(),
            skills: Vec::new(),
        })
    }

    /// Mounts a skill as the worst case that is known: files 0644 whatever they were, directories
    /// 0555.
    pub(crate) fn mount_skill(
        &mut self,
        name: &str,
        files: &BTreeMap<String, StoredFile>,
    ) -> io::Result<()> {
        let top = self.root.join(SKILLS).join(name);
        fs::create_dir_all(&top)?;
        for (path, file) in files {
            write_file(&top.join(path), &file.bytes, 0o644)?;
        }
        set_directory_modes(&top, 0o555)?;
        self.skills.push(name.to_owned());
        Ok(())
    }

    pub(crate) fn mount_file(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        write_file(&self.root.join(UPLOADS).join(path), bytes, 0o444)
    }

    pub(crate) fn unmount_file(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.root.join(UPLOADS).join(path))
    }

    /// Removes everything in it. What is not removed goes with the platform's own directory.
    pub(crate) fn remove(&self) {
        make_removable(&self.root);
        let _ = fs::remove_dir_all(&self.root);
    }

    /// The directory of the skill that the message names, else of the first one.
    pub(crate) fn skill_for(&self, message: &str) -> PathBuf {
        let named = self
            .skills
            .iter()
            .find(|name| message.contains(name.as_str()));
        let skills = self.root.join(SKILLS);
        named
            .or(self.skills.first())
            .map_or_else(|| skills.clone(), |name| skills.join(name))
    }

    /// Runs a script in a directory, with these variables and nothing of this process's
    /// environment, for so long at most.
    pub(crate) fn run(
        &self,
        directory: &Path,
        script: &str,
        variables: &BTreeMap<String, String>,
        limit: Duration,
    ) -> io::Result<Outcome> {
        let (output, writer) = io::pipe()?;
        // `timeout` ends what the script started as well.
        let mut command = Command::new("timeout");
        command
            .args([
                "--kill-after=1",
                &format!("{}s", limit.as_secs_f64()),
                "bash",
                "-c",
                script,
            ])
            .current_dir(directory)
            .env_clear()
            .env("PATH", PATH)
            .env("HOME", self.root.join("home"))
            .env("PADEL_SESSION_UPLOADS", self.root.join(UPLOADS))
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let mut child = command.spawn()?;
        // It holds the pipe's other end, without which the output does not end.
        drop(command);
        let mut text = Vec::new();
        let mut output = output.take(MOST_OUTPUT);
        output.read_to_end(&mut text)?;
        io::copy(&mut output.into_inner(), &mut io::sink())?;
        let status = child.wait()?;
        let mut text = String::from_utf8_lossy(&text).into_owned();
        if matches!(status.code(), Some(124 | 137)) {
            text.push_str("\nThe command ran into the time limit.");
        }
        Ok(Outcome {
            text,
            is_error: !status.success(),
        })
    }
}

/// Makes everything below removable again, for whoever is not root.
pub(crate) fn make_removable(root: &Path) {
    // What cannot be changed cannot be helped.
    let _ = set_directory_modes(root, 0o755);
}

fn write_file(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::File::create(path)?.write_all(bytes)?;
    fs::set_permissions(path, Permissions::from_mode(mode))
}

fn set_directory_modes(top: &Path, mode: u32) -> io::Result<()> {
    // Open while it is walked.
    fs::set_permissions(top, Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(top)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            set_directory_modes(&entry.path(), mode)?;
        }
    }
    fs::set_permissions(top, Permissions::from_mode(mode))
}
