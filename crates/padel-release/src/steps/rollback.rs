//! `rollback`: each agent gets back what it pinned before, with the metadata of that time.

use claude_platform::Kind;

use super::pin;
use crate::{
    cli,
    error::{Code, Error},
    ops::{agents::Wanted, facts::Facts, history, skills},
    report::Report,
    world::World,
};

pub(super) fn prepare(step: &cli::Rollback, report: &mut Report) {
    if let Some(plan) = &mut report.plan {
        let ids = &step.agents.ids;
        let what = match &step.to {
            Some(version) => format!("`{version}`"),
            None => "the version that each pinned before".to_owned(),
        };
        plan.add("rollback", format!("read the history of {} and look whether {what} exists", pin::list(ids)));
        pin::describe(&what, ids, false, plan);
    }
}

pub(super) async fn run(step: &cli::Rollback, world: &World<'_>, report: &mut Report) -> Result<(), Error> {
    let skill = skills::require(&world.client, &step.target.skill).await?;
    let agents = pin::read(&step.agents.ids, world).await?;
    pin::point_out_followers(&agents, &skill, world)?;
    let mut wanted = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for agent in agents {
        let pins = history::pins(&world.client, &agent, &skill).await?;
        let current = crate::ops::agents::version(&agent, &skill)?;
        let target = match &step.to {
            Some(version) => pins.iter().find(|pin| pin.version == *version),
            None => pins.iter().find(|pin| Some(pin.version.as_str()) != current),
        };
        let (version, facts) = match (target, &step.to) {
            (Some(pin), _) => (skills::plain(&pin.version)?, pin.facts.clone()),
            // Never pinned by this agent, so where it comes from is not known.
            (None, Some(version)) => (version.clone(), Facts::default()),
            (None, None) => {
                let message = format!("the agent `{}` pinned no other version of `{skill}` before", agent.id);
                let look = world.status(&skill, &[&agent.id]);
                let hint = format!("look at {look}, then name one of its versions with --to");
                return Err(Error::new(Code::NotFound, message, hint));
            }
        };
        if !seen.contains(&version) {
            let found = world.client.skill_version(&skill, &version).await;
            found.map_err(|error| match error.kind {
                Kind::NotFound => pin::gone(&version, &skill, &agent.id, world),
                _ => error.into(),
            })?;
            seen.push(version.clone());
        }
        if current.is_none() {
            let id = &agent.id;
            let pin = format!("pin --skill {skill} --version {version} --agent {id} --add --execute");
            let message = format!("the agent `{id}` does not have the skill `{skill}`");
            return Err(Error::new(Code::NotFound, message, format!("{} gives it back", world.command(&pin))));
        }
        wanted.push((agent, Wanted { skill: skill.clone(), version, facts, add: false }));
    }
    pin::pin(wanted, world, report).await
}

/// The one step that must not simply be run again when it was carried out in part, or may have been.
pub(super) fn half_way(step: &cli::Rollback, pins: Option<&pin::Pins>, error: Error, world: &World<'_>) -> Error {
    let begun = pins.is_some_and(|pins| pins.agents.iter().any(|agent| agent.changed || agent.uncertain));
    if step.to.is_some() || !(begun || error.code == Code::Interrupted) {
        return error;
    }
    let look = world.status(&step.target.skill.to_string(), &step.agents.ids);
    error.hint(format!("look at {look}, then name the version with --to: a second rollback may undo the first"))
}
