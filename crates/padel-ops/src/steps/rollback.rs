//! `rollback`: each agent gets back what it pinned before, with the metadata of that time.

use std::{fmt, rc::Rc};

use claude_platform::Agent;
use serde::Serialize;

use super::{pin::PinDocument, step::Step, targets::Locked};
use crate::{
    cli::{self, Access, Change},
    context::StepContext,
    error::{Code, Error, from_platform},
    ops::{
        agents::{self, DesiredPin},
        content::{self, DownloadCache},
        follow::{self, Followed},
        history::{self, PastPin},
        pinning::{self, Pins},
        provenance::{self, Provenance},
        skills,
    },
    plan, rules,
    source::Tree,
};

/// One thing that is done.
pub(crate) enum Action<'a> {
    /// An agent gets back what it pinned.
    Restore(Box<Restoring>),
    /// The deployment of one of the agents moves along.
    Follow(&'a cli::Deployment),
}

/// One agent, and what it gets back.
pub(crate) struct Restoring {
    agent: Agent,
    desired: DesiredPin,
    is_done: bool,
}

/// Progress of a rollback.
#[derive(Default)]
pub(crate) struct Restored {
    /// The agents that are restored.
    agents: Vec<String>,
    pins: Option<Pins>,
    deployment: Option<Followed>,
}

impl plan::Action for Action<'_> {
    type State = Restored;

    async fn perform(
        self,
        restored: &mut Restored,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        match self {
            // Whatever becomes of an agent, the others are changed.
            Self::Restore(restoring) => {
                let Restoring { agent, desired, .. } = &*restoring;
                let pins = restored.pins.get_or_insert_default();
                pins.pin(agent, desired, context).await;
            }
            Self::Follow(deployment) => {
                let (_, file) = context.open_deployment(deployment)?;
                restored.deployment = follow::follow_agent(file, context).await?;
            }
        }
        Ok(())
    }

    fn part(&self) -> &'static str {
        "rollback"
    }
}

impl fmt::Display for Action<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Restore(restoring) => restoring.fmt(out),
            Self::Follow(deployment) => out.write_str(&follow::describe_follow(deployment)),
        }
    }
}

impl fmt::Display for Restoring {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DesiredPin {
            skill,
            version,
            provenance,
            ..
        } = &self.desired;
        let id = &self.agent.id;
        let to = format!("`{version}`{}", describe_release(provenance));
        if self.is_done {
            return write!(out, "leave `{id}` as it is: it pins {to}");
        }
        let now = agents::pinned_version(&self.agent, skill).ok().flatten();
        let now = printable::line(now.unwrap_or("nothing"), 80);
        let release = describe_release(&provenance::of_metadata(&self.agent.metadata));
        write!(
            out,
            "pin {to} on `{id}`, with the metadata of that time; it pins `{now}`{release}"
        )
    }
}

fn describe_release(provenance: &Provenance) -> String {
    let release = provenance
        .release
        .as_ref()
        .map(|release| format!(" (release {release})"));
    release.unwrap_or_default()
}

impl Step for cli::Rollback {
    const NAME: &'static str = "rollback";
    type Action<'a> = Action<'a>;
    type State = Restored;

    fn flags(&self) -> (&Access, Option<&Change>) {
        (&self.access, Some(&self.change))
    }

    fn deployment(&self) -> Option<&cli::Deployment> {
        Some(&self.deployment)
    }

    async fn plan_by_reading(
        &self,
        restored: &mut Restored,
        context: &StepContext<'_>,
    ) -> Result<Vec<Action<'_>>, Error> {
        let locked = Locked::read(&self.deployment)?;
        let ids = locked.choose_agents(&self.agents)?;
        let deployment = locked.has_one_of(&ids).then_some(&self.deployment);
        if let Some(deployment) = deployment {
            context.open_deployment(deployment)?;
        }
        let skill = skills::require_skill(&context.client, &self.target.skill).await?;
        let agents = pinning::read_agents(&ids, context).await?;
        pinning::point_out_followers(&agents, &skill, context)?;
        let mut downloads = DownloadCache::default();
        let mut actions = Vec::new();
        for agent in agents {
            let pins = history::list_pins(&context.client, &agent, &skill).await?;
            let downloads = &mut downloads;
            let PastPin {
                version,
                provenance,
            } = match &self.to {
                Some(version) => named(version, &agent, &skill, &pins, downloads, context).await?,
                None => previous(&agent, &skill, pins, downloads, context).await?,
            };
            if agents::pinned_version(&agent, &skill)?.is_none() {
                return Err(lost_skill(&agent.id, &skill, &version, context));
            }
            let desired = DesiredPin {
                skill: skill.clone(),
                version,
                provenance,
                add: false,
            };
            let is_done = desired.update_for(&agent)?.is_none();
            let restoring = Restoring {
                agent,
                desired,
                is_done,
            };
            actions.push(Action::Restore(Box::new(restoring)));
        }
        actions.extend(deployment.map(Action::Follow));
        restored.agents = ids;
        Ok(actions)
    }

    /// The one step that must not simply be run again when it was carried out in part, or may have
    /// been.
    fn conclude(
        &self,
        restored: &mut Restored,
        outcome: Result<(), Error>,
        context: &StepContext<'_>,
    ) -> Result<(), Error> {
        let Restored {
            agents,
            pins,
            deployment,
        } = restored;
        let failure = match pins {
            Some(pins) => {
                context.answer.tell(&*pins)?;
                pins.take_failure()
            }
            None => Ok(()),
        };
        if let Some(followed) = deployment {
            context.answer.tell(followed)?;
        }
        let Err(error) = outcome.and(failure) else {
            return Ok(());
        };
        let mut pins = pins.iter().flat_map(|pins| &pins.agents);
        let has_begun = pins.any(|pin| pin.changed || pin.uncertain);
        let may_be_done = self.change.execute && (has_begun || error.code == Code::Interrupted);
        if self.to.is_some() || !may_be_done {
            return Err(error);
        }
        let look = context.status_command(&self.target.skill.to_string(), agents);
        Err(error.with_hint(format!(
            "look at {look}, then name the version with --to: a second rollback may undo the first"
        )))
    }

    fn document(restored: &Restored) -> impl Serialize {
        PinDocument {
            pin: &restored.pins,
            deployment: &restored.deployment,
        }
    }

    fn outputs(restored: &Restored) -> Vec<(&'static str, String)> {
        restored.pins.iter().map(Pins::output).collect()
    }
}

