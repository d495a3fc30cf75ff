//! What an agent pinned, from its snapshots.

use std::cmp::Reverse;

use claude_platform::{Agent, Client};

use super::{
    agents,
    facts::{self, Facts},
};
use crate::error::Error;

/// A version that an agent pinned, with the facts of the newest snapshot that did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pinned {
    pub(crate) version: String,
    pub(crate) facts: Facts,
}

/// Distinct neighbours, newest first. Snapshots that followed `latest` or lacked the skill pinned nothing.
///
/// What came after `agent` was read is left out: going back starts from there, and the lock notices it.
/// Neither the order of the history nor whether it holds the agent as it is now is documented: neither is relied on.
pub(crate) async fn pins(client: &Client, agent: &Agent, skill: &str) -> Result<Vec<Pinned>, Error> {
    let mut snapshots = client.agent_versions(&agent.id).await?;
    snapshots.retain(|snapshot| snapshot.version < agent.version);
    snapshots.push(agent.clone());
    distinct(snapshots, skill)
}

fn distinct(mut snapshots: Vec<Agent>, skill: &str) -> Result<Vec<Pinned>, Error> {
    snapshots.sort_by_key(|snapshot| Reverse(snapshot.version));
    let mut pins: Vec<Pinned> = Vec::new();
    for snapshot in &snapshots {
        let version = agents::version(snapshot, skill)?.filter(|version| *version != "latest");
        if let Some(version) = version.filter(|version| pins.last().is_none_or(|last| last.version != *version)) {
            pins.push(Pinned { version: version.to_owned(), facts: facts::of_metadata(&snapshot.metadata) });
        }
    }
    Ok(pins)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_newest_pin_comes_first_in_whichever_order_the_history_is_told() {
        let snapshot = |version: u64, skills: &[(&str, &str)]| -> Agent {
            let entry = |(id, version): &(&str, &str)| json!({"type": "custom", "skill_id": id, "version": version});
            let skills: Vec<_> = skills.iter().map(entry).collect();
            serde_json::from_value(json!({"id": "agent_1", "version": version, "skills": skills})).unwrap()
        };
        let mut history = vec![
            snapshot(1, &[]),
            snapshot(2, &[("skill_1", "skver_0")]),
            snapshot(3, &[("skill_1", "skver_b"), ("skill_2", "skver_x")]),
            snapshot(4, &[("skill_1", "skver_b")]),
            snapshot(5, &[("skill_1", "latest")]),
            snapshot(10, &[("skill_1", "skver_a")]),
            snapshot(10, &[("skill_1", "skver_a")]),
        ];
        for _ in 0..2 {
            history.reverse();
            let pins = distinct(history.clone(), "skill_1").unwrap();
            let versions: Vec<&str> = pins.iter().map(|pin| pin.version.as_str()).collect();
            assert_eq!(versions, ["skver_a", "skver_b", "skver_0"]);
        }
    }
}
