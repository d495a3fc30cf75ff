//! Sessions of an agent: `/v1/sessions`, in beta (recorded).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    Client, Error, Resource, SkillEntry,
    events::user_message,
    iam,
    json::{or_default, without_nulls},
    request::Request,
};

/// A sum at list prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// In minor units, a whole number as text without leading zeros: `100` is one US dollar (read
    /// in the SDK's types).
    pub amount: String,
    /// Such as `USD`.
    pub currency: String,
}

impl Cost {
    /// Writes the budget that ends a session at this sum (recorded).
    #[must_use]
    pub fn to_budget(&self) -> Value {
        json!({"type": "limit", "max_list_cost": self})
    }
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
    /// Replaces the agent's model in this session only; an effort in it is ignored (documented).
    pub model: Option<Value>,
    /// The environment's id.
    pub environment: String,
    /// For people; at most 80 characters (documented).
    pub title: Option<String>,
    /// At most 16 pairs of text.
    pub metadata: Map<String, Value>,
    /// Ends the session when it is reached; only a creation can set one.
    pub max_cost: Option<Cost>,
    /// Vaults whose credentials the session may use; only a creation can name them.
    pub vault_ids: Vec<String>,
    /// Mounts, such as `{"type":"file","file_id":…,"mount_path":…}`.
    pub resources: Vec<Value>,
    /// The user's first message.
    pub initial_message: Option<String>,
}

impl NewSession {
    /// Makes the request's body (recorded for all three forms of `agent`).
    fn body(&self) -> Value {
        let max_cost = self.max_cost.as_ref();
        without_nulls(json!({
            "agent": self.agent_body(),
            "environment_id": self.environment,
            "title": self.title,
            "metadata": Some(&self.metadata).filter(|metadata| !metadata.is_empty()),
            "budget": max_cost.map(Cost::to_budget),
            "vault_ids": Some(&self.vault_ids).filter(|ids| !ids.is_empty()),
            "resources": Some(&self.resources).filter(|resources| !resources.is_empty()),
            "initial_events": self.initial_message.as_ref().map(|text| [user_message(text)]),
        }))
    }

    fn agent_body(&self) -> Value {
        let overrides = self.skills.is_some() || self.model.is_some();
        if !overrides && self.agent_version.is_none() {
            return json!(self.agent);
        }
        without_nulls(json!({
            "type": if overrides { "agent_with_overrides" } else { "agent" },
            "id": self.agent,
            "version": self.agent_version,
            "skills": self.skills,
            "model": self.model,
        }))
    }
}

/// A session (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Session {
    /// Opaque; `sesn_…`.
    pub id: String,
    /// `rescheduling`, `running`, `idle` or `terminated`; others may come.
    pub status: String,
    /// The agent as it was when the session started, `id`, `version`, `model` and `skills`
    /// included; later changes of it never reach the session (documented).
    #[serde(default)]
    pub agent: Value,
    /// The environment's id.
    #[serde(default)]
    pub environment_id: Option<String>,
    /// For people.
    #[serde(default)]
    pub title: Option<String>,
    /// At most 16 pairs of text.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Map<String, Value>,
    /// The vaults' ids.
    #[serde(default, deserialize_with = "or_default")]
    pub vault_ids: Vec<String>,
    /// Mounts.
    #[serde(default, deserialize_with = "or_default")]
    pub resources: Vec<Resource>,
    /// The deployment that started it, if one did.
    #[serde(default)]
    pub deployment_id: Option<String>,
    /// Its use so far.
    #[serde(default, deserialize_with = "or_default")]
    pub usage: Usage,
    /// RFC 3339.
    #[serde(default)]
    pub created_at: Option<String>,
    /// RFC 3339.
    #[serde(default)]
    pub archived_at: Option<String>,
}

/// A session's use of the platform (read in the SDK's types).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Usage {
    /// All of it at list prices, as far as it is known.
    #[serde(default)]
    pub list_cost: Option<Cost>,
}

/// The sessions to list; all that are not archived, without further fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Of this agent only.
    pub agent: Option<String>,
    /// Of this deployment only.
    pub deployment: Option<String>,
    /// Of these statuses only.
    pub statuses: Vec<String>,
    /// Created at this time or later; RFC 3339.
    pub created_since: Option<String>,
    /// Archived ones, too.
    pub include_archived: bool,
}

impl Client {
    /// Starts a session, sent once. `POST /v1/sessions` (recorded).
    ///
    /// # Errors
    ///
    /// If it may have happened, list the sessions before sending again: there is
    /// no idempotency.
    pub async fn create_session(&self, new: &NewSession) -> Result<Session, Error> {
        let request = Request::post(&["sessions"], iam::CREATE_SESSION)?;
        self.fetch_json(&request.with_json(&new.body())?).await
    }

    /// All sessions that the filter lets through, newest first, which is the service's default
    /// order (documented). `GET /v1/sessions` (recorded; that 100 a page are allowed is assumed).
    pub async fn list_sessions(&self, filter: &SessionFilter) -> Result<Vec<Session>, Error> {
        self.find_sessions(filter, |_| true).await
    }

    /// Those of [`Self::list_sessions`] that are `wanted`, for what the service has no filter for,
    /// such as metadata. All are read, page by page.
    ///
    /// # Errors
    ///
    /// As [`Self::list_sessions`].
    pub async fn find_sessions(
        &self,
        filter: &SessionFilter,
        wanted: impl Fn(&Session) -> bool,
    ) -> Result<Vec<Session>, Error> {
        let mut request = Request::get(&["sessions"], iam::LIST_SESSIONS)?;
        let fields = [
            ("agent_id", &filter.agent),
            ("deployment_id", &filter.deployment),
            ("created_at%5Bgte%5D", &filter.created_since),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                request = request.with_query(name, value);
            }
        }
        for status in &filter.statuses {
            request = request.with_query("statuses%5B%5D", status);
        }
        if filter.include_archived {
            request = request.with_query("include_archived", "true");
        }
        self.fetch_up_to(request, wanted, |_| false).await
    }

    /// One session. `GET /v1/sessions/{id}` (recorded).
    pub async fn get_session(&self, id: &str) -> Result<Session, Error> {
        let request = Request::get(&["sessions", id], iam::GET_SESSION)?;
        self.fetch_object(&request, id).await
    }

    /// Changes a session's metadata, merged key by key, where null deletes; sent once.
    /// `POST /v1/sessions/{id}` (recorded).
    pub async fn update_session(
        &self,
        id: &str,
        metadata: &Map<String, Value>,
    ) -> Result<Session, Error> {
        let request = Request::post(&["sessions", id], iam::UPDATE_SESSION)?;
        self.fetch_object(&request.with_json(&json!({ "metadata": metadata }))?, id)
            .await
    }

    /// Ends a session for good and keeps its events; a running one is refused (documented).
    /// `POST /v1/sessions/{id}/archive`, without a body (recorded).
    pub async fn archive_session(&self, id: &str) -> Result<Session, Error> {
        let request = Request::post(&["sessions", id, "archive"], iam::ARCHIVE_SESSION)?;
        self.fetch_object(&request, id).await
    }

    /// Deletes a session with its events, its sandbox and the files that it made; a running one is
    /// refused (documented). `DELETE /v1/sessions/{id}` (recorded).
    pub async fn delete_session(&self, id: &str) -> Result<(), Error> {
        let request = Request::delete(&["sessions", id], iam::DELETE_SESSION)?;
        self.send_delete(&request, id).await
    }
}
