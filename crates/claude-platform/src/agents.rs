//! Agents: `/v1/agents`, in beta (recorded).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{Client, Error, client::check_id, iam, request::Request};

/// The beta that agents and sessions need.
pub(crate) const MANAGED_AGENTS: &str = "managed-agents-2026-04-01";

/// One entry of an agent's skills, every field kept as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SkillEntry(pub Map<String, Value>);

impl SkillEntry {
    /// A custom skill, pinned to a version: `{"type":"custom","skill_id":…,"version":…}`
    /// (recorded).
    #[must_use]
    pub fn custom(skill_id: &str, version: &str) -> Self {
        let fields = [
            ("type", "custom"),
            ("skill_id", skill_id),
            ("version", version),
        ];
        Self(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
        )
    }

    /// `custom` or `anthropic`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.0.get("type")?.as_str()
    }

    /// The skill's id.
    #[must_use]
    pub fn skill_id(&self) -> Option<&str> {
        self.0.get("skill_id")?.as_str()
    }

    /// The pinned version; `latest` or nothing when the agent follows the newest one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.0.get("version")?.as_str()
    }

    /// Pins another version and keeps everything else.
    pub fn set_version(&mut self, version: &str) {
        self.0.insert("version".to_owned(), version.into());
    }
}

/// An agent, or a snapshot of one in its history (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Agent {
    /// Opaque; `agent_…`.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub name: Option<String>,
    /// Starts at 1, one more with every change: the optimistic lock.
    pub version: u64,
    /// In the agent's order.
    #[serde(default, deserialize_with = "or_default")]
    pub skills: Vec<SkillEntry>,
    /// At most 16 pairs of text.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Map<String, Value>,
    /// RFC 3339; an archived agent refuses updates.
    #[serde(default)]
    pub archived_at: Option<String>,
}

/// A change of an agent; only these fields are sent, so everything else is kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentUpdate {
    /// The version that was read; another one meanwhile is a
    /// [`Kind::Conflict`](crate::Kind::Conflict).
    pub version: u64,
    /// Replaces all of the agent's skills.
    pub skills: Vec<SkillEntry>,
    /// Merged key by key; null deletes. Left out when empty.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

impl Client {
    /// All agents of the workspace but archived ones, in no documented order. `GET /v1/agents`
    /// (recorded; documented).
    pub async fn list_agents(&self) -> Result<Vec<Agent>, Error> {
        self.fetch_all(Request::get(&["agents"], iam::LIST_AGENTS)?.with_beta(MANAGED_AGENTS))
            .await
    }

    /// One agent. `GET /v1/agents/{id}` (recorded).
    pub async fn get_agent(&self, id: &str) -> Result<Agent, Error> {
        let request = Request::get(&["agents", id], iam::GET_AGENT)?.with_beta(MANAGED_AGENTS);
        let agent: Agent = self.fetch_json(&request).await?;
        check_id(&request, id, &agent.id).map(|()| agent)
    }

    /// The agent's history, in no documented order. `GET /v1/agents/{id}/versions` (recorded).
    pub async fn list_agent_versions(&self, id: &str) -> Result<Vec<Agent>, Error> {
        let request =
            Request::get(&["agents", id, "versions"], iam::GET_AGENT)?.with_beta(MANAGED_AGENTS);
        let versions: Vec<Agent> = self.fetch_all(request.clone()).await?;
        versions
            .iter()
            .try_for_each(|version| check_id(&request, id, &version.id))
            .map(|()| versions)
    }

    /// Changes an agent, sent once. `POST /v1/agents/{id}` (documented).
    ///
    /// # Errors
    ///
    /// [`Kind::Conflict`](crate::Kind::Conflict) when the agent is not at
    /// `update.version` any more.
    pub async fn update_agent(&self, id: &str, update: &AgentUpdate) -> Result<Agent, Error> {
        let request = Request::post(&["agents", id], iam::UPDATE_AGENT)?
            .with_beta(MANAGED_AGENTS)
            .with_json(update)?;
        let agent: Agent = self.fetch_json(&request).await?;
        check_id(&request, id, &agent.id).map(|()| agent)
    }
}

/// The service writes null for some empty lists.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
