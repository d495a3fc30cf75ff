//! `agent.toml` and its lock without their files, for the fuzz targets.

use std::path::Path;

use super::{Declaration, lock};
use crate::error::Error;

/// Reads a declaration. What is accepted must be fit for the platform; what is refused is told in
/// one line.
pub(crate) fn declaration(text: &str) {
    let (path, home) = (Path::new("agent.toml"), Some(Path::new("/home/me")));
    let system = |_: &Path| Ok("Courts at {club}, for {channel}.".to_owned());
    match Declaration::parse(text, path, home, system) {
        Ok(read) => {
            let hosts = read.allowed_hosts();
            let is_host = |host: &String| {
                !host.is_empty() && !host.contains(['/', ':', ' ', '@']) && is_one_line(host)
            };
            assert!(hosts.iter().all(is_host), "{hosts:?}");
            assert!(is_one_line(&read.name) && is_one_line(&read.model));
            assert!(read.max_cost > 0);
            let networking = &read.environment_body()["config"]["networking"];
            assert_eq!(networking["type"], "limited");
            let _ = read.agent_body("skill_1", "skver_1");
        }
        Err(error) => assert_told(&error),
    }
}

/// Reads a lock. What is accepted names ids only, and is written as it was read.
pub(crate) fn lock(text: &str) {
    let path = Path::new("agent.lock.json");
    match lock::parse(text, path) {
        Ok(read) => {
            let ids = read.named_ids();
            assert!(ids.iter().all(|(_, id)| crate::ids::is_plain(id)));
            let again = serde_json::to_string_pretty(&read)
                .ok()
                .and_then(|text| lock::parse(&text, path).ok());
            assert_eq!(again, Some(read));
        }
        Err(error) => assert_told(&error),
    }
}

fn is_one_line(text: &str) -> bool {
    !text.contains(char::is_control)
}

fn assert_told(error: &Error) {
    assert!(is_one_line(&error.message), "{:?}", error.message);
    assert!(!error.hint.is_empty());
}
