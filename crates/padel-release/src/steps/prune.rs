//! `prune`: old versions go, but none that an agent may need.

use claude_platform::{Agent, Kind};
use serde::Serialize;

use super::pin;
use crate::{
    cli,
    error::Error,
    ops::{agents, history, skills},
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
        let more = if step.agents.is_empty() { String::new() } else { format!(" and of {}", pin::list(&step.agents)) };
        let what = format!("find the skill `{}`, list its versions and the workspace's agents", step.target.skill);
        plan.add("prune", format!("{what}; read the history of those that have it{more}"));
        let keep = format!("the newest {} and what an agent uses or pinned last", step.keep);
        plan.add("prune", format!("delete the others but for {keep}, oldest first; list the agents again before each"));
    }
}

pub(super) async fn run(step: &cli::Prune, world: &World<'_>, report: &mut Report) -> Result<(), Error> {
    let skill_id = skills::require(&world.client, &step.target.skill).await?;
    let versions = world.client.skill_versions(&skill_id).await?;
    let order = versions.iter().map(|version| skills::plain(&version.id)).collect::<Result<Vec<_>, _>>()?;
    let mut needed = Vec::new();
    for agent in agents(step, &skill_id, world).await? {
        let pins = history::pins(&world.client, &agent, &skill_id).await?;
        needed.extend(pins.into_iter().take(2).map(|pin| pin.version));
    }
    let keep = usize::try_from(step.keep).unwrap_or(usize::MAX);
    let surplus = order.iter().skip(keep).filter(|version| !needed.contains(version));
    let surplus: Vec<String> = surplus.rev().cloned().collect();
    let kept = order.iter().filter(|version| !surplus.contains(version)).cloned().collect();
    let pruned = report.prune.insert(Pruned { skill_id, deleted: Vec::new(), kept });
    for version in surplus {
        // There is no lock on a version: this leaves the time of one request.
        if in_use(&pruned.skill_id, world).await?.contains(&version) {
            world.log.warning(&format!("`{version}` came into use meanwhile and is kept"));
            pruned.kept.push(version);
            pruned.kept.sort_by_key(|kept| order.iter().position(|known| known == kept));
            continue;
        }
        match world.client.delete_version(&pruned.skill_id, &version).await {
            // Gone is gone: an answer may have been lost.
            Err(error) if error.kind != Kind::NotFound => return Err(error.into()),
            _ => pruned.deleted.insert(0, version),
        }
    }
    Ok(())
}

/// The agents that have the skill, and those that are named: one that is archived or lacks the skill may have it still,
/// in a session that runs or in somebody's plans.
async fn agents(step: &cli::Prune, skill: &str, world: &World<'_>) -> Result<Vec<Agent>, Error> {
    let mut found = pin::read(&step.agents, world).await?;
    for agent in world.client.agents().await? {
        if agents::version(&agent, skill)?.is_some() && found.iter().all(|known| known.id != agent.id) {
            found.push(agent);
        }
    }
    Ok(found)
}

/// The versions that the workspace's agents get now: the newest where one follows `latest`.
async fn in_use(skill: &str, world: &World<'_>) -> Result<Vec<String>, Error> {
    let mut used = Vec::new();
    for agent in world.client.agents().await? {
        used.extend(agents::version(&agent, skill)?.map(str::to_owned));
    }
    if used.iter().any(|version| version == "latest") {
        used.push(world.client.skill_version(skill, "latest").await?.id);
    }
    Ok(used)
}
