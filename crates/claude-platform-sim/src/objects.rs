//! What clients made: environments, vaults, skills, agents, sessions, files and deployments.

mod agent;
mod cron;
mod deployment;
mod file;
mod session;
mod skill;
mod user_event;
mod vault;

use std::collections::BTreeMap;

pub(crate) use agent::Agent;
pub(crate) use cron::Schedule;
pub(crate) use deployment::Deployment;
pub(crate) use file::UploadedFile;
pub(crate) use session::Session;
pub(crate) use skill::Skill;
pub use skill::StoredVersion;
pub(crate) use user_event::{Verdict, check_first_events};
pub(crate) use vault::{Credential, Vault};

use serde_json::Value;

use crate::answer::Refusal;

/// Everything there is; lists are oldest first.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    /// As the API shows them.
    pub(crate) environments: Vec<Value>,
    pub(crate) vaults: Vec<Vault>,
    pub(crate) skills: Vec<Skill>,
    pub(crate) agents: BTreeMap<String, Agent>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) files: Vec<UploadedFile>,
    pub(crate) deployments: Vec<Deployment>,
    /// Of deployments, as the API shows them.
    pub(crate) runs: Vec<Value>,
}

impl Objects {
    pub(crate) fn environment(&self, id: &str) -> Result<&Value, Refusal> {
        let found = self.environments.iter().find(|one| one["id"] == id);
        found.ok_or_else(|| no_environment(id))
    }

    pub(crate) fn environment_mut(&mut self, id: &str) -> Result<&mut Value, Refusal> {
        let found = self.environments.iter_mut().find(|one| one["id"] == id);
        found.ok_or_else(|| no_environment(id))
    }

    pub(crate) fn vault(&self, id: &str) -> Result<&Vault, Refusal> {
        let found = self.vaults.iter().find(|vault| vault.id == id);
        found.ok_or_else(|| Refusal::not_found("vault", id))
    }

    pub(crate) fn vault_mut(&mut self, id: &str) -> Result<&mut Vault, Refusal> {
        let found = self.vaults.iter_mut().find(|vault| vault.id == id);
        found.ok_or_else(|| Refusal::not_found("vault", id))
    }

    pub(crate) fn skill(&self, id: &str) -> Result<&Skill, Refusal> {
        let found = self.skills.iter().find(|skill| skill.id == id);
        found.ok_or_else(|| Refusal::not_found("skill", id))
    }

    pub(crate) fn skill_mut(&mut self, id: &str) -> Result<&mut Skill, Refusal> {
        let found = self.skills.iter_mut().find(|skill| skill.id == id);
        found.ok_or_else(|| Refusal::not_found("skill", id))
    }

    pub(crate) fn agent(&self, id: &str) -> Result<&Agent, Refusal> {
        let found = self.agents.get(id);
        found.ok_or_else(|| Refusal::not_found("agent", id))
    }

    pub(crate) fn agent_mut(&mut self, id: &str) -> Result<&mut Agent, Refusal> {
        let found = self.agents.get_mut(id);
        found.ok_or_else(|| Refusal::not_found("agent", id))
    }

    pub(crate) fn session(&self, id: &str) -> Result<&Session, Refusal> {
        let found = self.sessions.iter().find(|session| session.id == id);
        found.ok_or_else(|| Refusal::not_found("session", id))
    }

    pub(crate) fn session_mut(&mut self, id: &str) -> Result<&mut Session, Refusal> {
        let found = self.sessions.iter_mut().find(|session| session.id == id);
        found.ok_or_else(|| Refusal::not_found("session", id))
    }

    pub(crate) fn deployment(&self, id: &str) -> Result<&Deployment, Refusal> {
        let found = self.deployments.iter().find(|one| one.id == id);
        found.ok_or_else(|| Refusal::not_found("deployment", id))
    }

    pub(crate) fn deployment_mut(&mut self, id: &str) -> Result<&mut Deployment, Refusal> {
        let found = self.deployments.iter_mut().find(|one| one.id == id);
        found.ok_or_else(|| Refusal::not_found("deployment", id))
    }

    pub(crate) fn file(&self, id: &str) -> Result<&UploadedFile, Refusal> {
        let found = self.files.iter().find(|file| file.id == id);
        found.ok_or_else(|| Refusal::not_found("file", id))
    }
}

fn no_environment(id: &str) -> Refusal {
    Refusal::not_found("environment", id).with_code("environment_not_found")
}
