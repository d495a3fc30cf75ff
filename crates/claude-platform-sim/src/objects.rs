//! What clients made: skills, agents, sessions and files.

mod agent;
mod file;
mod session;
mod skill;

use std::collections::BTreeMap;

pub(crate) use agent::{Agent, settle_field};
pub(crate) use file::UploadedFile;
pub(crate) use session::Session;
pub(crate) use skill::Skill;
pub use skill::StoredVersion;

use crate::answer::Refusal;

/// Everything there is; lists are oldest first.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    pub(crate) skills: Vec<Skill>,
    pub(crate) agents: BTreeMap<String, Agent>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) files: Vec<UploadedFile>,
}

impl Objects {
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

    pub(crate) fn file(&self, id: &str) -> Result<&UploadedFile, Refusal> {
        let found = self.files.iter().find(|file| file.id == id);
        found.ok_or_else(|| Refusal::not_found("file", id))
    }
}
