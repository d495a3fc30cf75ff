//! Versions that an agent pinned, from its snapshots.

use std::{cmp::Reverse, collections::BTreeMap};

use claude_platform::{Agent, Client};

use super::{
    agents,
    provenance::{self, Provenance},
};
use crate::error::{Error, from_platform};

/// A version that an agent pinned, with the provenance of the newest snapshot that did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastPin {
    pub(crate) version: String,
    pub(crate) provenance: Provenance,
}

/// Distinct neighbours, newest first. Snapshots that followed `latest` or lacked the skill pinned
/// nothing.
///
/// Pins that came after `agent` was read are left out: going back starts from there, and the lock
/// notices it. Neither the order of the history nor whether it holds the agent as it is now is
/// documented: neither is relied on.
pub(crate) async fn list_pins(
    client: &Client,
    agent: &Agent,
    skill: &str,
) -> Result<Vec<PastPin>, Error> {
    let mut snapshots = client
        .list_agent_versions(&agent.id)
        .await
        .map_err(from_platform)?;
    snapshots.retain(|snapshot| snapshot.version < agent.version);
    snapshots.push(agent.clone());
    distinct_pins(snapshots, skill)
}

fn distinct_pins(mut snapshots: Vec<Agent>, skill: &str) -> Result<Vec<PastPin>, Error> {
    snapshots.sort_by_key(|snapshot| Reverse(snapshot.version));
    let mut pins: Vec<PastPin> = Vec::new();
    for snapshot in &snapshots {
        let version =
            agents::pinned_version(snapshot, skill)?.filter(|version| *version != "latest");
        if let Some(version) =
            version.filter(|version| pins.last().is_none_or(|last| last.version != *version))
        {
            pins.push(PastPin {
                version: version.to_owned(),
                provenance: provenance::of_metadata(&snapshot.metadata),
            });
        }
    }
    Ok(pins)
}

/// The zip that each version was made of, by its SHA-256, as agents remember it that pinned the
/// version. None where they differ.
///
/// An agent's metadata names no version: the hash is of the one that was pinned when the hash came.
/// Another tool that pins a version may leave the hash as it is, so it says nothing about
/// that one.
pub(crate) async fn list_zips(
    client: &Client,
    agents: &[Agent],
    skill: &str,
) -> Result<BTreeMap<String, Option<String>>, Error> {
    let mut zips: BTreeMap<String, Option<String>> = BTreeMap::new();
    for agent in agents {
        let mut snapshots = client
            .list_agent_versions(&agent.id)
            .await
            .map_err(from_platform)?;
        snapshots.push(agent.clone());
        for (version, zip) in trace_zips(snapshots, skill)? {
            let known = zips.entry(version).or_insert_with(|| Some(zip.clone()));
            if known.as_ref() != Some(&zip) {
                *known = None;
            }
        }
    }
    Ok(zips)
}

fn trace_zips(mut snapshots: Vec<Agent>, skill: &str) -> Result<Vec<(String, String)>, Error> {
    snapshots.sort_by_key(|snapshot| snapshot.version);
    let mut found = Vec::new();
    // Where the history does not begin with the agent, its first hash may be older than what is
    // listed.
    let mut before = snapshots
        .first()
        .filter(|first| first.version > 1)
        .and_then(zip_hash);
    for snapshot in &snapshots {
        let zip = zip_hash(snapshot);
        let version =
            agents::pinned_version(snapshot, skill)?.filter(|version| *version != "latest");
        if let (Some(zip), Some(version)) =
            (zip.filter(|zip| before.as_ref() != Some(zip)), version)
        {
            found.push((version.to_owned(), zip));
        }
        before = zip_hash(snapshot);
    }
    Ok(found)
}

fn zip_hash(agent: &Agent) -> Option<String> {
    provenance::of_metadata(&agent.metadata).zip
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_hash_is_of_the_version_that_was_pinned_when_it_came() {
        let snapshot = |number: u64, version: &str, zip: &str| -> Agent {
            let skills = json!([{"type": "custom", "skill_id": "skill_1", "version": version}]);
            let metadata = json!({"padel_zip_sha256": zip});
            let agent =
                json!({"id": "agent_1", "version": number, "skills": skills, "metadata": metadata});
            serde_json::from_value(agent).unwrap()
        };
        let found = |snapshots: &[(u64, &str, &str)]| {
            let snapshots = snapshots
                .iter()
                .map(|(number, version, zip)| snapshot(*number, version, zip))
                .collect();
            let found = trace_zips(snapshots, "skill_1").unwrap();
            found
                .into_iter()
                .map(|(version, zip)| format!("{version} {zip}"))
                .collect::<Vec<_>>()
        };
        // Another tool pinned `c` and left the hash; then ours pinned `d`.
        assert_eq!(
            found(&[(4, "d", "Z"), (1, "a", "X"), (2, "b", "Y"), (3, "c", "Y")]),
            ["a X", "b Y", "d Z"]
        );
        assert_eq!(found(&[(1, "latest", "X"), (2, "a", "X")]), [""; 0]);
        // The beginning is not there any more.
        assert_eq!(
            found(&[(7, "c", "Y"), (8, "d", "Y"), (9, "d", "Z")]),
            ["d Z"]
        );
        assert_eq!(
            found(&[(1, "a", "X"), (2, "b", "Y"), (3, "a", "X")]),
            ["a X", "b Y", "a X"]
        );
    }

    #[test]
    fn the_newest_pin_comes_first_in_any_order_of_history() {
        let snapshot = |version: u64, skills: &[(&str, &str)]| -> Agent {
            let entry = |(id, version): &(&str, &str)| json!({"type": "custom", "skill_id": id, "version": version});
            let skills: Vec<_> = skills.iter().map(entry).collect();
            serde_json::from_value(json!({"id": "agent_1", "version": version, "skills": skills}))
                .unwrap()
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
            let pins = distinct_pins(history.clone(), "skill_1").unwrap();
            let versions: Vec<&str> = pins.iter().map(|pin| pin.version.as_str()).collect();
            assert_eq!(versions, ["skver_a", "skver_b", "skver_0"]);
        }
    }
}
