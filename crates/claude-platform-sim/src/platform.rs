//! A running platform.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    At, Builder, Call, Fault, Order, StoredVersion,
    agents::Agent,
    package::Package,
    sandbox,
    server::Server,
    sessions::Session,
    sim::{Sim, World, locked},
    skills::Skill,
};

/// A simulated platform that serves HTTP on 127.0.0.1 until it is dropped.
///
/// Its runtime and threads are its own, so a plain `#[test]` can use it. Dropping it fails the test
/// when a handler panicked.
///
/// ```
/// use claude_platform_sim::{Fault, Platform};
///
/// let platform = Platform::builder().agent("agent_01", serde_json::json!({})).environment("env_01").start();
/// platform.push_fault(Fault::LostAfter, "POST /v1/skills", 1);
/// assert!(platform.url().starts_with("http://127.0.0.1:"));
/// ```
#[derive(Debug)]
pub struct Platform {
    sim: Arc<Sim>,
    server: Server,
    /// Removed last.
    grounds: TempDir,
}

impl Platform {
    /// A platform with default settings, to be changed and started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn start(builder: Builder, agents: BTreeMap<String, Agent>) -> io::Result<Self> {
        let grounds = tempfile::Builder::new()
            .prefix("claude-platform-sim-")
            .tempdir()?;
        let sim = Arc::new(Sim {
            setup: builder.setup,
            grounds: grounds.path().to_owned(),
            world: Mutex::new(World {
                agents,
                ..World::default()
            }),
            tokens: Mutex::default(),
            faults: Mutex::new(
                builder
                    .faults
                    .into_iter()
                    .map(|order| order.arm(0))
                    .collect(),
            ),
            journal: Mutex::default(),
            closed: AtomicBool::new(false),
            ids: AtomicU64::new(0),
        });
        let server = Server::start(&sim, builder.port)?;
        Ok(Self {
            sim,
            server,
            grounds,
        })
    }

    /// Where it is, for example `http://127.0.0.1:40001`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    /// Every request so far, in order of arrival; those to the control endpoint are left out.
    pub fn calls(&self) -> Vec<Call> {
        locked(&self.sim.journal).calls.clone()
    }

    /// Adds a fault: at the request with a number, the next one being 1, and those after it; or at
    /// paths that begin so, with the method or without. It strikes that many times; earlier faults
    /// come first.
    pub fn push_fault(&self, fault: Fault, at: impl Into<At>, times: u32) {
        self.sim.push(Order {
            fault,
            at: at.into(),
            times,
        });
    }

    /// No more faults.
    pub fn clear_faults(&self) {
        locked(&self.sim.faults).clear();
    }

    /// The skills as the API shows them, newest first.
    pub fn skills(&self) -> Vec<Value> {
        locked(&self.sim.world)
            .skills
            .iter()
            .rev()
            .map(Skill::object)
            .collect()
    }

    /// A skill's versions, newest first; none when there is no such skill.
    pub fn versions(&self, skill_id: &str) -> Vec<StoredVersion> {
        let world = locked(&self.sim.world);
        let skill = world.skills.iter().find(|skill| skill.id == skill_id);
        skill
            .map(|skill| skill.versions.iter().rev().cloned().collect())
            .unwrap_or_default()
    }

    /// An agent as the API shows it; null when there is none.
    pub fn agent(&self, id: &str) -> Value {
        locked(&self.sim.world)
            .agents
            .get(id)
            .map(|agent| agent.now().clone())
            .unwrap_or_default()
    }

    /// An agent's versions, oldest first, the present one included.
    pub fn agent_history(&self, id: &str) -> Vec<Value> {
        locked(&self.sim.world)
            .agents
            .get(id)
            .map(|agent| agent.history.clone())
            .unwrap_or_default()
    }

    /// The sessions as the API shows them, oldest first, archived ones included.
    pub fn sessions(&self) -> Vec<Value> {
        locked(&self.sim.world)
            .sessions
            .iter()
            .map(Session::object)
            .collect()
    }

    /// A session's events, oldest first.
    pub fn events(&self, session_id: &str) -> Vec<Value> {
        let world = locked(&self.sim.world);
        let session = world
            .sessions
            .iter()
            .find(|session| session.id == session_id);
        session
            .map(|session| session.events.clone())
            .unwrap_or_default()
    }

    /// Publishes a zip without HTTP: a version of the oldest skill with that name, or of a new one.
    /// Returns the ids of skill and version.
    ///
    /// # Panics
    ///
    /// When the platform would refuse the zip, or its name is another one.
    pub fn publish(&self, skill_name: &str, zip: &[u8]) -> (String, String) {
        let package =
            Package::from_zip(zip).unwrap_or_else(|refusal| panic!("{}", refusal.message));
        assert_eq!(package.name, skill_name, "the name in the zip");
        let mut world = locked(&self.sim.world);
        let told = match world
            .skills
            .iter_mut()
            .find(|skill| skill.name() == skill_name)
        {
            Some(skill) => skill
                .add(&self.sim, package)
                .map(|version| (version["skill_id"].clone(), version["id"].clone())),
            None => {
                let skill = Skill::found(&self.sim, &mut world, package, None);
                Ok((skill["id"].clone(), skill["latest_version_id"].clone()))
            }
        };
        let (skill, version) = told.unwrap_or_else(|refusal| panic!("{}", refusal.message));
        let text = |id: Value| id.as_str().unwrap_or_default().to_owned();
        (text(skill), text(version))
    }

    /// Puts an agent there, as [`Builder::agent`] does; one with that id and its history are gone.
    pub fn put_agent(&self, id: &str, fields: &Value) {
        locked(&self.sim.world)
            .agents
            .insert(id.to_owned(), Agent::new(id, fields, &self.sim.now()));
    }

    /// Ends all tokens from exchanges, so that they answer 401.
    pub fn expire_tokens(&self) {
        locked(&self.sim.tokens).expire();
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.sim.closed.store(true, Ordering::Relaxed);
        self.server.stop();
        sandbox::unlock(self.grounds.path());
        let panics = &locked(&self.sim.journal).panics;
        // A second panic would only hide the first.
        assert!(
            panics.is_empty() || thread::panicking(),
            "handlers of the simulated platform panicked: {panics:?}"
        );
    }
}
