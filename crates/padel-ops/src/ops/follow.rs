//! After a pin: what `up` made follows the agent to its new version. A schedule pins one and would
//! run the old skill for ever; the lock says which one is right.

use std::fmt;

use claude_platform::{Agent, Deployment, DeploymentFields, Kind};
use serde::Serialize;
use serde_json::json;

use super::{agents, creation::create_once};
use crate::{
    cli,
    context::StepContext,
    deploy::{Lock, LockFile},
    error::{Error, from_platform},
};

/// A deployment that follows its agent.
#[derive(Debug, Serialize)]
pub(crate) struct Followed {
    name: String,
    agent: String,
    agent_version: u64,
    /// The schedule, if there is one.
    schedule: Option<String>,
    /// True when the schedule had another version of the agent.
    moved: bool,
}

impl fmt::Display for Followed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            agent_version,
            schedule,
            ..
        } = self;
        write!(
            out,
            "the deployment {name} has version {agent_version} of its agent"
        )?;
        match schedule {
            Some(id) if self.moved => writeln!(out, "; its schedule {id} was moved there"),
            Some(id) => writeln!(out, "; so has its schedule {id}"),
            None => writeln!(out),
        }
    }
}

/// Describes what is done, for a plan.
pub(crate) fn describe_follow(deployment: &cli::Deployment) -> String {
    format!(
        "move the schedule of `{}`, and its lock, to the agent's new version",
        deployment.file.display()
    )
}

/// Moves the schedule to the agent's version as it is now, and notes that and the skill's in the
/// lock. Sends nothing where all is so; gives none where the lock names no agent.
pub(crate) async fn follow_agent(
    mut file: LockFile,
    context: &StepContext<'_>,
) -> Result<Option<Followed>, Error> {
    let Some(id) = &file.lock.agent_id else {
        return Ok(None);
    };
    let agent = context.client.get_agent(id).await.map_err(from_platform)?;
    let mut schedule = file.lock.deployment_id.clone();
    let mut moved = false;
    if let Some(id) = &schedule {
        match move_schedule(id, &agent, context).await? {
            Some(was_moved) => moved = was_moved,
            None => schedule = None,
        }
    }
    let skill = file.lock.skill_id.as_deref().unwrap_or_default();
    let pinned = agents::pinned_version(&agent, skill)?.map(str::to_owned);
    let lock = Lock {
        agent_version: Some(agent.version),
        skill_version: pinned.or(file.lock.skill_version.clone()),
        ..file.lock.clone()
    };
    if lock != file.lock {
        file.lock = lock;
        file.write()?;
    }
    Ok(Some(Followed {
        name: file.lock.name,
        agent: agent.id,
        agent_version: agent.version,
        schedule,
        moved,
    }))
}

/// Gives whether it was moved; none where it is not there, which is told.
async fn move_schedule(
    id: &str,
    agent: &Agent,
    context: &StepContext<'_>,
) -> Result<Option<bool>, Error> {
    let client = &context.client;
    let has_version = |found: &Deployment| found.agent["version"] == agent.version;
    let found = match client.get_deployment(id).await {
        Ok(found) if found.archived_at.is_none() && found.agent["id"] == agent.id => found,
        Err(error) if error.kind != Kind::NotFound => return Err(from_platform(error)),
        _ => {
            context.log.warning(&format!(
                "the agent has no schedule `{id}`, which the lock names: {} makes one again",
                context.hint_command("up --execute")
            ));
            return Ok(None);
        }
    };
    if has_version(&found) {
        return Ok(Some(false));
    }
    let version = json!({"type": "agent", "id": agent.id, "version": agent.version});
    let fields = DeploymentFields {
        agent: Some(version),
        ..DeploymentFields::default()
    };
    let update = async || client.update_deployment(id, &fields).await;
    let look = async || {
        let found = client.get_deployment(id).await?;
        Ok(has_version(&found).then_some(found))
    };
    create_once("the schedule's new version", update, look, context).await?;
    Ok(Some(true))
}
