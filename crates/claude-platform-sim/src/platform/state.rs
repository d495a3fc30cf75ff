//! What a test sees of a platform's objects, and puts there, without HTTP.

use serde_json::Value;
use sim_server::locked;

use super::Platform;
use crate::{
    objects::{Agent, Session, Skill, StoredVersion, UploadedFile},
    package::Package,
};

impl Platform {
    /// The skills as the API shows them, newest first.
    pub fn skills(&self) -> Vec<Value> {
        locked(&self.sim.objects)
            .skills
            .iter()
            .rev()
            .map(Skill::to_json)
            .collect()
    }

    /// A skill's versions, newest first; none when there is no such skill.
    pub fn versions(&self, skill_id: &str) -> Vec<StoredVersion> {
        let objects = locked(&self.sim.objects);
        objects
            .skill(skill_id)
            .map(|skill| skill.versions.iter().rev().cloned().collect())
            .unwrap_or_default()
    }

    /// An agent as the API shows it; null when there is none.
    pub fn agent(&self, id: &str) -> Value {
        locked(&self.sim.objects)
            .agents
            .get(id)
            .map(|agent| agent.current().clone())
            .unwrap_or_default()
    }

    /// An agent's versions, oldest first, the present one included.
    pub fn agent_history(&self, id: &str) -> Vec<Value> {
        locked(&self.sim.objects)
            .agents
            .get(id)
            .map(|agent| agent.history.clone())
            .unwrap_or_default()
    }

    /// The sessions as the API shows them, oldest first, archived ones included.
    pub fn sessions(&self) -> Vec<Value> {
        locked(&self.sim.objects)
            .sessions
            .iter()
            .map(Session::to_json)
            .collect()
    }

    /// The environments as the API shows them, oldest first, archived ones included.
    pub fn environments(&self) -> Vec<Value> {
        locked(&self.sim.objects).environments.clone()
    }

    /// The vaults as the API shows them, oldest first, archived ones included.
    pub fn vaults(&self) -> Vec<Value> {
        let objects = locked(&self.sim.objects);
        objects
            .vaults
            .iter()
            .map(|one| one.object.clone())
            .collect()
    }

    /// A vault's credentials as the API shows them, but with their secrets; oldest first, archived
    /// ones included. None when there is no such vault.
    pub fn credentials(&self, vault_id: &str) -> Vec<Value> {
        let objects = locked(&self.sim.objects);
        let vault = objects.vault(vault_id);
        let credentials = vault.into_iter().flat_map(|vault| &vault.credentials);
        credentials
            .map(|credential| {
                let mut shown = credential.object.clone();
                shown["auth"] = credential.auth.clone();
                shown
            })
            .collect()
    }

    /// The agents as the API shows them, by id, archived ones included.
    pub fn agents(&self) -> Vec<Value> {
        let objects = locked(&self.sim.objects);
        let agents = objects.agents.values();
        agents.map(|agent| agent.current().clone()).collect()
    }

    /// The uploaded files as the API shows them, oldest first, without the copies in sessions.
    pub fn files(&self) -> Vec<Value> {
        let objects = locked(&self.sim.objects);
        let uploads = objects.files.iter().filter(|file| file.scope.is_none());
        uploads.map(UploadedFile::to_json).collect()
    }

    /// The content of an uploaded file; empty when there is no such file.
    pub fn file_bytes(&self, id: &str) -> Vec<u8> {
        let objects = locked(&self.sim.objects);
        let file = objects.file(id);
        file.map(|file| file.bytes.clone()).unwrap_or_default()
    }

    /// The deployments as the API shows them, oldest first, archived ones included.
    pub fn deployments(&self) -> Vec<Value> {
        let now = self.sim.stamps.time();
        let objects = locked(&self.sim.objects);
        let deployments = objects.deployments.iter();
        deployments.map(|one| one.to_json(now)).collect()
    }

    /// A session's events, oldest first.
    pub fn events(&self, session_id: &str) -> Vec<Value> {
        let objects = locked(&self.sim.objects);
        objects
            .session(session_id)
            .map(|session| session.events.clone())
            .unwrap_or_default()
    }

    /// Publishes a zip without HTTP: a version of the oldest skill with that name, or of a new one.
    /// Returns the ids of skill and version. Panics when the platform would refuse the zip, or its
    /// name is another one.
    pub fn publish(&self, skill_name: &str, zip: &[u8]) -> (String, String) {
        let package =
            Package::from_zip(zip).unwrap_or_else(|refusal| panic!("{}", refusal.message));
        assert_eq!(package.name, skill_name, "the name in the zip");
        let mut objects = locked(&self.sim.objects);
        let published = match objects
            .skills
            .iter_mut()
            .find(|skill| skill.name() == skill_name)
        {
            Some(skill) => skill
                .add_version(&self.sim.stamps, package)
                .map(|version| (version["skill_id"].clone(), version["id"].clone())),
            None => {
                let skill = Skill::new(&self.sim.stamps, package, None);
                let object = skill.to_json();
                objects.skills.push(skill);
                Ok((object["id"].clone(), object["latest_version_id"].clone()))
            }
        };
        let (skill, version) = published.unwrap_or_else(|refusal| panic!("{}", refusal.message));
        (to_text(&skill), to_text(&version))
    }

    /// Puts an agent there, as [`Builder::agent`](crate::Builder::agent) does; one with that id and
    /// its history are gone.
    pub fn put_agent(&self, id: &str, fields: &Value) {
        locked(&self.sim.objects).agents.insert(
            id.to_owned(),
            Agent::new(id, fields, &self.sim.stamps.now()),
        );
    }
}

fn to_text(id: &Value) -> String {
    id.as_str().unwrap_or_default().to_owned()
}
