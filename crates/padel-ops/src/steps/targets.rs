//! The agent and the environment of a step: those that the command line names, else those that `up`
//! noted in the lock of the deployment.

use crate::{
    cli,
    deploy::{Lock, LockFile},
    error::{Code, Error},
};

/// The lock beside the deployment's file, if `up` wrote one.
pub(super) struct Locked {
    lock: Option<Lock>,
    place: String,
}

impl Locked {
    pub(super) fn read(deployment: &cli::Deployment) -> Result<Self, Error> {
        Ok(Self {
            lock: LockFile::peek(&deployment.file)?,
            place: deployment.file.display().to_string(),
        })
    }

    /// The agents that the step is about, one at least.
    pub(super) fn choose_agents(&self, named: &cli::Agents) -> Result<Vec<String>, Error> {
        let mut ids = named.ids();
        if ids.is_empty() {
            ids.push(self.choose_agent(None)?);
        }
        Ok(ids)
    }

    pub(super) fn choose_agent(&self, named: Option<&String>) -> Result<String, Error> {
        let locked = self.lock.as_ref().and_then(|lock| lock.agent_id.as_ref());
        let chosen = named.or(locked).cloned();
        chosen.ok_or_else(|| self.missing("agent", "--agent ID"))
    }

    pub(super) fn choose_environment(&self, named: Option<&String>) -> Result<String, Error> {
        let locked = self.lock.as_ref();
        let locked = locked.and_then(|lock| lock.environment_id.as_ref());
        let chosen = named.or(locked).cloned();
        chosen.ok_or_else(|| self.missing("environment", "--environment ID"))
    }

    /// Returns whether a pin of these agents moves the deployment along.
    pub(super) fn has_one_of(&self, agents: &[String]) -> bool {
        let locked = self.lock.as_ref().and_then(|lock| lock.agent_id.as_ref());
        locked.is_some_and(|id| agents.contains(id))
    }

    fn missing(&self, what: &str, flag: &str) -> Error {
        let message = format!(
            "no {what} is named, and no lock beside `{}` names one",
            self.place
        );
        let hint = format!("add {flag}, or run `padel-ops up --execute`, which writes the lock");
        Error::new(Code::Usage, message, hint)
    }
}