fn lost_skill(agent: &str, skill: &str, version: &str, context: &StepContext<'_>) -> Error {
    let message = format!("the agent `{agent}` does not have the skill `{skill}`");
    let pin = format!("pin --skill {skill} --version {version} --agent {agent} --add --execute");
    let hint = format!("{} gives it back", context.hint_command(&pin));
    Error::new(Code::NotFound, message, hint)
}

/// The version that the command line names, with the provenance of the time when the agent pinned
/// it.
async fn named(
    version: &str,
    agent: &Agent,
    skill: &str,
    pins: &[PastPin],
    downloads: &mut DownloadCache,
    context: &StepContext<'_>,
) -> Result<PastPin, Error> {
    let files = downloads.get(&context.client, skill, version).await;
    let files =
        files.map_err(|error| pinning::version_gone(error, version, skill, &agent.id, context))?;
    pinning::refuse_pre_release(version, &files)?;
    let now = current(agent, skill, downloads, context).await?;
    if now.is_some_and(|(now, tree)| now != version && content::hold_same_files(&tree, &files)) {
        context.log.warning(&format!(
            "`{version}` holds the same files as what `{}` pins",
            agent.id
        ));
    }
    let known = pins.iter().find(|pin| pin.version == version).cloned();
    // Never pinned by this agent: where it comes from is not known.
    Ok(known.unwrap_or_else(|| PastPin {
        version: version.to_owned(),
        provenance: Provenance::default(),
    }))
}

/// The newest pin of the agent that holds other files than what it has: going back to equal ones
/// would change nothing.
async fn previous(
    agent: &Agent,
    skill: &str,
    pins: Vec<PastPin>,
    downloads: &mut DownloadCache,
    context: &StepContext<'_>,
) -> Result<PastPin, Error> {
    let now = current(agent, skill, downloads, context).await?;
    let zip = provenance::of_metadata(&agent.metadata).zip;
    let mut passed = String::new();
    for pin in pins {
        let version = skills::check_id(&pin.version)?;
        if agents::pinned_version(agent, skill)? == Some(version.as_str()) {
            continue;
        }
        match downloads.get(&context.client, skill, &version).await {
            Ok(files) => {
                if now
                    .as_ref()
                    .is_some_and(|(_, tree)| content::hold_same_files(tree, &files))
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
            Err(error) if error.code == Code::NotFound && zip.is_some() => {
                if pin.provenance.zip != zip {
                    return Err(pinning::version_gone(
                        error, &version, skill, &agent.id, context,
                    ));
                }
                passed.push_str(&format!(
                    "; `{version}` held the same files as what it pins"
                ));
            }
            Err(error) => {
                return Err(pinning::version_gone(
                    error, &version, skill, &agent.id, context,
                ));
            }
        }
    }
    let message = format!(
        "the agent `{}` pinned no other version of `{skill}` before{passed}",
        agent.id
    );
    let look = context.status_command(skill, &[&agent.id]);
    let hint = format!("look at {look}, then name one of its versions with --to");
    Err(Error::new(Code::NotFound, message, hint))
}

/// The version that the agent gets now, with its files; none where it lacks the skill or the
/// version is gone.
async fn current(
    agent: &Agent,
    skill: &str,
    downloads: &mut DownloadCache,
    context: &StepContext<'_>,
) -> Result<Option<(String, Rc<Tree>)>, Error> {
    let version = match agents::pinned_version(agent, skill)? {
        None => return Ok(None),
        Some("latest") => {
            context
                .client
                .get_skill_version(skill, "latest")
                .await
                .map_err(from_platform)?
                .id
        }
        Some(version) => version.to_owned(),
    };
    match downloads.get(&context.client, skill, &version).await {
        Ok(files) => Ok(Some((version, files))),
        Err(error) if error.code == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
