//! A process `padel-slack serve`, and what it takes of the machine.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use claude_platform_sim::Platform;
use serde_json::Value;
use slack_sim::{DEFAULT_BOT_TOKEN, DEFAULT_SIGNING_SECRET, Workspace};

use crate::{AGENT, ENVIRONMENT, KEY, list_channels};

/// The name of the ledger's file.
pub(crate) const LEDGER: &str = "bridge.db";

/// A running process; dropping it kills it at whatever it does.
pub(crate) struct Bridge {
    child: Child,
    pub(crate) address: String,
}

/// What a process takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Kibibytes of its own, without the program's text.
    pub(crate) memory: u64,
    /// Open descriptors.
    pub(crate) descriptors: usize,
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Bridge {
    /// Starts one, and waits until it listens.
    pub(crate) fn start(workspace: &Workspace, platform: &Platform, place: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_padel-slack"))
            .args(["serve", "--listen", "127.0.0.1:0", "--db", LEDGER])
            .env_clear()
            .current_dir(place)
            .env("SLACK_API_URL", workspace.api_url())
            .env("SLACK_BOT_TOKEN", DEFAULT_BOT_TOKEN)
            .env("SLACK_SIGNING_SECRET", DEFAULT_SIGNING_SECRET)
            .env("PADEL_SLACK_CHANNELS", list_channels().join(","))
            .env("PADEL_SLACK_RATE", "1000000")
            .env("PADEL_AGENT_ID", AGENT)
            .env("PADEL_ENVIRONMENT_ID", ENVIRONMENT)
            .env("ANTHROPIC_API_KEY", KEY)
            .env("ANTHROPIC_BASE_URL", platform.url())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = lines.next().expect("it listens").unwrap();
            let entry: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = entry["address"].as_str() {
                break address.to_owned();
            }
        };
        // They are read, so that it never waits for that.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, address }
    }

    pub(crate) fn measure(&self) -> Usage {
        let id = self.child.id();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .unwrap();
        Usage {
            memory: memory.trim().trim_end_matches(" kB").parse().unwrap(),
            descriptors: fs::read_dir(format!("/proc/{id}/fd")).unwrap().count(),
        }
    }

    /// Waits until no more descriptors are open than `most`; returns how many are.
    pub(crate) async fn wait_for_descriptors(&self, most: usize) -> usize {
        // Idle connections are kept for 20 seconds, and looked at as often.
        let end = Instant::now() + Duration::from_secs(90);
        while self.measure().descriptors > most && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.measure().descriptors
    }
}
