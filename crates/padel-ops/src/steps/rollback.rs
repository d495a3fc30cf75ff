//! `rollback`: each agent gets back what it pinned before, with the metadata of that time.

use claude_platform::Agent;

use super::pin;
use crate::{
    cli,
    error::{Code, Error, from_platform},
    ops::{
        agents::{self, Wanted},
        content::{self, Downloads},
        facts::{self, Facts},
        history::{self, Pinned},
        skills,
    },
    plan::Plan,
    report::Report,
    rules,
    world::World,
};

/// Who gets what back.
pub(super) type Targets = Vec<(Agent, Wanted)>;

/// Reads what there is and decides; nothing is changed yet.
pub(super) async fn look(step: &cli::Rollback, world: &World<'_>) -> Result<Targets, Error> {
    let skill = skills::require(&world.client, &step.target.skill).await?;
    let agents = pin::read(&step.agents.ids(), world).await?;
    pin::point_out_followers(&agents, &skill, world)?;
    let mut downloads = Downloads::default();
    let mut targets = Vec::new();
    for agent in agents {
        let pins = history::pins(&world.client, &agent, &skill).await?;
        let target = match &step.to {
            Some(version) => named(version, &agent, &skill, &pins, &mut downloads, world).await?,
            None => previous(&agent, &skill, pins, &mut downloads, world).await?,
        };
        if agents::version(&agent, &skill)?.is_none() {
            let id = &agent.id;
            let pin = format!(
                "pin --skill {skill} --version {} --agent {id} --add --execute",
                target.version
            );
            let message = format!("the agent `{id}` does not have the skill `{skill}`");
            return Err(Error::new(
                Code::NotFound,
                message,
                format!("{} gives it back", world.command(&pin)),
            ));
        }
        let Pinned { version, facts } = target;
        targets.push((
            agent,
            Wanted {
                skill: skill.clone(),
                version,
                facts,
                add: false,
            },
        ));
    }
    Ok(targets)
}

/// The lines of the plan: which agent gets which version.
pub(super) fn describe(targets: &Targets, plan: &mut Plan) -> Result<(), Error> {
    for (agent, wanted) in targets {
        let id = &agent.id;
        let release =
            |facts: &Facts| facts::release(facts).map(|release| format!(" (release {release})"));
        let to = format!(
            "`{}`{}",
            wanted.version,
            release(&wanted.facts).unwrap_or_default()
        );
        let now = agents::version(agent, &wanted.skill)?.unwrap_or("nothing");
        let had = release(&facts::of_metadata(&agent.metadata)).unwrap_or_default();
        let now = format!("`{}`{had}", printable::line(now, 80));
        plan.add(
            "rollback",
            match wanted.change_for(agent)? {
                None => format!("leave `{id}` as it is: it pins {to}"),
                Some(_) => {
                    format!("pin {to} on `{id}`, with the metadata of that time; it pins {now}")
                }
            },
        );
    }
    Ok(())
}

pub(super) async fn run(
    targets: Targets,
    world: &World<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    pin::pin(targets, world, report).await
}

/// The version that the command line names, with the facts of the time when the agent pinned it.
async fn named(
    version: &str,
    agent: &Agent,
    skill: &str,
    pins: &[Pinned],
    downloads: &mut Downloads,
    world: &World<'_>,
) -> Result<Pinned, Error> {
    let files = downloads.get(&world.client, skill, version).await;
    let files = files.map_err(|error| pin::gone_or(error, version, skill, &agent.id, world))?;
    pin::refuse_pre_release(version, &files)?;
    let now = current(agent, skill, downloads, world).await?;
    if now.is_some_and(|(now, tree)| now != version && content::are_equal(&tree, &files)) {
        world.log.warning(&format!(
            "`{version}` holds the same files as what `{}` pins",
            agent.id
        ));
    }
    // Never pinned by this agent: where it comes from is not known.
    let unknown = || Pinned {
        version: version.to_owned(),
        facts: Facts::default(),
    };
    Ok(pins
        .iter()
        .find(|pin| pin.version == version)
        .cloned()
        .unwrap_or_else(unknown))
}

/// The newest pin of the agent that holds other files than what it has: going back to equal ones
/// would change nothing.
async fn previous(
    agent: &Agent,
    skill: &str,
    pins: Vec<Pinned>,
    downloads: &mut Downloads,
    world: &World<'_>,
) -> Result<Pinned, Error> {
    let now = current(agent, skill, downloads, world).await?;
    let zip = facts::of_metadata(&agent.metadata);
    let mut passed = String::new();
    for pin in pins {
        let version = skills::plain(&pin.version)?;
        if agents::version(agent, skill)? == Some(version.as_str()) {
            continue;
        }
        match downloads.get(&world.client, skill, &version).await {
            Ok(files) => {
                if now
                    .as_ref()
                    .is_some_and(|(_, tree)| content::are_equal(tree, &files))
                {
                    passed.push_str(&format!(
                        "; `{version}` holds the same files as what it pins"
                    ));
                } else if let Some(release) = rules::pre_release(&files) {
                    passed.push_str(&format!("; `{version}` is the pre-release {release}"));
                } else {
                    return Ok(pin);
                }
            }
            // A twin that its own run took away.
            Err(error) if error.code == Code::NotFound && facts::zip_hash(&zip).is_some() => {
                if facts::zip_hash(&pin.facts) != facts::zip_hash(&zip) {
                    return Err(pin::gone_or(error, &version, skill, &agent.id, world));
                }
                passed.push_str(&format!(
                    "; `{version}` held the same files as what it pins"
                ));
            }
            Err(error) => return Err(pin::gone_or(error, &version, skill, &agent.id, world)),
        }
    }
    let message = format!(
        "the agent `{}` pinned no other version of `{skill}` before{passed}",
        agent.id
    );
    let look = world.status(skill, &[&agent.id]);
    let hint = format!("look at {look}, then name one of its versions with --to");
    Err(Error::new(Code::NotFound, message, hint))
}

/// The version that the agent gets now, with its files; none where it lacks the skill or the
/// version is gone.
async fn current(
    agent: &Agent,
    skill: &str,
    downloads: &mut Downloads,
    world: &World<'_>,
) -> Result<Option<(String, std::rc::Rc<crate::source::Tree>)>, Error> {
    let version = match agents::version(agent, skill)? {
        None => return Ok(None),
        Some("latest") => {
            world
                .client
                .skill_version(skill, "latest")
                .await
                .map_err(from_platform)?
                .id
        }
        Some(version) => version.to_owned(),
    };
    match downloads.get(&world.client, skill, &version).await {
        Ok(files) => Ok(Some((version, files))),
        Err(error) if error.code == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The one step that must not simply be run again when it was carried out in part, or may have
/// been.
pub(super) fn half_way(
    step: &cli::Rollback,
    pins: Option<&pin::Pins>,
    error: Error,
    world: &World<'_>,
) -> Error {
    let begun = pins.is_some_and(|pins| {
        pins.agents
            .iter()
            .any(|agent| agent.changed || agent.uncertain)
    });
    if step.to.is_some() || !(begun || error.code == Code::Interrupted) {
        return error;
    }
    let look = world.status(&step.target.skill.to_string(), &step.agents.ids());
    error.with_hint(format!(
        "look at {look}, then name the version with --to: a second rollback may undo the first"
    ))
}
