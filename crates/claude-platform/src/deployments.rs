//! Deployments, which start sessions by a schedule, and their runs: `/v1/deployments`, in beta
//! (recorded). On AWS there are IAM actions; that they are routed is assumed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Client, Error, iam, json::or_default, request::Request};

/// A deployment (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Deployment {
    /// Opaque; `depl_…`.
    pub id: String,
    /// `active` or `paused`; an archived one reads `active`.
    #[serde(default)]
    pub status: String,
    /// RFC 3339; archiving is final.
    #[serde(default)]
    pub archived_at: Option<String>,
    /// `{"type":"manual"}`, or `{"type":"error","error":…}` of what paused it; else null.
    #[serde(default)]
    pub paused_reason: Value,
    /// For people.
    #[serde(default)]
    pub name: Option<String>,
    /// `{"type":"agent","id":…,"version":…}`: the version is pinned, also where an id was given.
    #[serde(default)]
    pub agent: Value,
    /// The environment's id.
    #[serde(default)]
    pub environment_id: Option<String>,
    /// The events that each session starts with.
    #[serde(default, deserialize_with = "or_default")]
    pub initial_events: Vec<Value>,
    /// `{"type":"cron","expression":…,"timezone":…}`, with `upcoming_runs_at` and `last_run_at`;
    /// null for manual runs only.
    #[serde(default)]
    pub schedule: Value,
    /// The vaults' ids.
    #[serde(default, deserialize_with = "or_default")]
    pub vault_ids: Vec<String>,
    /// As of a session.
    #[serde(default, deserialize_with = "or_default")]
    pub resources: Vec<Value>,
    /// `{"type":"limit","max_list_cost":…}` or null.
    #[serde(default)]
    pub budget: Value,
    /// At most 16 pairs of text.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Map<String, Value>,
}

/// Fields of a deployment to create or to change; only those that are set are sent, and the others
/// are kept. Lists and the schedule are replaced whole; there is no lock.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeploymentFields {
    /// Creation needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An id, which pins the version that is current now, or `{"type":"agent","id":…,"version":…}`.
    /// Creation needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<Value>,
    /// Creation needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment_id: Option<String>,
    /// 1 to 50, such as [`user_message`](crate::user_message). Creation needs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_events: Option<Vec<Value>>,
    /// `{"type":"cron","expression":…,"timezone":…}`; null for manual runs only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Value>,
    /// At most 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vault_ids: Option<Vec<String>>,
    /// As of a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<Value>>,
    /// As [`Cost::to_budget`](crate::Cost::to_budget) writes it; null for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Value>,
    /// Merged key by key; null deletes.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
}

/// One run of a deployment; it says only whether its session was created (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DeploymentRun {
    /// Opaque; `drun_…`.
    pub id: String,
    /// The session that it started.
    #[serde(default)]
    pub session_id: Option<String>,
    /// `{"type":…}` of what prevented it, such as `agent_archived_error`; else null.
    #[serde(default)]
    pub error: Value,
    /// RFC 3339.
    #[serde(default)]
    pub created_at: Option<String>,
}

impl Client {
    /// A new deployment, sent once. `POST /v1/deployments` (recorded).
    pub async fn create_deployment(&self, fields: &DeploymentFields) -> Result<Deployment, Error> {
        let request = Request::post(&["deployments"], iam::CREATE_DEPLOYMENT)?;
        self.fetch_json(&request.with_json(fields)?).await
    }

    /// All deployments of the workspace but archived ones. `GET /v1/deployments` (recorded).
    pub async fn list_deployments(&self) -> Result<Vec<Deployment>, Error> {
        self.fetch_all(Request::get(&["deployments"], iam::LIST_DEPLOYMENTS)?)
            .await
    }

    /// One deployment, archived or not. `GET /v1/deployments/{id}` (recorded).
    pub async fn get_deployment(&self, id: &str) -> Result<Deployment, Error> {
        let request = Request::get(&["deployments", id], iam::GET_DEPLOYMENT)?;
        self.fetch_object(&request, id).await
    }

    /// Changes a deployment, sent once. `POST /v1/deployments/{id}` (recorded).
    pub async fn update_deployment(
        &self,
        id: &str,
        fields: &DeploymentFields,
    ) -> Result<Deployment, Error> {
        let request = Request::post(&["deployments", id], iam::UPDATE_DEPLOYMENT)?;
        self.fetch_object(&request.with_json(fields)?, id).await
    }

    /// Stops the schedule. `POST /v1/deployments/{id}/pause`, without a body (recorded).
    pub async fn pause_deployment(&self, id: &str) -> Result<Deployment, Error> {
        let request = Request::post(&["deployments", id, "pause"], iam::PAUSE_DEPLOYMENT)?;
        self.fetch_object(&request, id).await
    }

    /// Goes on with the schedule; what was missed is not made up for (documented).
    /// `POST /v1/deployments/{id}/unpause`, without a body (recorded).
    pub async fn unpause_deployment(&self, id: &str) -> Result<Deployment, Error> {
        let request = Request::post(&["deployments", id, "unpause"], iam::UNPAUSE_DEPLOYMENT)?;
        self.fetch_object(&request, id).await
    }

    /// Starts a session now, sent once. `POST /v1/deployments/{id}/run`, without a body (recorded).
    pub async fn run_deployment(&self, id: &str) -> Result<DeploymentRun, Error> {
        let request = Request::post(&["deployments", id, "run"], iam::RUN_DEPLOYMENT)?;
        self.fetch_json(&request).await
    }

    /// Ends a deployment for good. `POST /v1/deployments/{id}/archive`, without a body (recorded).
    pub async fn archive_deployment(&self, id: &str) -> Result<Deployment, Error> {
        let request = Request::post(&["deployments", id, "archive"], iam::ARCHIVE_DEPLOYMENT)?;
        self.fetch_object(&request, id).await
    }

    /// All runs of a deployment, in no documented order. `GET /v1/deployment_runs` (recorded).
    pub async fn list_deployment_runs(
        &self,
        deployment: &str,
    ) -> Result<Vec<DeploymentRun>, Error> {
        let request = Request::get(&["deployment_runs"], iam::GET_DEPLOYMENT)?;
        self.fetch_all(request.with_query("deployment_id", deployment))
            .await
    }
}
