//! Sessions of an agent and their events: `/v1/sessions`, in beta (recorded).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    Client, Error, SkillEntry, agents::MANAGED_AGENTS, client::check_id, iam, request::Request,
};

/// A limit of what a session may cost at list prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// In minor units, a whole number as text without leading zeros: `100` is one US dollar (read
    /// in the SDK's types).
    pub amount: String,
    /// Such as `USD`.
    pub currency: String,
}

/// A session to be started.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewSession {
    /// The agent's id.
    pub agent: String,
    /// A version of the agent; without one, its newest.
    pub agent_version: Option<u64>,
    /// Replaces all of the agent's skills in this session only.
    pub skills: Option<Vec<SkillEntry>>,
    /// The environment's id.
    pub environment: String,
    /// For people.
    pub title: Option<String>,
    /// Ends the session when it is reached.
    pub max_cost: Option<Cost>,
    /// Vaults whose credentials the session may use.
    pub vault_ids: Vec<String>,
    /// Mounts, such as `{"type":"file","file_id":…,"mount_path":…}`.
    pub resources: Vec<Value>,
    /// The user's first message.
    pub initial_message: Option<String>,
}

impl NewSession {
    /// Makes the request's body (recorded for all three forms of `agent`).
    fn body(&self) -> Value {
        let agent = match (self.agent_version, &self.skills) {
            (None, None) => json!(self.agent),
            (version, None) => json!({"type": "agent", "id": self.agent, "version": version}),
            (version, skills) => without_nulls(json!({
                "type": "agent_with_overrides",
                "id": self.agent,
                "version": version,
                "skills": skills,
            })),
        };
        let max_cost = self.max_cost.as_ref();
        without_nulls(json!({
            "agent": agent,
            "environment_id": self.environment,
            "title": self.title,
            "budget": max_cost.map(|cost| json!({"type": "limit", "max_list_cost": cost})),
            "vault_ids": Some(&self.vault_ids).filter(|ids| !ids.is_empty()),
            "resources": Some(&self.resources).filter(|resources| !resources.is_empty()),
            "initial_events": self.initial_message.as_ref().map(|text| [user_message(text)]),
        }))
    }
}

/// A session (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// Opaque.
    pub id: String,
    /// `rescheduling`, `running`, `idle` or `terminated`; others may come.
    pub status: String,
    /// RFC 3339.
    #[serde(default)]
    pub archived_at: Option<String>,
}

/// Something that happened in a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The field `type`: `user.message`, `agent.message`, `agent.tool_use`, `agent.tool_result`,
    /// `session.status_idle` and so on.
    pub kind: String,
    /// Every field as it came, untrusted text included.
    raw: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Map::deserialize(deserializer)?;
        let kind = raw
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        Ok(Self { kind, raw })
    }
}

impl Event {
    /// All text blocks of `content`, joined. Untrusted: may hold control characters.
    #[must_use]
    pub fn text(&self) -> String {
        let blocks = self
            .raw
            .get("content")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        blocks
            .iter()
            .filter_map(|block| block.get("text")?.as_str())
            .collect()
    }

    /// A field as it came. Untrusted: may hold control characters.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.raw.get(name)
    }

    /// Why a `session.status_idle` stopped: `end_turn`, `requires_action`, `retries_exhausted`,
    /// `budget_reached` or `refusal`. The session object itself carries none (read in the SDK's
    /// types).
    #[must_use]
    pub fn stop_reason(&self) -> Option<&str> {
        let reason = self.raw.get("stop_reason")?;
        // `"end_turn"` or `{"type":"end_turn"}`.
        reason.get("type").unwrap_or(reason).as_str()
    }
}

impl Client {
    /// Starts a session, sent once. `POST /v1/sessions` (recorded).
    pub async fn create_session(&self, new: &NewSession) -> Result<Session, Error> {
        self.fetch_json(
            &Request::post(&["sessions"], iam::CREATE_SESSION)?
                .with_beta(MANAGED_AGENTS)
                .with_json(&new.body())?,
        )
        .await
    }

    /// One session. `GET /v1/sessions/{id}` (recorded).
    pub async fn get_session(&self, id: &str) -> Result<Session, Error> {
        let request = Request::get(&["sessions", id], iam::GET_SESSION)?.with_beta(MANAGED_AGENTS);
        let session: Session = self.fetch_json(&request).await?;
        check_id(&request, id, &session.id).map(|()| session)
    }

    /// Says something as the user, sent once. `POST /v1/sessions/{id}/events` (recorded).
    pub async fn send_message(&self, session: &str, text: &str) -> Result<(), Error> {
        let request = Request::post(&["sessions", session, "events"], iam::UPDATE_SESSION)?
            .with_beta(MANAGED_AGENTS);
        self.fetch_bytes(&request.with_json(&json!({"events": [user_message(text)]}))?)
            .await
            .map(drop)
    }

    /// Stops what the session is doing, sent once: a running session can be neither archived nor
    /// deleted. `POST /v1/sessions/{id}/events` (read in the SDK's types).
    pub async fn interrupt_session(&self, session: &str) -> Result<(), Error> {
        let request = Request::post(&["sessions", session, "events"], iam::UPDATE_SESSION)?
            .with_beta(MANAGED_AGENTS);
        self.fetch_bytes(&request.with_json(&json!({"events": [{"type": "user.interrupt"}]}))?)
            .await
            .map(drop)
    }

    /// All events, oldest first, which is the service's default order (documented).
    /// `GET /v1/sessions/{id}/events` (recorded).
    pub async fn list_events(&self, session: &str) -> Result<Vec<Event>, Error> {
        self.fetch_all(
            Request::get(&["sessions", session, "events"], iam::GET_SESSION)?
                .with_beta(MANAGED_AGENTS),
        )
        .await
    }

    /// Ends a session for good and keeps its events. `POST /v1/sessions/{id}/archive`, without a
    /// body (recorded).
    pub async fn archive_session(&self, id: &str) -> Result<Session, Error> {
        let request = Request::post(&["sessions", id, "archive"], iam::ARCHIVE_SESSION)?
            .with_beta(MANAGED_AGENTS);
        let session: Session = self.fetch_json(&request).await?;
        check_id(&request, id, &session.id).map(|()| session)
    }
}

fn user_message(text: &str) -> Value {
    json!({"type": "user.message", "content": [{"type": "text", "text": text}]})
}

/// Leaves out the fields that are not set.
fn without_nulls(mut body: Value) -> Value {
    if let Value::Object(fields) = &mut body {
        fields.retain(|_, value| !value.is_null());
    }
    body
}
