//! The process `padel-slack serve`.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use claude_platform_sim::Platform;
use serde_json::Value;
use slack_sim::{DEFAULT_BOT_TOKEN, DEFAULT_SIGNING_SECRET, Workspace};

use crate::{AGENT, CHANNEL, ENVIRONMENT, KEY};

/// A running bridge; dropping it kills it.
pub(crate) struct Bridge {
    child: Child,
    pub(crate) address: String,
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Bridge {
    pub(crate) fn start(workspace: &Workspace, platform: &Platform, place: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_padel-slack"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env_clear()
            .current_dir(place)
            .env("SLACK_API_URL", workspace.api_url())
            .env("SLACK_BOT_TOKEN", DEFAULT_BOT_TOKEN)
            .env("SLACK_SIGNING_SECRET", DEFAULT_SIGNING_SECRET)
            .env("PADEL_SLACK_CHANNELS", CHANNEL)
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
                break address.trim_start_matches("http://").to_owned();
            }
        };
        // Its lines are read, so that it never waits for that, and what went wrong is shown.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if !line.contains("\"level\":\"info\"") {
                    eprintln!("{line}");
                }
            }
        });
        Self { child, address }
    }
}
