//! Agents get a version, each on its own: whatever becomes of one, the others are changed.

use std::{fmt, mem};

use claude_platform::Agent;
use serde::Serialize;

use super::{
    agents::{self, DesiredPin, PinFailure},
    skills,
};
use crate::{
    context::StepContext,
    error::{Code, Error, from_platform},
    rules,
    source::Tree,
};

/// The result of a pin, agent by agent.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Pins {
    skill_id: String,
    pub(crate) agents: Vec<AgentPin>,
    #[serde(skip)]
    failures: Vec<(String, Error)>,
}

/// The result for one agent.
#[derive(Debug, Serialize)]
pub(crate) struct AgentPin {
    agent: String,
    /// The version that it was to get, or a twin of it that another run pinned first.
    version: String,
    /// The version that it had: `latest` when it followed the newest, nothing when it lacked the
    /// skill.
    before: Option<String>,
    /// True when this run changed it, false when all was as wanted.
    pub(crate) changed: bool,
    /// True when it may pin the version in spite of the error: the change was sent, and what came
    /// of it is not known.
    pub(crate) uncertain: bool,
    /// The reason why it was not pinned, or not seen to be.
    error: Option<String>,
}

impl Pins {
    /// Changes an agent. A failure is kept for [`Pins::take_failure`].
    pub(crate) async fn pin(
        &mut self,
        agent: &Agent,
        desired: &DesiredPin,
        context: &StepContext<'_>,
    ) {
        self.skill_id.clone_from(&desired.skill);
        let mut pin = AgentPin {
            agent: agent.id.clone(),
            version: desired.version.clone(),
            before: None,
            changed: false,
            uncertain: false,
            error: None,
        };
        match agents::pin_agent(context, agent, desired).await {
            Ok(applied) => {
                pin.version = applied.version;
                pin.before = applied.before;
                pin.changed = applied.changed;
            }
            Err(PinFailure { error, uncertain }) => {
                let had = agents::pinned_version(agent, &desired.skill).ok().flatten();
                pin.before = had.map(|version| printable::line(version, 80));
                pin.uncertain = uncertain;
                pin.error = Some(error.message.clone());
                self.failures.push((agent.id.clone(), error));
            }
        }
        self.agents.push(pin);
    }

    /// Tells of an agent that another run gave a twin of the version.
    pub(crate) fn add_twin(&mut self, agent: &str, twin: String, desired: &DesiredPin) {
        self.skill_id.clone_from(&desired.skill);
        self.agents.push(AgentPin {
            agent: agent.to_owned(),
            version: twin.clone(),
            before: Some(twin),
            changed: false,
            uncertain: false,
            error: None,
        });
    }

    /// The first failure, which names the others where several agents were to be changed.
    pub(crate) fn take_failure(&mut self) -> Result<(), Error> {
        let failures = mem::take(&mut self.failures);
        let told: Vec<String> = failures
            .iter()
            .map(|(id, error)| format!("`{id}`: {error}"))
            .collect();
        let Some((_, first)) = failures.into_iter().next() else {
            return Ok(());
        };
        let count = self.agents.len();
        if count == 1 {
            return Err(first);
        }
        let message = format!(
            "{} of {count} agents failed: {}",
            told.len(),
            told.join("; ")
        );
        Err(Error { message, ..first })
    }

    /// The line for CI's file.
    pub(crate) fn output(&self) -> (&'static str, String) {
        let pinned = self.agents.iter().filter(|pin| pin.error.is_none());
        let pinned: Vec<&str> = pinned.map(|pin| pin.agent.as_str()).collect();
        ("agents_pinned", pinned.join(","))
    }
}

impl fmt::Display for Pins {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for pin in &self.agents {
            let AgentPin { agent, version, .. } = pin;
            let before = pin.before.as_deref().unwrap_or("nothing");
            match (&pin.error, pin.changed) {
                (Some(_), _) if pin.uncertain => {
                    writeln!(out, "{agent} may pin {version} by now, before: {before}")
                }
                (Some(_), _) => writeln!(out, "{agent} was not pinned"),
                (None, false) => writeln!(out, "{agent} pins {version} already"),
                (None, true) => writeln!(out, "{agent} pins {version}, before: {before}"),
            }?;
        }
        Ok(())
    }
}

/// Refuses a version that is published to be looked at, not to be used.
pub(crate) fn refuse_pre_release(version: &str, tree: &Tree) -> Result<(), Error> {
    rules::pre_release(tree).map_or(Ok(()), |release| {
        let message =
            format!("`{version}` is the pre-release {release}, and pre-releases are never pinned");
        let hint = "try it with `padel-ops smoke`; pin the release that follows it";
        Err(Error::new(Code::Conflict, message, hint))
    })
}

/// All agents, each once.
pub(crate) async fn read_agents(
    ids: &[String],
    context: &StepContext<'_>,
) -> Result<Vec<Agent>, Error> {
    let mut agents: Vec<Agent> = Vec::new();
    for id in ids {
        if agents.iter().all(|agent| agent.id != *id) {
            let agent = context.client.get_agent(id).await.map_err(from_platform)?;
            skills::check_id(&agent.id)?;
            agents.push(agent);
        }
    }
    Ok(agents)
}

/// Says which agents get each version as soon as it is published.
pub(crate) fn point_out_followers(
    agents: &[Agent],
    skill: &str,
    context: &StepContext<'_>,
) -> Result<(), Error> {
    for agent in agents {
        if agents::pinned_version(agent, skill)? == Some("latest") {
            let what = format!(
                "the agent `{}` follows `latest`: each publish changes it at once, untried",
                agent.id
            );
            context.log.warning(&what);
        }
    }
    Ok(())
}

/// Ids for a sentence.
pub(crate) fn list_ids(ids: &[String]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    ids.join(", ")
}

/// Explains why a version that an earlier pin used cannot be read: where it was deleted since,
/// that.
pub(crate) fn version_gone(
    error: Error,
    version: &str,
    skill: &str,
    agent: &str,
    context: &StepContext<'_>,
) -> Error {
    if error.code != Code::NotFound {
        return error;
    }
    let message = format!("the version `{version}` does not exist any more");
    let hint = format!(
        "look at {}, then name one of its versions with --to",
        context.status_command(skill, &[agent])
    );
    Error::new(Code::NotFound, message, hint)
}
