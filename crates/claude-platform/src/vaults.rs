//! Vaults that hold credentials for sessions: `/v1/vaults`, in beta (recorded).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{Client, Error, iam, json::or_default, request::Request};

/// A vault (read in the SDK's types).
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Vault {
    /// Opaque; `vlt_…`.
    pub id: String,
    /// For people; 1 to 255 characters.
    #[serde(default)]
    pub display_name: Option<String>,
    /// At most 16 pairs of text.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Map<String, Value>,
    /// RFC 3339; an archived vault holds no secrets any more, and no session can start with it
    /// (documented).
    #[serde(default)]
    pub archived_at: Option<String>,
}

impl Client {
    /// A new vault, sent once. `POST /v1/vaults` (recorded).
    pub async fn create_vault(
        &self,
        display_name: &str,
        metadata: &Map<String, Value>,
    ) -> Result<Vault, Error> {
        let body = json!({"display_name": display_name, "metadata": metadata});
        let request = Request::post(&["vaults"], iam::CREATE_VAULT)?;
        self.fetch_json(&request.with_json(&body)?).await
    }

    /// All vaults of the workspace but archived ones, newest first (read in the SDK's types).
    /// `GET /v1/vaults` (recorded).
    pub async fn list_vaults(&self) -> Result<Vec<Vault>, Error> {
        self.fetch_all(Request::get(&["vaults"], iam::LIST_VAULTS)?)
            .await
    }

    /// One vault, archived or not. `GET /v1/vaults/{id}` (recorded).
    pub async fn get_vault(&self, id: &str) -> Result<Vault, Error> {
        let request = Request::get(&["vaults", id], iam::GET_VAULT)?;
        self.fetch_object(&request, id).await
    }

    /// Purges a vault's secrets and closes it for new sessions, for good; running ones go on
    /// (documented). `POST /v1/vaults/{id}/archive`, without a body (recorded).
    pub async fn archive_vault(&self, id: &str) -> Result<Vault, Error> {
        let request = Request::post(&["vaults", id, "archive"], iam::ARCHIVE_VAULT)?;
        self.fetch_object(&request, id).await
    }

    /// Deletes a vault with its credentials. `DELETE /v1/vaults/{id}` (recorded).
    pub async fn delete_vault(&self, id: &str) -> Result<(), Error> {
        let request = Request::delete(&["vaults", id], iam::DELETE_VAULT)?;
        self.send_delete(&request, id).await
    }
}
