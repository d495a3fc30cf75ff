//! `pin`: agents use a version, and nothing else of them changes.

use std::fmt::Write as _;

use claude_platform::Agent;
use serde::Serialize;

use crate::{
    cli,
    error::{Code, Error, from_platform},
    ops::{
        agents::{self, Applied, Failed, Wanted},
        content, facts, skills,
    },
    plan::Plan,
    report::Report,
    rules,
    source::Tree,
    world::World,
};

/// What became of each agent.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Pins {
    pub(crate) skill_id: String,
    pub(crate) agents: Vec<Changed>,
}

/// One agent.
#[derive(Debug, Serialize)]
pub(crate) struct Changed {
    pub(crate) agent: String,
    /// The version that it was to get.
    pub(crate) version: String,
    /// What it had: `latest` when it followed the newest, nothing when it lacked the skill.
    pub(crate) before: Option<String>,
    /// Whether this run changed it; `false` when all was as wanted.
    pub(crate) changed: bool,
    /// Whether it may pin the version in spite of the error: the change was sent, and what came of
    /// it is not known.
    pub(crate) uncertain: bool,
    /// Why it was not pinned, or not seen to be.
    pub(crate) error: Option<String>,
}

pub(super) fn prepare(step: &cli::Pin, report: &mut Report) {
    if let Some(plan) = &mut report.plan {
        plan.add(
            "pin",
            format!(
                "find the skill `{}` and download `{}`",
                step.target.skill, step.version
            ),
        );
        describe(&step.version, &step.agents.ids(), step.add, plan);
    }
}

/// The lines of the plan that are the same in `release` and `rollback`.
pub(super) fn describe(version: &str, ids: &[String], add: bool, plan: &mut Plan) {
    plan.add(
        "pin",
        format!("read {}; stop unless each can be changed", list(ids)),
    );
    let add = if add {
        ", added where it is missing"
    } else {
        ""
    };
    let keys = facts::KEYS.join(", ");
    plan.add(
        "pin",
        format!(
            "set the skill's entry to {version}{add}, and the metadata {keys}; keep everything else"
        ),
    );
}

pub(super) async fn run(
    step: &cli::Pin,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let skill = skills::require(&world.client, &step.target.skill).await?;
    // Shows that the version exists, and what it is.
    let tree = content::download(&world.client, &skill, &step.version).await?;
    refuse_pre_release(&step.version, &tree)?;
    let facts = facts::of_download(&tree, step.manifest.as_deref())?;
    let wanted = Wanted {
        skill,
        version: step.version.clone(),
        facts,
        add: step.add,
    };
    let agents = read(&step.agents.ids(), world).await?;
    point_out_followers(&agents, &wanted.skill, world)?;
    pin(
        agents
            .into_iter()
            .map(|agent| (agent, wanted.clone()))
            .collect(),
        world,
        report,
    )
    .await
}

/// Refuses a version that is published to be looked at, not to be used.
pub(super) fn refuse_pre_release(version: &str, tree: &Tree) -> Result<(), Error> {
    rules::pre_release(tree).map_or(Ok(()), |release| {
        let message =
            format!("`{version}` is the pre-release {release}, and pre-releases are never pinned");
        Err(Error::new(
            Code::Conflict,
            message,
            "try it with `padel-ops smoke`; pin the release that follows it",
        ))
    })
}

/// All agents, each once.
pub(super) async fn read(ids: &[String], world: &World<'_>) -> Result<Vec<Agent>, Error> {
    let mut agents: Vec<Agent> = Vec::new();
    for id in ids {
        if agents.iter().all(|agent| agent.id != *id) {
            let agent = world.client.agent(id).await.map_err(from_platform)?;
            skills::plain(&agent.id)?;
            agents.push(agent);
        }
    }
    Ok(agents)
}

/// Says which agents get each version as soon as it is published.
pub(super) fn point_out_followers(
    agents: &[Agent],
    skill: &str,
    world: &World<'_>,
) -> Result<(), Error> {
    for agent in agents {
        if agents::version(agent, skill)? == Some("latest") {
            let what = format!(
                "the agent `{}` follows `latest`: each publish changes it at once, untried",
                agent.id
            );
            world.log.warning(&what);
        }
    }
    Ok(())
}

/// Checks all agents before the first is changed, then changes each, whatever becomes of the
/// others.
pub(super) async fn pin(
    wanted: Vec<(Agent, Wanted)>,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    for (agent, wanted) in &wanted {
        wanted.change_for(agent)?;
    }
    let (mut pins, mut failed, mut first) = (Pins::default(), Vec::new(), None);
    for (agent, wanted) in wanted {
        let had =
            agents::version(&agent, &wanted.skill)?.map(|version| printable::line(version, 80));
        let (id, version) = (agent.id.clone(), wanted.version.clone());
        pins.agents
            .push(match agents::apply(world, &agent, &wanted).await {
                Ok(Applied { before, changed }) => Changed {
                    agent: id,
                    version,
                    before,
                    changed,
                    uncertain: false,
                    error: None,
                },
                Err(Failed { error, uncertain }) => {
                    failed.push(format!("`{id}`: {error}"));
                    let message = error.message.clone();
                    first.get_or_insert(error);
                    Changed {
                        agent: id,
                        version,
                        before: had,
                        changed: false,
                        uncertain,
                        error: Some(message),
                    }
                }
            });
        pins.skill_id = wanted.skill;
    }
    let pinned = pins
        .agents
        .iter()
        .filter(|agent| agent.error.is_none())
        .map(|agent| agent.agent.as_str());
    report
        .outputs
        .push(("agents_pinned", pinned.collect::<Vec<_>>().join(",")));
    let count = pins.agents.len();
    report.pin = Some(pins);
    match first {
        None => Ok(()),
        Some(error) if count == 1 => Err(error),
        Some(error) => {
            let message = format!(
                "{} of {count} agents failed: {}",
                failed.len(),
                failed.join("; ")
            );
            Err(Error { message, ..error })
        }
    }
}

/// Ids for a sentence.
pub(super) fn list(ids: &[String]) -> String {
    let mut text = String::new();
    for id in ids {
        let _ = write!(text, "{}`{id}`", if text.is_empty() { "" } else { ", " });
    }
    text
}

/// What to say when a version that a previous pin needs cannot be read: where it was deleted since,
/// that.
pub(super) fn gone_or(
    error: Error,
    version: &str,
    skill: &str,
    agent: &str,
    world: &World<'_>,
) -> Error {
    if error.code != Code::NotFound {
        return error;
    }
    let message = format!("the version `{version}` does not exist any more");
    let hint = format!(
        "look at {}, then name one of its versions with --to",
        world.status(skill, &[agent])
    );
    Error::new(Code::NotFound, message, hint)
}
