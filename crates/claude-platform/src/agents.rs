//! Agents: `/v1/agents`, in beta (recorded).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Client, Error, client::check_id, iam, json::or_default, request::Request};

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
    /// For people.
    #[serde(default)]
    pub description: Option<String>,
    /// `{"id":…,"effort":{"type":…},"speed":…}`, resolved: an effort is an object here and a word
    /// in requests.
    #[serde(default)]
    pub model: Value,
    /// The system prompt.
    #[serde(default)]
    pub system: Option<String>,
    /// Toolsets and tools with their policies, resolved; each entry of `configs` has a `type`, too.
    #[serde(default, deserialize_with = "or_default")]
    pub tools: Vec<Value>,
    /// `{"type":"url","name":…,"url":…}`.
    #[serde(default, deserialize_with = "or_default")]
    pub mcp_servers: Vec<Value>,
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

/// Fields of an agent to create or to change; only those that are set are sent, and the others are
/// kept. Each list is replaced whole (documented).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AgentFields {
    /// 1 to 256 characters. Creation needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For people; at most 2048 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// An id, or `{"id":…,"effort":…}`; replaced whole. Creation needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Value>,
    /// The system prompt; at most 100,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Toolsets and tools; a toolset for each MCP server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Value>>,
    /// `{"type":"url","name":…,"url":…}`; at most 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mcp_servers: Option<Vec<Value>>,
    /// Skills need the tool `read` (documented).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skills: Option<Vec<SkillEntry>>,
    /// Merged key by key; null deletes.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// A change of an agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentUpdate {
    /// The version that was read; another one meanwhile is a
    /// [`Kind::Conflict`](crate::Kind::Conflict).
    pub version: u64,
    /// The fields to change.
    #[serde(flatten)]
    pub fields: AgentFields,
}

impl Client {
    /// A new agent, sent once. `POST /v1/agents` (recorded).
    pub async fn create_agent(&self, fields: &AgentFields) -> Result<Agent, Error> {
        let request = Request::post(&["agents"], iam::CREATE_AGENT)?;
        self.fetch_json(&request.with_json(fields)?).await
    }

    /// All agents of the workspace but archived ones, in no documented order. `GET /v1/agents`
    /// (recorded; documented).
    pub async fn list_agents(&self) -> Result<Vec<Agent>, Error> {
        self.fetch_all(Request::get(&["agents"], iam::LIST_AGENTS)?)
            .await
    }

    /// One agent. `GET /v1/agents/{id}` (recorded).
    pub async fn get_agent(&self, id: &str) -> Result<Agent, Error> {
        let request = Request::get(&["agents", id], iam::GET_AGENT)?;
        self.fetch_object(&request, id).await
    }

    /// The agent's history, in no documented order. `GET /v1/agents/{id}/versions` (recorded).
    pub async fn list_agent_versions(&self, id: &str) -> Result<Vec<Agent>, Error> {
        let request = Request::get(&["agents", id, "versions"], iam::GET_AGENT)?;
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
        let request = Request::post(&["agents", id], iam::UPDATE_AGENT)?;
        self.fetch_object(&request.with_json(update)?, id).await
    }

    /// Closes an agent for changes and new sessions, for good; agents cannot be deleted.
    /// `POST /v1/agents/{id}/archive`, without a body (recorded).
    pub async fn archive_agent(&self, id: &str) -> Result<Agent, Error> {
        let request = Request::post(&["agents", id, "archive"], iam::ARCHIVE_AGENT)?;
        self.fetch_object(&request, id).await
    }
}
