//! A pseudo-terminal (of `script`), for what somebody types.

use std::{
    io::{Read as _, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::harness::{Member, Outcome, binary};

/// Builds util-linux's `script`, which runs a shell's line on a terminal as this member; its
/// keyboard and screen are pipes.
pub(crate) fn script_command(member: &Member, line: &str) -> Command {
    let mut script = Command::new("script");
    script
        .args(["--quiet", "--return", "--command", line, "/dev/null"])
        .env_clear();
    script.envs(
        member
            .command("")
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    script
        .env("PATH", "/usr/bin:/bin")
        .env("SHELL", "/bin/sh")
        .env("TERM", "dumb")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    script
}

/// A command on a terminal, typed into from here.
pub(crate) struct Terminal {
    script: Child,
    keyboard: ChildStdin,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    /// Starts the binary. When it has ended, the screen shows `code N` and the terminal's settings.
    pub(crate) fn start(member: &Member, args: &str) -> Self {
        let padel = format!("sh -c 'echo $$ > pid; exec {} {args}'", binary().display());
        Self::run(
            member,
            &format!("trap : INT TERM HUP; {padel}; echo \"code $?\"; stty -a"),
        )
    }

    /// Runs a shell's line.
    pub(crate) fn run(member: &Member, line: &str) -> Self {
        let mut script = script_command(member, line)
            .current_dir(member.home.path())
            .stderr(Stdio::null())
            .spawn()
            .expect("script of util-linux");
        let keyboard = script.stdin.take().expect("a keyboard");
        let mut output = script.stdout.take().expect("a screen");
        let screen = Arc::new(Mutex::new(Vec::new()));
        let shown = Arc::clone(&screen);
        let reader = thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(length @ 1..) = output.read(&mut some) {
                shown
                    .lock()
                    .expect("the screen")
                    .extend_from_slice(&some[..length]);
            }
        });
        Self {
            script,
            keyboard,
            screen,
            reader,
        }
    }

    /// Waits until this is shown.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.shown().contains(text) {
            assert!(
                Instant::now() < deadline,
                "`{text}` is not shown: {}",
                self.shown()
            );
            thread::sleep(Duration::from_millis(10));
        }
        // The command sets the terminal a moment later, for instance to hide what is typed.
        thread::sleep(Duration::from_millis(50));
    }

    /// Waits until nothing new is shown for a while.
    pub(crate) fn wait_for_quiet(&self) {
        let mut before = usize::MAX;
        while before != self.shown().len() {
            before = self.shown().len();
            thread::sleep(Duration::from_millis(150));
        }
    }

    /// Types, with control characters as keys.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.keyboard
            .write_all(keys.as_bytes())
            .and_then(|()| self.keyboard.flush())
            .expect("typed");
    }

    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().expect("the screen")).into_owned()
    }

    /// Waits for the end. The outcome's stdout is the screen, and its stderr the terminal's
    /// settings.
    #[track_caller]
    pub(crate) fn end(mut self) -> Outcome {
        let ends = Instant::now() + Duration::from_secs(20);
        while self.script.try_wait().expect("a state").is_none() {
            if Instant::now() > ends {
                self.script.kill().expect("killed");
                panic!("it does not end: {}", self.shown());
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.reader.join().expect("all is shown");
        let screen = String::from_utf8_lossy(&self.screen.lock().expect("the screen")).into_owned();
        let (stdout, rest) = screen.rsplit_once("code ").expect("a code");
        let (code, settings) = rest.split_once('\n').expect("settings");
        let code = code.trim().parse().expect("a number");
        Outcome::new(code, stdout, settings)
    }
}
