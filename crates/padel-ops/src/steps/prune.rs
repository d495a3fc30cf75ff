//! `prune`: old versions go, but none that an agent may need.

use std::collections::BTreeMap;

use claude_platform::{Agent, Kind};
use serde::Serialize;

use super::pin;
use crate::{
    cli,
    error::{Error, from_platform},
    ids,
    ops::{
        agents, facts,
        history::{self, Pinned},
        skills,
    },
    plan::Plan,
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

/// What goes and what stays.
#[derive(Debug)]
pub(super) struct Choice {
    skill: String,
    /// Newest first, with the time of making.
    versions: Vec<(String, Option<String>)>,
    /// Why a version stays.
    reasons: BTreeMap<String, String>,
}

impl Choice {
    fn surplus(&self) -> Vec<String> {
        let surplus = self
            .versions
            .iter()
            .filter(|(version, _)| !self.reasons.contains_key(version));
        surplus.rev().map(|(version, _)| version.clone()).collect()
    }
}

/// Reads what there is and decides; nothing is changed yet.
pub(super) async fn look(step: &cli::Prune, world: &World<'_>) -> Result<Choice, Error> {
    let skill = skills::require(&world.client, &step.target.skill).await?;
    let mut versions = Vec::new();
    for version in world
        .client
        .skill_versions(&skill)
        .await
        .map_err(from_platform)?
    {
        let made = version
            .created_at
            .as_deref()
            .map(|time| printable::line(time, 40));
        versions.push((skills::plain(&version.id)?, made));
    }
    let mut reasons = BTreeMap::new();
    for (place, (version, _)) in versions
        .iter()
        .enumerate()
        .take(usize::try_from(step.keep).unwrap_or(usize::MAX))
    {
        let reason = if place == 0 {
            "it is the newest".to_owned()
        } else {
            format!("it is one of the newest {}", step.keep)
        };
        reasons.insert(version.clone(), reason);
    }
    for agent in agents(step, &skill, world).await? {
        let pins = history::pins(&world.client, &agent, &skill).await?;
        for (place, pin) in needed(pins).into_iter().enumerate() {
            let when = if place == 0 {
                "pins it"
            } else {
                "pinned it before"
            };
            reasons
                .entry(pin.version)
                .or_insert_with(|| format!("`{}` {when}", agent.id));
        }
    }
    Ok(Choice {
        skill,
        versions,
        reasons,
    })
}

/// What the agent pins, and what it would go back to: the newest of other contents, with their
/// twins, as far as the zips are known.
fn needed(pins: Vec<Pinned>) -> Vec<Pinned> {
    let first = pins
        .first()
        .and_then(|pin| facts::zip_hash(&pin.facts))
        .map(str::to_owned);
    let other = pins
        .iter()
        .skip(1)
        .position(|pin| first.is_none() || facts::zip_hash(&pin.facts) != first.as_deref());
    let count = other.map_or(pins.len(), |place| place + 2);
    pins.into_iter().take(count).collect()
}

/// The lines of the plan: one for each version.
pub(super) fn describe(choice: &Choice, plan: &mut Plan) {
    let surplus = choice.surplus();
    if surplus.is_empty() {
        plan.add("prune", format!("delete nothing of `{}`", choice.skill));
    }
    let made = |version: &str| {
        let found = choice.versions.iter().find(|(known, _)| known == version);
        found
            .and_then(|(_, made)| made.as_ref())
            .map_or(String::new(), |made| format!(" of {made}"))
    };
    for version in &surplus {
        plan.add(
            "prune",
            format!(
                "delete `{version}`{}, unless an agent came to use it",
                made(version)
            ),
        );
    }
    for (version, _) in &choice.versions {
        if let Some(reason) = choice.reasons.get(version) {
            plan.add(
                "prune",
                format!("keep `{version}`{}: {reason}", made(version)),
            );
        }
    }
}

pub(super) async fn run(
    choice: &Choice,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let surplus = choice.surplus();
    let order: Vec<&String> = choice.versions.iter().map(|(version, _)| version).collect();
    let kept = order
        .iter()
        .filter(|version| !surplus.contains(version))
        .map(|version| (*version).clone())
        .collect();
    let pruned = report.prune.insert(Pruned {
        skill_id: choice.skill.clone(),
        deleted: Vec::new(),
        kept,
    });
    for version in surplus {
        // There is no lock on a version: this leaves the time of one request.
        if in_use(&pruned.skill_id, world).await?.contains(&version) {
            world
                .log
                .warning(&format!("`{version}` came into use meanwhile and is kept"));
            pruned.kept.push(version);
            pruned
                .kept
                .sort_by_key(|kept| order.iter().position(|known| *known == kept));
            continue;
        }
        match world
            .client
            .delete_version(&pruned.skill_id, &version)
            .await
        {
            // Gone is gone: an answer may have been lost.
            Err(error) if error.kind != Kind::NotFound => return Err(from_platform(error)),
            _ => pruned.deleted.insert(0, version),
        }
    }
    Ok(())
}

/// The agents that have the skill, and those that are named: one that is archived or lacks the
/// skill may have it still, in a session that runs or in somebody's plans.
async fn agents(step: &cli::Prune, skill: &str, world: &World<'_>) -> Result<Vec<Agent>, Error> {
    let mut found = pin::read(&ids::Agents::all(&step.agents), world).await?;
    for agent in world.client.agents().await.map_err(from_platform)? {
        if agents::version(&agent, skill)?.is_some()
            && found.iter().all(|known| known.id != agent.id)
        {
            found.push(agent);
        }
    }
    Ok(found)
}

/// The versions that the workspace's agents get now: the newest where one follows `latest`.
async fn in_use(skill: &str, world: &World<'_>) -> Result<Vec<String>, Error> {
    let mut used = Vec::new();
    for agent in world.client.agents().await.map_err(from_platform)? {
        used.extend(agents::version(&agent, skill)?.map(str::to_owned));
    }
    if used.iter().any(|version| version == "latest") {
        used.push(
            world
                .client
                .skill_version(skill, "latest")
                .await
                .map_err(from_platform)?
                .id,
        );
    }
    Ok(used)
}
