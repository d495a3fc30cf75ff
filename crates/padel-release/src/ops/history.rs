//! What an agent pinned, from its snapshots.

use claude_platform::Agent;

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
pub(crate) fn pins(snapshots: &[Agent], skill: &str) -> Result<Vec<Pinned>, Error> {
    let mut pins: Vec<Pinned> = Vec::new();
    for snapshot in snapshots {
        let version = agents::version(snapshot, skill)?.filter(|version| *version != "latest");
        if let Some(version) = version.filter(|version| pins.last().is_none_or(|last| last.version != *version)) {
            pins.push(Pinned { version: version.to_owned(), facts: facts::of_metadata(&snapshot.metadata) });
        }
    }
    Ok(pins)
}
