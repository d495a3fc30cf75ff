//! A session's resources, such as mounted files: `/v1/sessions/{session}/resources`, in beta
//! (recorded).

use serde::Deserialize;
use serde_json::json;

use crate::{Client, Error, iam, request::Request};

/// A resource of a session (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Resource {
    /// Opaque; `sesrsc_…`.
    #[serde(default)]
    pub id: String,
    /// `file`, `github_repository` or `memory_store`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Of a file: the session's copy of it, or the upload itself (not established which).
    #[serde(default)]
    pub file_id: Option<String>,
    /// As it was asked for; the file lies below `/mnt/session/uploads` (documented).
    #[serde(default)]
    pub mount_path: Option<String>,
}

impl Client {
    /// All resources of a session. `GET /v1/sessions/{session}/resources` (recorded).
    pub async fn list_resources(&self, session: &str) -> Result<Vec<Resource>, Error> {
        let path = ["sessions", session, "resources"];
        self.fetch_all(Request::get(&path, iam::GET_SESSION)?).await
    }

    /// Mounts a file, sent once. Whether a sandbox that is there has it at once, and whether the
    /// path may be taken, is not established. `POST /v1/sessions/{session}/resources` (recorded).
    pub async fn add_resource(
        &self,
        session: &str,
        file: &str,
        mount_path: &str,
    ) -> Result<Resource, Error> {
        let body = json!({"type": "file", "file_id": file, "mount_path": mount_path});
        let path = ["sessions", session, "resources"];
        let request = Request::post(&path, iam::UPDATE_SESSION)?;
        self.fetch_json(&request.with_json(&body)?).await
    }

    /// Takes a resource away. `DELETE /v1/sessions/{session}/resources/{id}` (recorded).
    pub async fn delete_resource(&self, session: &str, id: &str) -> Result<(), Error> {
        let path = ["sessions", session, "resources", id];
        self.send_delete(&Request::delete(&path, iam::UPDATE_SESSION)?, id)
            .await
    }
}
