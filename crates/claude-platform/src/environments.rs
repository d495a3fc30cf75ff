//! Environments that sessions run in: `/v1/environments`, in beta (recorded).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Client, Error, iam, request::Request};

/// An environment (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Environment {
    /// Opaque; `env_…`.
    pub id: String,
    /// For people. Whether two may have the same is not established: a 409 is assumed possible.
    #[serde(default)]
    pub name: Option<String>,
    /// For people.
    #[serde(default)]
    pub description: Option<String>,
    /// Resolved: every default is written out.
    #[serde(default)]
    pub config: Value,
    /// At most 16 pairs of text.
    #[serde(default, deserialize_with = "crate::json::or_default")]
    pub metadata: Map<String, Value>,
    /// RFC 3339; an archived environment takes no new session (documented).
    #[serde(default)]
    pub archived_at: Option<String>,
}

/// Fields of an environment to create or to change; only those that are set are sent, and the
/// others are kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct EnvironmentFields {
    /// Creation needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `{"type":"cloud","networking":…,"packages":…}`. A change keeps what it leaves out, and
    /// replaces each list whole. Without `networking`, a new environment reaches every host
    /// (documented).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
    /// Merged key by key; null deletes.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

impl Client {
    /// A new environment, sent once. `POST /v1/environments` (recorded).
    pub async fn create_environment(
        &self,
        fields: &EnvironmentFields,
    ) -> Result<Environment, Error> {
        let request = Request::post(&["environments"], iam::CREATE_ENVIRONMENT)?;
        self.fetch_json(&request.with_json(fields)?).await
    }

    /// All environments of the workspace but archived ones, in no documented order.
    /// `GET /v1/environments` (recorded; that 100 a page are allowed is assumed).
    pub async fn list_environments(&self) -> Result<Vec<Environment>, Error> {
        self.fetch_all(Request::get(&["environments"], iam::LIST_ENVIRONMENTS)?)
            .await
    }

    /// One environment, archived or not. `GET /v1/environments/{id}` (recorded).
    pub async fn get_environment(&self, id: &str) -> Result<Environment, Error> {
        let request = Request::get(&["environments", id], iam::GET_ENVIRONMENT)?;
        self.fetch_object(&request, id).await
    }

    /// Changes an environment, sent once; there is no lock, and only later sandboxes see it
    /// (documented). `POST /v1/environments/{id}` (recorded).
    pub async fn update_environment(
        &self,
        id: &str,
        fields: &EnvironmentFields,
    ) -> Result<Environment, Error> {
        let request = Request::post(&["environments", id], iam::UPDATE_ENVIRONMENT)?;
        self.fetch_object(&request.with_json(fields)?, id).await
    }

    /// Closes an environment for new sessions, for good. `POST /v1/environments/{id}/archive`,
    /// without a body (recorded).
    pub async fn archive_environment(&self, id: &str) -> Result<Environment, Error> {
        let path = ["environments", id, "archive"];
        self.fetch_object(&Request::post(&path, iam::ARCHIVE_ENVIRONMENT)?, id)
            .await
    }

    /// Deletes an environment that no session refers to; others are refused (documented).
    /// `DELETE /v1/environments/{id}` (recorded).
    pub async fn delete_environment(&self, id: &str) -> Result<(), Error> {
        let request = Request::delete(&["environments", id], iam::DELETE_ENVIRONMENT)?;
        self.send_delete(&request, id).await
    }
}
