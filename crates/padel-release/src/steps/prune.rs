//! `prune`: old versions go, but none that an agent may need.

use claude_platform::Kind;
use serde::Serialize;

use super::pin;
use crate::{
    cli,
    error::Error,
    ops::{history, skills},
    report::Report,
    world::World,
};

/// Versions, newest first.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Pruned {
    pub(crate) skill_id: String,
    pub(crate) deleted: Vec<String>,
    pub(crate) kept: Vec<String>,
}

pub(super) fn prepare(step: &cli::Prune, report: &mut Report) {
    if let Some(plan) = &mut report.plan {
        let needed = if step.agents.is_empty() {
            "no agent uses the skill".to_owned()
        } else {
            format!("read the history of {}: what one pins or pinned last stays", pin::list(&step.agents))
        };
        plan.add("prune", format!("find the skill `{}` and list its versions; {needed}", step.target.skill));
        plan.add("prune", format!("delete the others but for the newest {}, oldest first", step.keep));
    }
}

pub(super) async fn run(step: &cli::Prune, world: &World<'_>, report: &mut Report) -> Result<(), Error> {
    let skill_id = skills::require(&world.client, &step.target.skill).await?;
    let versions = world.client.skill_versions(&skill_id).await?;
    let mut needed = Vec::new();
    for agent in pin::read(&step.agents, world).await? {
        let pins = history::pins(&world.client, &agent, &skill_id).await?;
        needed.extend(pins.into_iter().take(2).map(|pin| pin.version));
    }
    let keep = usize::try_from(step.keep).unwrap_or(usize::MAX);
    let (mut kept, mut surplus) = (Vec::new(), Vec::new());
    for (place, version) in versions.into_iter().enumerate() {
        let id = skills::plain(&version.id)?;
        if place < keep || needed.contains(&id) { kept.push(id) } else { surplus.push(id) }
    }
    let pruned = report.prune.insert(Pruned { skill_id, deleted: Vec::new(), kept });
    for version in surplus.into_iter().rev() {
        match world.client.delete_version(&pruned.skill_id, &version).await {
            // Gone is gone: an answer may have been lost.
            Err(error) if error.kind != Kind::NotFound => return Err(error.into()),
            _ => pruned.deleted.insert(0, version),
        }
    }
    Ok(())
}
