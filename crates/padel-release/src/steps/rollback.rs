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
                return Err(Error::new(Code::NotFound, message, "name a version with --to; `status` lists them"));
            }
        };
        if !seen.contains(&version) {
            let found = world.client.skill_version(&skill, &version).await;
            found.map_err(|error| if error.kind == Kind::NotFound { pin::gone(&version) } else { error.into() })?;
            seen.push(version.clone());
        }
        wanted.push((agent, Wanted { skill: skill.clone(), version, facts, add: false }));
    }
    pin::pin(wanted, world, report).await
}

/// The one step that must not simply be run again when it was carried out in part, or may have been.
pub(super) fn half_way(step: &cli::Rollback, pins: Option<&pin::Pins>, error: Error) -> Error {
    let lost = matches!(error.code, Code::Network | Code::Timeout | Code::Overloaded | Code::ServiceChanged);
    let begun = pins.is_some_and(|pins| lost || pins.agents.iter().any(|agent| agent.changed));
    if step.to.is_some() || !(begun || error.code == Code::Interrupted) {
        return error;
    }
    error.hint("look at `padel-release status`, then name the version with --to: a second rollback may undo the first")
}
